// Forbids some users to connect to some addresses, with two programs for the kernel (man 2 bpf), one for
// IPv4 and one for IPv6, which run at every connect() of the processes in a cgroup. They refuse in this
// process's network namespace only, because other namespaces have other addresses. They do not depend on
// the machine's routes and addresses. They last as long as the descriptors of their links are open, so
// they are gone when this process ends, in whatever way it ends.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/mount.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

#include "failure.h"
#include "fd.h"
#include "mechanisms.h"

namespace {

constexpr char LICENSE[] = "Apache-2.0";
constexpr int REFUSE = 0;
constexpr int ALLOW = 1;
constexpr size_t MAPPED_BITS = 96;

/** The first bits of an address, as words and masks of IPv6. An IPv4 address is mapped to IPv6. */
struct Prefix {
  std::array<uint32_t, 4> words;
  std::array<uint32_t, 4> masks;
  bool isMapped;
};

struct Plan {
  /** The network namespace of this process; 0 if the kernel does not number them (before Linux 5.14). */
  uint64_t namespaceCookie;
  uint32_t firstUid;
  uint32_t lastUid;
  uint16_t openPort;
  std::vector<Prefix> prefixes;
};

Prefix readPrefix(const std::string& text, size_t bits) {
  Prefix prefix = {};
  prefix.isMapped = text.find(':') == std::string::npos;
  prefix.words[2] = htonl(prefix.isMapped ? 0xffff : 0);
  void* to = prefix.isMapped ? &prefix.words[3] : &prefix.words[0];
  if (inet_pton(prefix.isMapped ? AF_INET : AF_INET6, text.c_str(), to) != 1) {
    throw Failure{"read address", text, EINVAL};
  }
  if (prefix.isMapped) bits += MAPPED_BITS;
  for (size_t word = 0; word < 4; word++) {
    const size_t counted = bits <= 32 * word ? 0 : std::min<size_t>(32, bits - 32 * word);
    const uint64_t mask = ~uint64_t{0} << (32 - counted);
    prefix.masks[word] = htonl(static_cast<uint32_t>(mask));
  }
  return prefix;
}

/** The number of this process's network namespace; 0 if the kernel does not number them. */
uint64_t ownNamespace() {
  Fd any(check(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  return getsockopt(any.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0 ? cookie : 0;
}

Plan readPlan(const Napi::Object& object) {
  const auto number = [&](const char* name) {
    return object.Get(name).As<Napi::Number>().Uint32Value();
  };
  Plan plan = {ownNamespace(), number("firstUid"), number("lastUid"),
               static_cast<uint16_t>(number("openPort")), {}};
  Napi::Array prefixes = object.Get("prefixes").As<Napi::Array>();
  for (uint32_t i = 0; i < prefixes.Length(); i++) {
    Napi::Object each = prefixes.Get(i).As<Napi::Object>();
    plan.prefixes.push_back(readPrefix(each.Get("address").As<Napi::String>(),
                                       each.Get("bits").As<Napi::Number>().Uint32Value()));
  }
  return plan;
}

/** Instructions of a program in which every branch leads to the next check or to an answer. */
class Program {
 public:
  void add(uint8_t code, uint8_t to, uint8_t from, int16_t offset, uint32_t value) {
    struct bpf_insn instruction = {};
    instruction.code = code;
    instruction.dst_reg = to & 0xf;
    instruction.src_reg = from & 0xf;
    instruction.off = offset;
    instruction.imm = static_cast<int32_t>(value);
    instructions_.push_back(instruction);
  }

  void answer(int what) {
    add(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, static_cast<uint32_t>(what));
    add(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
  }

  /** Loads a field of the target address into register 2. */
  void load(size_t offset) {
    add(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_6, static_cast<int16_t>(offset), 0);
  }

  /** Answers ALLOW if the connection is in another network namespace than this process. */
  void allowElsewhere(uint64_t namespaceCookie) {
    add(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_6, 0, 0);
    add(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_netns_cookie);
    add(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, 0, 0, static_cast<uint32_t>(namespaceCookie));
    add(0, 0, 0, 0, static_cast<uint32_t>(namespaceCookie >> 32));
    add(BPF_JMP | BPF_JEQ | BPF_X, BPF_REG_0, BPF_REG_2, 2, 0);  // skips the answer
    answer(ALLOW);
  }

  /** Answers ALLOW if the 32-bit comparison of register 2 with the value is true. */
  void allowIf(uint8_t comparison, uint32_t value) {
    // If true, this skips the jump and gives the answer; if false, the jump skips the answer.
    add(BPF_JMP32 | comparison | BPF_K, BPF_REG_2, 0, 1, value);
    add(BPF_JMP | BPF_JA, 0, 0, 2, 0);
    answer(ALLOW);
  }

  const std::vector<struct bpf_insn>& instructions() const { return instructions_; }

 private:
  std::vector<struct bpf_insn> instructions_;
};

/** Answers REFUSE if the words at `offset` begin with the prefix. */
void refuse(Program& program, const Prefix& prefix, size_t firstWord, size_t offset) {
  std::vector<size_t> words;
  for (size_t word = firstWord; word < 4; word++) {
    if (prefix.masks[word] != 0) words.push_back(word);
  }
  constexpr int perWord = 3;
  for (size_t i = 0; i < words.size(); i++) {
    const size_t word = words[i];
    program.load(offset + 4 * (word - firstWord));
    program.add(BPF_ALU | BPF_AND | BPF_K, BPF_REG_2, 0, 0, prefix.masks[word]);
    const size_t left = perWord * (words.size() - 1 - i) + 2;  // the answer has two
    program.add(BPF_JMP32 | BPF_JNE | BPF_K, BPF_REG_2, 0, static_cast<int16_t>(left),
                prefix.words[word] & prefix.masks[word]);
  }
  program.answer(REFUSE);
}

Program write(const Plan& plan, bool isV4) {
  Program program;
  program.add(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0);
  program.add(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_uid_gid);
  program.add(BPF_ALU | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_0, 0, 0);  // the user, without the group
  program.allowIf(BPF_JLT, plan.firstUid);
  program.allowIf(BPF_JGT, plan.lastUid);
  if (plan.namespaceCookie != 0) program.allowElsewhere(plan.namespaceCookie);
  program.load(offsetof(struct bpf_sock_addr, protocol));
  program.allowIf(BPF_JEQ, IPPROTO_UDP);
  program.load(offsetof(struct bpf_sock_addr, user_port));
  program.allowIf(BPF_JEQ, htons(plan.openPort));
  for (const Prefix& prefix : plan.prefixes) {
    if (isV4 && prefix.isMapped) {
      refuse(program, prefix, 3, offsetof(struct bpf_sock_addr, user_ip4));
    } else if (!isV4) {
      refuse(program, prefix, 0, offsetof(struct bpf_sock_addr, user_ip6));
    }
  }
  program.answer(ALLOW);
  return program;
}

int bpf(int command, union bpf_attr& attributes, const char* step) {
  return check(static_cast<int>(syscall(SYS_bpf, command, &attributes, sizeof attributes)), step);
}

Fd load(const Program& program, enum bpf_attach_type where) {
  union bpf_attr attributes = {};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
  attributes.expected_attach_type = where;
  attributes.insns = reinterpret_cast<uintptr_t>(program.instructions().data());
  attributes.insn_cnt = static_cast<uint32_t>(program.instructions().size());
  attributes.license = reinterpret_cast<uintptr_t>(LICENSE);
  return Fd(bpf(BPF_PROG_LOAD, attributes, "load program"));
}

Fd attach(const Fd& program, const Fd& cgroup, enum bpf_attach_type where) {
  union bpf_attr attributes = {};
  attributes.link_create.prog_fd = static_cast<uint32_t>(program.get());
  attributes.link_create.target_fd = static_cast<uint32_t>(cgroup.get());
  attributes.link_create.attach_type = where;
  return Fd(bpf(BPF_LINK_CREATE, attributes, "attach program"));
}

/**
 * The topmost v2 cgroup that this process can see. Every process is in the v2 hierarchy, even if all
 * controllers are in v1. It is opened through a new mount, because the machine may not have mounted it.
 */
Fd topCgroup() {
  Fd context(check(static_cast<int>(syscall(SYS_fsopen, "cgroup2", FSOPEN_CLOEXEC)), "fsopen", "cgroup2"));
  check(syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0), "fsconfig", "cgroup2");
  Fd mount(check(static_cast<int>(syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, 0)), "fsmount", "cgroup2"));
  return Fd(check(openat(mount.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open", "cgroup2"));
}

}  // namespace

/** refuseAddresses(plan): descriptors. When they are closed, the addresses are allowed again. */
Napi::Value refuseAddresses(const Napi::CallbackInfo& info) {
  const Plan plan = readPlan(info[0].As<Napi::Object>());
  const Fd cgroup = topCgroup();
  std::vector<Fd> links;
  for (const auto where : {BPF_CGROUP_INET4_CONNECT, BPF_CGROUP_INET6_CONNECT}) {
    const Program program = write(plan, where == BPF_CGROUP_INET4_CONNECT);
    links.push_back(attach(load(program, where), cgroup, where));
  }
  Napi::Array descriptors = Napi::Array::New(info.Env(), links.size());
  for (uint32_t i = 0; i < links.size(); i++) descriptors.Set(i, links[i].release());
  return descriptors;
}
