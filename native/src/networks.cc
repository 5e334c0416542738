// Makes network namespaces ahead of need: making one is slow, and removing one holds a lock of the whole
// machine for even longer, but joining one is fast. man 7 network_namespaces.
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <optional>
#include <thread>

#include "failure.h"
#include "fd.h"
#include "mechanisms.h"

namespace {

void raiseLoopback() {
  Fd any(check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
  struct ifreq request = {};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  check(ioctl(any.get(), SIOCSIFFLAGS, &request), "raise loopback");
}

/** Frees ports at once when a connection ends, so that the namespace's next user can bind them. */
void forgetEndedConnections() {
  static const char* path = "/proc/sys/net/ipv4/tcp_max_tw_buckets";
  Fd setting(check(open(path, O_WRONLY | O_CLOEXEC), "open", path));
  check(write(setting.get(), "0", 1), "write", path);
}

int makeHere(bool hasLoopback) {
  check(unshare(CLONE_NEWNET), "unshare network");
  if (hasLoopback) raiseLoopback();
  forgetEndedConnections();
  return check(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "open network namespace");
}

}  // namespace

/** makeNetwork(hasLoopback): descriptor of a new network namespace without a route to the outside. */
Napi::Value makeNetwork(const Napi::CallbackInfo& info) {
  bool hasLoopback = info[0].As<Napi::Boolean>();
  int network = -1;
  std::optional<Failure> failure;
  // A new thread enters the namespace, because a thread that is used again would have to leave it.
  std::thread([&] {
    try {
      network = makeHere(hasLoopback);
    } catch (const Failure& failed) {
      failure = failed;
    }
  }).join();
  if (failure.has_value()) throw *failure;
  return Napi::Number::New(info.Env(), network);
}
