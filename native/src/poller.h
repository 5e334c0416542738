#pragma once

#include <napi.h>
#include <uv.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "failure.h"
#include "fd.h"

/** What a descriptor in the poller is. */
enum class Kind { process, stream, packets, timer };

struct Watched {
  Kind kind;
  uint32_t token;
  Fd fd;
  /** Of a stream: bytes received and not yet handed on, and the largest frame it may send. */
  std::string received;
  size_t maxFrame = 0;
  /** Of a stream: bytes that did not fit the socket yet. */
  std::string unsent;
  bool waitsToSend = false;
};

/**
 * Waits for all that happens outside: one epoll set of process descriptors, sockets and a timer, that
 * Node's own loop watches as a single descriptor. No thread: the loop's thread is the one that needs
 * the news, and a wake-up of another thread costs 20 us.
 *
 * JavaScript is called with (kind, token, value):
 * "exit" (code or -signal), "frame"/"packet" (text), "closed", "oversized" (the length that was announced), "timer".
 *
 * One that floods its stream costs the others one slice: a frame is judged by its length word, the text
 * of one that is too long is never read, and each stream has one slice read per round of news.
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
  Napi::Value kill(const Napi::CallbackInfo& info);
  Napi::Value forget(const Napi::CallbackInfo& info);
  Napi::Value setTimer(const Napi::CallbackInfo& info);
  Napi::Value now(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  /** The same method, its Failures turned into JavaScript exceptions. */
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
  void receiveFrames(uint64_t key);
  void handFramesOn(uint64_t key);
  void receivePacket(uint64_t key);
  void flush(Watched& watched);
  template <typename Told>
  void tell(const char* kind, uint32_t token, const Told& value);

  Fd epoll_;
  Fd timer_;
  /** By kind and token: a process and a stream may share a token. */
  std::unordered_map<uint64_t, Watched> watched_;
  /** Closed by libuv's own callback, which may come after this object is gone. */
  uv_poll_t* handle_;
  Napi::FunctionReference callback_;
  Napi::AsyncContext context_;
};
