// Turns memory of other processes into huge pages: man 2 process_madvise, madvise (MADV_COLLAPSE,
// Linux 6.1), process_vm_writev.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "failure.h"
#include "fd.h"
#include "mechanisms.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

namespace {

constexpr size_t HUGE_PAGE_BYTES = 2 << 20;

/** The kernel refuses a region whose pages a child maps or unmaps at that moment. */
constexpr int ATTEMPTS = 5;
constexpr useconds_t BETWEEN_ATTEMPTS_US = 20'000;

/** One call per region, so that the process can fork in between. */
bool madviseCollapse(int process, uint64_t start) {
  struct iovec region = {reinterpret_cast<void*>(start), HUGE_PAGE_BYTES};
  return syscall(SYS_process_madvise, process, &region, 1, MADV_COLLAPSE, 0) > 0;
}

/**
 * Makes a region's first page writable again without changing it. The data to write is at an unreadable
 * address, which the kernel notices only after it has made the page writable.
 */
void makeWritable(pid_t pid, uint64_t start) {
  struct iovec unreadable = {reinterpret_cast<void*>(1), 1};
  struct iovec page = {reinterpret_cast<void*>(start), 1};
  process_vm_writev(pid, &unreadable, 1, &page, 1, 0);
}

/** A fork makes every page read-only. Linux before 6.18 refuses a region without a writable page. */
bool collapse(pid_t pid, int process, uint64_t start) {
  if (madviseCollapse(process, start)) return true;
  if (errno != EINVAL) return false;
  makeWritable(pid, start);
  return madviseCollapse(process, start);
}

/** Runs on one of libuv's threads, because copying regions takes long. */
class Collapser : public Napi::AsyncWorker {
 public:
  Collapser(Napi::Env env, pid_t pid, std::vector<uint64_t> regions)
      : AsyncWorker(env), deferred_(env), pid_(pid), regions_(std::move(regions)) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    for (int attempt = 0; attempt < ATTEMPTS && !regions_.empty(); attempt++) {
      if (attempt > 0) usleep(BETWEEN_ATTEMPTS_US);
      collapsed_ += static_cast<int>(std::erase_if(
          regions_, [&](uint64_t start) { return collapse(pid_, process.get(), start); }));
    }
  }

  void OnOK() override { deferred_.Resolve(Napi::Number::New(Env(), collapsed_)); }

 private:
  Napi::Promise::Deferred deferred_;
  pid_t pid_;
  std::vector<uint64_t> regions_;
  int collapsed_ = 0;
};

}  // namespace

/** collapseMemory(pid, addresses): promise of how many of these regions are now one huge page each. */
Napi::Value collapseMemory(const Napi::CallbackInfo& info) {
  Napi::BigUint64Array starts = info[1].As<Napi::BigUint64Array>();
  std::vector<uint64_t> regions(starts.Data(), starts.Data() + starts.ElementLength());
  auto collapser = std::make_unique<Collapser>(
      info.Env(), info[0].As<Napi::Number>().Int32Value(), std::move(regions));
  Napi::Promise promise = collapser->promise();
  collapser.release()->Queue();  // The worker deletes itself when it is done.
  return promise;
}
