// Lets several clients at once start a program again and again, and times each start without JavaScript
// in between. Benches measure other container systems with it.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "failure.h"
#include "fd.h"
#include "mechanisms.h"
#include "text-list.h"

namespace {

/** A start that takes longer has failed. */
constexpr int TIMEOUT_MS = 60'000;
constexpr const char* NUMBER = "{n}";

struct Plan {
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  /** The mount namespace in which it is started; -1: that of this process. */
  int mounts = -1;
  uint32_t clients = 1;
  /** How long clients go on; each makes at least one start. */
  uint64_t durationNs = 0;
  /** Replaces `{n}` in an argument; each start uses the next number. */
  std::atomic<uint64_t> next = 0;
};

/** The measurements of one client. */
struct Client {
  std::vector<double> us;
  std::optional<Failure> failure;
};

uint64_t nowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

std::vector<std::string> numbered(const std::vector<std::string>& argv, uint64_t number) {
  std::vector<std::string> result = argv;
  for (std::string& argument : result) {
    size_t at = argument.find(NUMBER);
    if (at != std::string::npos) argument.replace(at, strlen(NUMBER), std::to_string(number));
  }
  return result;
}

/** The last line that the program wrote to standard error. */
std::string lastLine(int fd) {
  char text[4096];
  off_t size = lseek(fd, 0, SEEK_END);
  off_t from = std::max<off_t>(0, size - static_cast<off_t>(sizeof text));
  ssize_t length = pread(fd, text, sizeof text, from);
  std::string said(text, length > 0 ? static_cast<size_t>(length) : 0);
  while (!said.empty() && said.back() == '\n') said.pop_back();
  size_t line = said.rfind('\n');
  return line == std::string::npos ? said : said.substr(line + 1);
}

/** Waits for the process, at most TIMEOUT_MS, and returns its status. */
int waitFor(pid_t pid, const std::string& program) {
  Fd process(check(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)), "pidfd_open", program));
  pollfd ended = {process.get(), POLLIN, 0};
  int ready = poll(&ended, 1, TIMEOUT_MS);
  if (ready == 0) kill(pid, SIGKILL);
  int status;
  check(waitpid(pid, &status, 0), "waitpid", program);
  if (ready == 0) throw Failure{"wait for", program, ETIMEDOUT};
  return status;
}

/** Starts the program once and waits until it has ended. */
void startOnce(Plan& plan, int null, int said) {
  std::vector<std::string> argv = numbered(plan.argv, plan.next++);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, null, 0);
  posix_spawn_file_actions_adddup2(&files, null, 1);
  posix_spawn_file_actions_adddup2(&files, said, 2);
  pid_t pid;
  int error = posix_spawnp(&pid, argv[0].c_str(), &files, nullptr, pointersTo(argv).data(),
                           pointersTo(plan.environment).data());
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw Failure{"start", argv[0], error};
  int status = waitFor(pid, argv[0]);
  if (status == 0) return;
  std::string how = WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status))
                                      : "signal " + std::to_string(WTERMSIG(status));
  throw Failure{argv[0] + " ended with " + how + ":", lastLine(said), 0};
}

void runClient(Plan& plan, uint64_t endNs, Client& client) {
  try {
    if (plan.mounts >= 0) {
      // A thread that shares its root with other threads cannot change its mount namespace.
      check(unshare(CLONE_FS), "unshare");
      check(setns(plan.mounts, CLONE_NEWNS), "setns");
    }
    Fd null(check(open("/dev/null", O_RDWR | O_CLOEXEC), "open", "/dev/null"));
    Fd said(check(memfd_create("stderr", MFD_CLOEXEC), "memfd_create"));
    uint64_t now = nowNs();
    do {
      startOnce(plan, null.get(), said.get());
      uint64_t ended = nowNs();
      client.us.push_back(static_cast<double>(ended - now) / 1000);
      now = ended;
    } while (now < endNs);
  } catch (const Failure& failure) {
    client.failure = failure;
  }
}

/** Waits on one of libuv's threads for its clients, each of which has a thread. */
class Load : public Napi::AsyncWorker {
 public:
  explicit Load(Napi::Env env) : AsyncWorker(env), deferred_(env) {}

  Plan plan;

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    clients_.resize(plan.clients);
    uint64_t beganNs = nowNs();
    std::vector<std::thread> threads;
    for (Client& client : clients_) {
      threads.emplace_back(runClient, std::ref(plan), beganNs + plan.durationNs, std::ref(client));
    }
    for (std::thread& thread : threads) thread.join();
    wallUs_ = static_cast<double>(nowNs() - beganNs) / 1000;
  }

  void OnOK() override {
    Napi::Object result = Napi::Object::New(Env());
    Napi::Array us = Napi::Array::New(Env());
    for (const Client& client : clients_) {
      if (client.failure.has_value()) {
        deferred_.Reject(toError(Env(), *client.failure).Value());
        return;
      }
      for (double each : client.us) us.Set(us.Length(), Napi::Number::New(Env(), each));
    }
    result.Set("us", us);
    result.Set("wallUs", Napi::Number::New(Env(), wallUs_));
    deferred_.Resolve(result);
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::vector<Client> clients_;
  double wallUs_ = 0;
};

}  // namespace

/** startLoad(plan): promise of the microseconds of each start, from its beginning to its end. */
Napi::Value startLoad(const Napi::CallbackInfo& info) {
  Napi::Object plan = info[0].As<Napi::Object>();
  auto load = std::make_unique<Load>(info.Env());
  load->plan.argv = strings(plan.Get("argv"));
  load->plan.environment = strings(plan.Get("environment"));
  load->plan.mounts = plan.Get("mounts").As<Napi::Number>();
  load->plan.clients = plan.Get("clients").As<Napi::Number>();
  load->plan.next = static_cast<uint64_t>(plan.Get("firstNumber").As<Napi::Number>().Int64Value());
  load->plan.durationNs =
      static_cast<uint64_t>(plan.Get("durationUs").As<Napi::Number>().Int64Value()) * 1000;
  Napi::Promise promise = load->promise();
  load.release()->Queue();  // The worker deletes itself when it is done.
  return promise;
}
