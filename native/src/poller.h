#pragma once

#include <napi.h>
#include <uv.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "failure.h"
#include "fd.h"

/** The kinds of descriptors in a poller. */
enum class Kind { process, stream, packets, timer };

struct Watched {
  Kind kind;
  uint32_t token;
  Fd fd;
  /** For a stream: bytes received but not handed on yet, and the largest frame that it may send. */
  std::string received;
  size_t maxFrame = 0;
  /** For a stream: bytes that the socket did not accept yet. */
  std::string unsent;
  bool waitsToSend = false;
};

/**
 * Waits for all events of processes and sockets and for a timer, in one epoll set, which Node's loop
 * watches as a single descriptor. It has no thread, because the loop's thread needs the events, and
 * waking it from another thread would take time.
 *
 * JavaScript is called with (kind, token, value): "exit" (code or -signal), "frame" or "packet" (text),
 * "closed", "oversized" (the announced length), "timer". A frame with a body has it as a fourth value.
 *
 * A process that floods its stream delays the others by one slice per round at most. A frame is judged
 * by its length word, and the text of one that is too long is never read.
 */
class Poller : public Napi::ObjectWrap<Poller> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit Poller(const Napi::CallbackInfo& info);
  ~Poller() override;

 private:
  Napi::Value watchProcess(const Napi::CallbackInfo& info);
  Napi::Value watchStream(const Napi::CallbackInfo& info);
  Napi::Value watchPackets(const Napi::CallbackInfo& info);
  Napi::Value send(const Napi::CallbackInfo& info);
  Napi::Value sendPacket(const Napi::CallbackInfo& info);
  Napi::Value requestFork(const Napi::CallbackInfo& info);
  Napi::Value hasUnread(const Napi::CallbackInfo& info);
  Napi::Value kill(const Napi::CallbackInfo& info);
  Napi::Value forget(const Napi::CallbackInfo& info);
  Napi::Value setTimer(const Napi::CallbackInfo& info);
  Napi::Value now(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  /** Calls the method, and turns a Failure into a JavaScript exception. */
  template <Napi::Value (Poller::*body)(const Napi::CallbackInfo&)>
  Napi::Value guardedMethod(const Napi::CallbackInfo& info) {
    try {
      return (this->*body)(info);
    } catch (const Failure& failure) {
      throw toError(info.Env(), failure);
    }
  }

  void add(Kind kind, uint32_t token, Fd fd, uint32_t events, size_t maxFrame);
  void setEvents(const Watched& watched, uint32_t events, int operation);
  Watched& find(uint64_t key, const char* step);
  void stop();
  void poll();
  void handle(uint64_t key, uint32_t events);
  void reap(uint64_t key);
  bool receiveFrames(uint64_t key);
  void handFramesOn(uint64_t key);
  void receivePacket(uint64_t key);
  void flush(Watched& watched);
  void tellFrame(uint32_t token, const char* frame, size_t length);
  template <typename Told>
  void tell(const char* kind, uint32_t token, const Told& value);
  void call(const std::initializer_list<napi_value>& arguments);

  Fd epoll_;
  Fd timer_;
  /** By kind and token, because a process and a stream may have the same token. */
  std::unordered_map<uint64_t, Watched> watched_;
  /** Deleted in libuv's close callback, which may run after this object is gone. */
  uv_poll_t* handle_;
  Napi::FunctionReference callback_;
  Napi::AsyncContext context_;
};
