// primitives STEP out=FILE [clients=1] [count=N | durationUs=N] [gapUs=0] [key=value ...]
//
// Lets several clients repeat one primitive at once, and writes {"us": [...], "wallUs": n} to FILE. It is a
// separate program, because the results depend on the memory and the mounts of the measuring process.
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "harness.h"

namespace {

constexpr size_t MOST_SAMPLES = 200'000;

/** Memory that all clients share. */
struct Shared {
  std::atomic<uint32_t> ready;
  std::atomic<uint64_t> beganNs;
};

struct Client {
  uint64_t count;
  uint64_t endedNs;
  uint64_t ns[MOST_SAMPLES];
};

template <typename T>
T* shared(size_t count) {
  void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  return static_cast<T*>(memory);
}

std::unique_ptr<Step> makeStep(const std::string& name, const Arguments& options, int client) {
  std::unique_ptr<Step> step = makeMountStep(name, options, client);
  if (step == nullptr) step = makeProcessStep(name, options);
  if (step == nullptr) step = makeCgroupStep(name, options, client);
  if (step != nullptr) return step;
  fprintf(stderr, "%s: no such step\n", name.c_str());
  _Exit(2);
}

[[noreturn]] void runClient(Step& step, const Arguments& options, Shared& all, Client& mine) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  step.prepare();
  all.ready++;
  while (all.beganNs == 0) usleep(100);
  uint64_t most = std::min<uint64_t>(MOST_SAMPLES, options.number("count", MOST_SAMPLES));
  uint64_t endNs = all.beganNs + options.number("durationUs", UINT32_MAX) * 1000;
  useconds_t gapUs = static_cast<useconds_t>(options.number("gapUs", 0));
  do {
    if (gapUs > 0) usleep(gapUs);
    mine.ns[mine.count++] = step.once();
    mine.endedNs = nowNs();
  } while (mine.count < most && mine.endedNs < endNs);
  step.finish();
  _Exit(0);
}

void write(const std::string& path, const Client* clients, uint64_t count, uint64_t beganNs) {
  FILE* file = fopen(path.c_str(), "w");
  if (file == nullptr) fail("open " + path);
  uint64_t endedNs = beganNs;
  const char* comma = "";
  fprintf(file, "{\"us\":[");
  for (uint64_t client = 0; client < count; client++) {
    endedNs = std::max(endedNs, clients[client].endedNs);
    for (uint64_t i = 0; i < clients[client].count; i++) {
      fprintf(file, "%s%.2f", comma, static_cast<double>(clients[client].ns[i]) / 1000);
      comma = ",";
    }
  }
  fprintf(file, "],\"wallUs\":%.1f}\n", static_cast<double>(endedNs - beganNs) / 1000);
  if (fclose(file) != 0) fail("write " + path);
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) {
    fprintf(stderr, "usage: primitives STEP out=FILE [key=value ...]\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  Arguments options(count - 2, words + 2);
  uint64_t clientCount = options.number("clients", 1);
  Shared* all = shared<Shared>(1);
  Client* clients = shared<Client>(clientCount);
  for (uint64_t i = 0; i < clientCount; i++) {
    std::unique_ptr<Step> step = makeStep(words[1], options, static_cast<int>(i));
    if (check(fork(), "fork") == 0) runClient(*step, options, *all, clients[i]);
  }
  uint64_t ended = 0;
  bool isWell = true;
  while (all->ready < clientCount && isWell) {
    int status;
    if (waitpid(-1, &status, WNOHANG) > 0) isWell = false;
    usleep(100);
  }
  all->beganNs = nowNs();
  int status;
  for (; isWell && ended < clientCount && wait(&status) > 0; ended++) isWell = status == 0;
  if (!isWell) return 1;
  write(options.text("out"), clients, clientCount, all->beganNs);
  return 0;
}
