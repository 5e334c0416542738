// Makes processes: in new namespaces, and from a parent that has much memory.
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

namespace {

const std::map<std::string, uint64_t> NAMESPACES = {
    {"none", 0},
    {"uts", CLONE_NEWUTS},
    {"ipc", CLONE_NEWIPC},
    {"mnt", CLONE_NEWNS},
    {"pid", CLONE_NEWPID},
    {"user", CLONE_NEWUSER},
    {"cgroup", CLONE_NEWCGROUP},
    {"net", CLONE_NEWNET},
};

void reap(pid_t pid) {
  int status;
  check(waitpid(pid, &status, 0), "waitpid");
  if (status == 0) return;
  fprintf(stderr, "a child ended with status %d\n", status);
  _Exit(1);
}

/** Starts a child in a new namespace that ends at once; measured until it is reaped. */
class NamespaceStep : public Step {
 public:
  explicit NamespaceStep(uint64_t flags) : flags_(flags) {}

  uint64_t once() override {
    clone_args arguments = {};
    arguments.flags = flags_;
    arguments.exit_signal = SIGCHLD;
    uint64_t began = nowNs();
    long pid = check(syscall(SYS_clone3, &arguments, sizeof arguments), "clone3");
    if (pid == 0) _exit(0);
    reap(static_cast<pid_t>(pid));
    return nowNs() - began;
  }

 private:
  uint64_t flags_;
};

enum class Pages { small, huge };

/** Forks a child of a parent with private memory; measured until the child's first instruction. */
class ForkStep : public Step {
 public:
  ForkStep(uint64_t bytes, Pages pages, bool sharesMemory)
      : bytes_(bytes), pages_(pages), sharesMemory_(sharesMemory) {}

  void prepare() override {
    void* shared = mmap(nullptr, sizeof(uint64_t), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) fail("mmap");
    bornNs_ = static_cast<volatile uint64_t*>(shared);
    if (bytes_ == 0) return;
    void* memory = mmap(nullptr, bytes_ + HUGE_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail("mmap");
    uintptr_t aligned = (reinterpret_cast<uintptr_t>(memory) + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
    void* pages = reinterpret_cast<void*>(aligned);
    int advice = pages_ == Pages::huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;
    // A kernel without huge pages refuses both kinds of advice, and small pages then need none.
    if (madvise(pages, bytes_, advice) != 0 && (pages_ == Pages::huge || errno != EINVAL)) {
      fail("madvise");
    }
    memset(pages, 1, bytes_);
  }

  uint64_t once() override {
    *bornNs_ = 0;
    uint64_t began = nowNs();
    pid_t pid = check(sharesMemory_ ? vfork() : fork(), "fork");
    if (pid == 0) {
      *bornNs_ = nowNs();
      _exit(0);
    }
    reap(pid);
    return *bornNs_ - began;
  }

 private:
  static constexpr uintptr_t HUGE_BYTES = 2 * 1024 * 1024;

  uint64_t bytes_;
  Pages pages_;
  bool sharesMemory_;
  volatile uint64_t* bornNs_ = nullptr;
};

}  // namespace

/** The steps `ns-` plus the name of a namespace, and `fork`, `fork-huge`, `vfork` with `bytes` of memory. */
std::unique_ptr<Step> makeProcessStep(const std::string& name, const Arguments& options) {
  uint64_t bytes = options.number("bytes", 0);
  if (name == "fork") return std::make_unique<ForkStep>(bytes, Pages::small, false);
  if (name == "fork-huge") return std::make_unique<ForkStep>(bytes, Pages::huge, false);
  if (name == "vfork") return std::make_unique<ForkStep>(bytes, Pages::small, true);
  auto found = name.rfind("ns-", 0) == 0 ? NAMESPACES.find(name.substr(3)) : NAMESPACES.end();
  if (found == NAMESPACES.end()) return nullptr;
  return std::make_unique<NamespaceStep>(found->second);
}
