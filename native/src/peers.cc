// Finds the user at the other end of a TCP connection. A TCP socket does not report the credentials of
// its peer (SO_PEERCRED is for Unix sockets), but if the peer is on this machine, the kernel knows the
// user who made its socket. man 7 sock_diag, rtnetlink.
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>

#include "failure.h"
#include "fd.h"
#include "mechanisms.h"

namespace {

/** What `peerOwner` returns instead of a user; src/real/host/native.ts explains these values. */
constexpr double ANOTHER_MACHINE = -1;
constexpr double NOBODY = -2;

struct Address {
  uint8_t family;
  uint16_t port;
  uint32_t interface;
  uint32_t words[4];
};

Address toAddress(const struct sockaddr_storage& from) {
  Address address = {};
  address.family = static_cast<uint8_t>(from.ss_family);
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const struct sockaddr_in&>(from);
    address.port = v4.sin_port;
    memcpy(address.words, &v4.sin_addr, sizeof v4.sin_addr);
  } else if (from.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const struct sockaddr_in6&>(from);
    address.port = v6.sin6_port;
    address.interface = v6.sin6_scope_id;
    memcpy(address.words, &v6.sin6_addr, sizeof v6.sin6_addr);
  }
  // The address of an IPv4 client of a dual-stack server is mapped; its own socket has the plain one.
  if (address.family == AF_INET6 && address.words[0] == 0 && address.words[1] == 0 &&
      address.words[2] == htonl(0xffff)) {
    address.family = AF_INET;
    address.words[0] = address.words[3];
    memset(address.words + 1, 0, sizeof address.words - sizeof *address.words);
  }
  return address;
}

using Naming = int (*)(int, struct sockaddr*, socklen_t*);

Address nameOf(int fd, Naming naming) {
  struct sockaddr_storage name = {};
  socklen_t length = sizeof name;
  check(naming(fd, reinterpret_cast<struct sockaddr*>(&name), &length), "name of a connection");
  return toAddress(name);
}

/** Asks the kernel one question. True if its answer is not an error and has at least `least` bytes. */
template <typename Question, size_t Size>
bool ask(int protocol, Question& question, char (&answer)[Size], size_t least) {
  Fd kernel(check(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), "socket, netlink"));
  check(send(kernel.get(), &question, sizeof question, 0), "ask, netlink");
  ssize_t got = check(recv(kernel.get(), answer, Size, 0), "answer, netlink");
  const auto* header = reinterpret_cast<const struct nlmsghdr*>(answer);
  return static_cast<size_t>(got) >= NLMSG_LENGTH(least) && header->nlmsg_type != NLMSG_ERROR;
}

/** The user of the socket at `here` that is connected to `there`; NOBODY if no process has it open. */
double ownerOf(const Address& here, const Address& there) {
  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
  } question = {};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.body.sdiag_family = here.family;
  question.body.sdiag_protocol = IPPROTO_TCP;
  question.body.idiag_states = ~0u;
  struct inet_diag_sockid& id = question.body.id;
  id.idiag_sport = here.port;
  id.idiag_dport = there.port;
  memcpy(id.idiag_src, here.words, sizeof here.words);
  memcpy(id.idiag_dst, there.words, sizeof there.words);
  id.idiag_if = here.interface;
  id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  alignas(struct nlmsghdr) char answer[8192];
  if (!ask(NETLINK_SOCK_DIAG, question, answer, sizeof(struct inet_diag_msg))) return NOBODY;
  const auto* found = static_cast<const struct inet_diag_msg*>(
      NLMSG_DATA(reinterpret_cast<struct nlmsghdr*>(answer)));
  // If there is no such connection, the kernel returns a listening socket; a closed one has no inode.
  if (found->idiag_state == TCP_LISTEN || found->idiag_inode == 0) return NOBODY;
  return found->idiag_uid;
}

/** Whether the address belongs to this machine, according to its local routing table. */
bool isOwn(const Address& address) {
  struct {
    struct nlmsghdr header;
    struct rtmsg body;
    struct rtattr attribute;
    uint32_t words[4];
  } question = {};
  size_t bytes = address.family == AF_INET ? 4 : 16;
  question.header.nlmsg_len = static_cast<uint32_t>(offsetof(decltype(question), words) + bytes);
  question.header.nlmsg_type = RTM_GETROUTE;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.body.rtm_family = address.family;
  question.body.rtm_dst_len = static_cast<uint8_t>(bytes * 8);
  question.attribute.rta_type = RTA_DST;
  question.attribute.rta_len = static_cast<uint16_t>(RTA_LENGTH(bytes));
  memcpy(question.words, address.words, bytes);
  alignas(struct nlmsghdr) char answer[8192];
  if (!ask(NETLINK_ROUTE, question, answer, sizeof(struct rtmsg))) return false;
  const auto* route = static_cast<const struct rtmsg*>(
      NLMSG_DATA(reinterpret_cast<struct nlmsghdr*>(answer)));
  return route->rtm_type == RTN_LOCAL;
}

/** Whether the connection is still open, so that its address cannot belong to a later socket. */
bool stands(int fd) {
  struct tcp_info info = {};
  socklen_t length = sizeof info;
  check(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length), "state of a connection");
  return info.tcpi_state == TCP_ESTABLISHED || info.tcpi_state == TCP_CLOSE_WAIT;
}

}  // namespace

/** peerOwner(fd): the user at the other end of an accepted TCP connection, or a negative number. */
Napi::Value peerOwner(const Napi::CallbackInfo& info) {
  int fd = info[0].As<Napi::Number>();
  Address here = nameOf(fd, getsockname);
  Address there = nameOf(fd, getpeername);
  double owner = ownerOf(there, here);
  if (owner == NOBODY && !isOwn(there)) owner = ANOTHER_MACHINE;
  if (owner >= 0 && !stands(fd)) owner = NOBODY;
  return Napi::Number::New(info.Env(), owner);
}
