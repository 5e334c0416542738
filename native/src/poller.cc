#include "poller.h"

#include <linux/sched.h>
#include <linux/sockios.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "../guest/fork-request.h"
#include "mechanisms.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

namespace {

/**
 * A frame is its length in bytes, as a little-endian word of this size, and then a line of text. A body of
 * any bytes may follow the line, after a line feed.
 */
constexpr size_t LENGTH_BYTES = 4;
/** The most bytes that are read from one stream before the other streams get their turn. */
constexpr size_t SLICE_BYTES = 65536;
constexpr double US_PER_SECOND = 1e6;
constexpr int BATCH = 64;
/** The most that is received of a process that has ended: 4 MiB. */
constexpr int MOST_LAST_SLICES = 64;

uint64_t keyOf(Kind kind, uint32_t token) {
  return static_cast<uint64_t>(kind) << 32 | token;
}

double monotonicUs() {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * US_PER_SECOND +
         static_cast<double>(time.tv_nsec / 1000);
}

void appendLength(std::string& to, size_t length) {
  for (size_t i = 0; i < LENGTH_BYTES; i++) to.push_back(static_cast<char>(length >> (8 * i)));
}

size_t readLength(const char* word) {
  size_t length = 0;
  for (size_t i = 0; i < LENGTH_BYTES; i++) {
    length |= static_cast<size_t>(static_cast<unsigned char>(word[i])) << (8 * i);
  }
  return length;
}

uint32_t tokenOf(const Napi::CallbackInfo& info) { return info[0].As<Napi::Number>(); }

/** Sends one packet with descriptors; throws if the receiver is gone or its queue is full. */
std::vector<int> numbersOf(const Napi::Value& value) {
  Napi::Array array = value.As<Napi::Array>();
  std::vector<int> numbers;
  for (uint32_t i = 0; i < array.Length(); i++) numbers.push_back(array.Get(i).As<Napi::Number>());
  return numbers;
}

void sendWithRights(int socket, const void* data, size_t size, const std::vector<int>& fds) {
  alignas(struct cmsghdr) char box[CMSG_SPACE(sizeof(int) * MAX_REQUEST_FDS)] = {};
  struct iovec part = {const_cast<void*>(data), size};
  struct msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = box;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
    struct cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
    memcpy(CMSG_DATA(rights), fds.data(), sizeof(int) * fds.size());
  }
  check(sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL), "send to Zygote");
}

}  // namespace

Napi::Function Poller::define(Napi::Env env) {
#define METHOD(name) InstanceMethod<&Poller::guardedMethod<&Poller::name>>(#name)
  return DefineClass(env, "Poller",
                     {METHOD(watchProcess), METHOD(watchStream), METHOD(watchPackets), METHOD(send),
                      METHOD(sendPacket), METHOD(requestFork), METHOD(hasUnread), METHOD(kill), METHOD(forget),
                      METHOD(setTimer), METHOD(now), METHOD(close)});
#undef METHOD
}

void definePoller(Napi::Env env, Napi::Object exports) {
  exports.Set("Poller", Poller::define(env));
}

Poller::Poller(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<Poller>(info),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      handle_(new uv_poll_t),
      callback_(Napi::Persistent(info[0].As<Napi::Function>())),
      context_(info.Env(), "socklab.Poller") {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(info.Env(), &loop);
  uv_poll_init(loop, handle_, epoll_.get());
  handle_->data = this;
  uv_poll_start(handle_, UV_READABLE, [](uv_poll_t* handle, int, int) {
    static_cast<Poller*>(handle->data)->poll();
  });
  add(Kind::timer, 0, Fd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)), EPOLLIN, 0);
}

Poller::~Poller() { stop(); }

void Poller::stop() {
  if (handle_ == nullptr) return;
  uv_poll_stop(handle_);
  uv_close(reinterpret_cast<uv_handle_t*>(handle_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
  handle_ = nullptr;
  watched_.clear();
}

// --------------------------------------------------------------------------- calls from JavaScript

/** watchProcess(token, pid) */
Napi::Value Poller::watchProcess(const Napi::CallbackInfo& info) {
  pid_t pid = info[1].As<Napi::Number>();
  // The child is not reaped before it is waited for here, so its process id is still valid.
  Fd fd(check(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)), "pidfd_open", std::to_string(pid)));
  // The id may be wrong: a process that is not a child is neither waited for nor killed.
  siginfo_t state = {};
  check(waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(fd.get()), &state,
               WEXITED | WNOHANG | WNOWAIT | __WALL),
        "wait for child", std::to_string(pid));
  add(Kind::process, tokenOf(info), std::move(fd), EPOLLIN, 0);
  return info.Env().Undefined();
}

/** watchStream(token, fd, maxFrameBytes): takes over the descriptor. */
Napi::Value Poller::watchStream(const Napi::CallbackInfo& info) {
  add(Kind::stream, tokenOf(info), Fd(info[1].As<Napi::Number>()), EPOLLIN,
      info[2].As<Napi::Number>().Uint32Value());
  return info.Env().Undefined();
}

/** watchPackets(token, fd): takes over the descriptor. */
Napi::Value Poller::watchPackets(const Napi::CallbackInfo& info) {
  add(Kind::packets, tokenOf(info), Fd(info[1].As<Napi::Number>()), EPOLLIN, 0);
  return info.Env().Undefined();
}

/** send(token, text, body?): sends one frame on a stream. Bytes that the socket does not accept now follow later. */
Napi::Value Poller::send(const Napi::CallbackInfo& info) {
  Watched& stream = find(keyOf(Kind::stream, tokenOf(info)), "send");
  std::string text = info[1].As<Napi::String>();
  const bool hasBody = info[2].IsTypedArray();
  const auto body = hasBody ? info[2].As<Napi::Uint8Array>() : Napi::Uint8Array();
  const size_t size = text.size() + (hasBody ? 1 + body.ByteLength() : 0);
  if (size > UINT32_MAX) throw Failure{"send", "a frame", EMSGSIZE};
  appendLength(stream.unsent, size);
  stream.unsent.append(text);
  if (hasBody) {
    stream.unsent.push_back('\n');
    stream.unsent.append(reinterpret_cast<const char*>(body.Data()), body.ByteLength());
  }
  flush(stream);
  return info.Env().Undefined();
}

/** sendPacket(token, text) */
Napi::Value Poller::sendPacket(const Napi::CallbackInfo& info) {
  std::string text = info[1].As<Napi::String>();
  sendWithRights(find(keyOf(Kind::packets, tokenOf(info)), "send packet").fd.get(), text.data(),
                 text.size(), {});
  return info.Env().Undefined();
}

/**
 * requestFork(token, childToken, flags, uid, kind, without, hasNetwork, hasThreads, fds, files): asks a
 * Zygote for a child. The last descriptors are those of `files`, the numbers that they get in the child.
 */
Napi::Value Poller::requestFork(const Napi::CallbackInfo& info) {
  struct fork_request request = {};
  request.token = info[1].As<Napi::Number>();
  request.flags = static_cast<uint64_t>(info[2].As<Napi::Number>().Int64Value());
  request.uid = request.gid = info[3].As<Napi::Number>();
  request.kind = info[4].As<Napi::Number>();
  request.without = info[5].As<Napi::Number>();
  request.hasNetwork = info[6].As<Napi::Boolean>().Value();
  request.hasThreads = info[7].As<Napi::Boolean>().Value();
  std::vector<int> fds = numbersOf(info[8]);
  std::vector<int> files = numbersOf(info[9]);
  if (files.size() > MAX_FILES || fds.size() > MAX_REQUEST_FDS) {
    throw Napi::RangeError::New(info.Env(), "a fork request has too many descriptors");
  }
  request.fileCount = static_cast<uint32_t>(files.size());
  std::copy(files.begin(), files.end(), request.files);
  sendWithRights(find(keyOf(Kind::packets, tokenOf(info)), "request fork").fd.get(), &request,
                 sizeof request, fds);
  return info.Env().Undefined();
}

/** hasUnread(token): whether the other end of a stream has not read everything that was sent. */
Napi::Value Poller::hasUnread(const Napi::CallbackInfo& info) {
  auto found = watched_.find(keyOf(Kind::stream, tokenOf(info)));
  if (found == watched_.end()) return Napi::Boolean::New(info.Env(), false);
  int bytes = 0;
  check(ioctl(found->second.fd.get(), SIOCOUTQ, &bytes), "ask for unread bytes");
  return Napi::Boolean::New(info.Env(), bytes > 0);
}

/** kill(token, signal): sends the signal; true if the process still existed. */
Napi::Value Poller::kill(const Napi::CallbackInfo& info) {
  auto found = watched_.find(keyOf(Kind::process, tokenOf(info)));
  if (found == watched_.end()) return Napi::Boolean::New(info.Env(), false);
  int signal = info[1].As<Napi::Number>();
  long result = syscall(SYS_pidfd_send_signal, found->second.fd.get(), signal, nullptr, 0);
  if (result != 0 && errno != ESRCH) check(result, "pidfd_send_signal");
  return Napi::Boolean::New(info.Env(), result == 0);
}

/** forget(token): closes a stream or packet socket. Processes are forgotten when they exit. */
Napi::Value Poller::forget(const Napi::CallbackInfo& info) {
  watched_.erase(keyOf(Kind::stream, tokenOf(info)));
  watched_.erase(keyOf(Kind::packets, tokenOf(info)));
  return info.Env().Undefined();
}

/** setTimer(atUs): sets the only timer, on CLOCK_MONOTONIC; 0 stops it. */
Napi::Value Poller::setTimer(const Napi::CallbackInfo& info) {
  int64_t us = info[0].As<Napi::Number>().Int64Value();
  struct itimerspec at = {};
  at.it_value.tv_sec = us / 1000000;
  at.it_value.tv_nsec = us % 1000000 * 1000;
  check(timerfd_settime(find(keyOf(Kind::timer, 0), "set timer").fd.get(), TFD_TIMER_ABSTIME, &at,
                        nullptr),
        "timerfd_settime");
  return info.Env().Undefined();
}

/** now(): CLOCK_MONOTONIC in whole microseconds. */
Napi::Value Poller::now(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), monotonicUs());
}

Napi::Value Poller::close(const Napi::CallbackInfo& info) {
  stop();
  return info.Env().Undefined();
}

// ----------------------------------------------------------------------------- watched descriptors

void Poller::add(Kind kind, uint32_t token, Fd fd, uint32_t events, size_t maxFrame) {
  uint64_t key = keyOf(kind, token);
  Watched& watched = watched_[key];
  watched.kind = kind;
  watched.token = token;
  watched.fd = std::move(fd);
  watched.maxFrame = maxFrame;
  setEvents(watched, events, EPOLL_CTL_ADD);
}

void Poller::setEvents(const Watched& watched, uint32_t events, int operation) {
  struct epoll_event event = {};
  event.events = events;
  event.data.u64 = keyOf(watched.kind, watched.token);
  check(epoll_ctl(epoll_.get(), operation, watched.fd.get(), &event), "epoll_ctl");
}

Watched& Poller::find(uint64_t key, const char* step) {
  auto found = watched_.find(key);
  if (found == watched_.end()) throw Failure{step, "", EBADF};
  return found->second;
}

void Poller::flush(Watched& stream) {
  ssize_t sent = ::send(stream.fd.get(), stream.unsent.data(), stream.unsent.size(),
                        MSG_DONTWAIT | MSG_NOSIGNAL);
  bool isGone = sent < 0 && errno != EAGAIN && errno != EINTR;
  if (isGone) stream.unsent.clear();  // Its "closed" will follow.
  if (sent > 0) stream.unsent.erase(0, static_cast<size_t>(sent));
  bool waits = !stream.unsent.empty();
  if (waits != stream.waitsToSend) {
    stream.waitsToSend = waits;
    setEvents(stream, waits ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
  }
}

// ----------------------------------------------------------------------------- calls to JavaScript

void Poller::poll() {
  std::array<struct epoll_event, BATCH> events;
  int count = epoll_wait(epoll_.get(), events.data(), BATCH, 0);
  for (int i = 0; i < count && handle_ != nullptr; i++) handle(events[i].data.u64, events[i].events);
}

void Poller::handle(uint64_t key, uint32_t events) {
  auto found = watched_.find(key);
  if (found == watched_.end()) return;  // Forgotten while an earlier event of this batch was handled.
  Watched& watched = found->second;
  switch (watched.kind) {
    case Kind::process:
      return reap(key);
    case Kind::packets:
      return receivePacket(key);
    case Kind::stream:
      if (events & EPOLLOUT) flush(watched);
      if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) (void)receiveFrames(key);
      return;
    case Kind::timer: {
      uint64_t expirations;
      if (read(watched.fd.get(), &expirations, sizeof expirations) > 0) tell("timer", 0, 0);
      return;
    }
  }
}

void Poller::reap(uint64_t key) {
  Watched& process = watched_[key];
  siginfo_t ended = {};
  if (waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(process.fd.get()), &ended,
             WEXITED | WNOHANG | __WALL) == 0 &&
      ended.si_pid == 0) {
    return;  // It has not ended.
  }
  uint32_t token = process.token;
  watched_.erase(key);
  // What it sent before its end is handed on before its end. The number is bounded, because a child that it
  // left behind may go on sending.
  uint64_t stream = keyOf(Kind::stream, token);
  for (int slice = 0; slice < MOST_LAST_SLICES && watched_.count(stream) > 0; slice++) {
    if (!receiveFrames(stream)) break;
  }
  tell("exit", token, ended.si_code == CLD_EXITED ? ended.si_status : -ended.si_status);
}

/** Returns false if there was nothing to receive. */
bool Poller::receiveFrames(uint64_t key) {
  Watched& stream = watched_[key];
  std::array<char, SLICE_BYTES> slice;
  ssize_t got = recv(stream.fd.get(), slice.data(), slice.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    uint32_t token = stream.token;
    watched_.erase(key);
    tell("closed", token, 0);
    return true;
  }
  stream.received.append(slice.data(), static_cast<size_t>(got));
  handFramesOn(key);
  return true;
}

void Poller::handFramesOn(uint64_t key) {
  Watched& stream = watched_[key];
  const uint32_t token = stream.token;
  const size_t maxFrame = stream.maxFrame;
  // Moved out of the stream meanwhile, because the callback may forget the stream.
  std::string received = std::move(stream.received);
  size_t start = 0;
  while (received.size() - start >= LENGTH_BYTES) {
    const size_t length = readLength(received.data() + start);
    if (length > maxFrame) {
      watched_.erase(key);
      return tell("oversized", token, length);
    }
    if (received.size() - start - LENGTH_BYTES < length) break;
    tellFrame(token, received.data() + start + LENGTH_BYTES, length);
    if (watched_.find(key) == watched_.end()) return;
    start += LENGTH_BYTES + length;
  }
  received.erase(0, start);
  watched_[key].received = std::move(received);
}

void Poller::receivePacket(uint64_t key) {
  Watched& socket = watched_[key];
  std::array<char, 65536> buffer;
  ssize_t got = recv(socket.fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  uint32_t token = socket.token;
  if (got <= 0) {
    watched_.erase(key);
    return tell("closed", token, 0);
  }
  tell("packet", token, std::string(buffer.data(), static_cast<size_t>(got)));
}

void Poller::tellFrame(uint32_t token, const char* frame, size_t length) {
  Napi::Env env = Env();
  Napi::HandleScope scope(env);
  const void* end = memchr(frame, '\n', length);
  const size_t line = end == nullptr ? length : static_cast<const char*>(end) - frame;
  const Napi::Value body =
      end == nullptr ? env.Undefined()
                     : Napi::Buffer<char>::Copy(env, frame + line + 1, length - line - 1);
  call({Napi::String::New(env, "frame"), Napi::Number::New(env, token),
        Napi::String::New(env, frame, line), body});
}

template <typename Told>
void Poller::tell(const char* kind, uint32_t token, const Told& value) {
  Napi::Env env = Env();
  Napi::HandleScope scope(env);
  call({Napi::String::New(env, kind), Napi::Number::New(env, token), Napi::Value::From(env, value)});
}

void Poller::call(const std::initializer_list<napi_value>& arguments) {
  try {
    callback_.MakeCallback(Env().Global(), arguments, context_);
  } catch (const Napi::Error& error) {
    napi_fatal_exception(Env(), error.Value());
  }
}
