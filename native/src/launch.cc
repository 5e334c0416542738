// Launches interpreters without a Zygote, and makes, writes and closes descriptors.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <memory>
#include <optional>
#include <vector>

#include "../guest/confine.h"
#include "clone-vm.h"
#include "failure.h"
#include "fd.h"
#include "mechanisms.h"
#include "text-list.h"

namespace {

struct Launch {
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  std::vector<char*> argvPointers;
  std::vector<char*> environmentPointers;
  struct confinement to = {};
  uint64_t cloneFlags = 0;
  int cgroup = -1;
  Fd null;
  int niceness = 0;
  /** Written by the child, which shares this process's memory. */
  const char* volatile failedStep = nullptr;
  volatile int error = 0;
};

int32_t number(const Napi::Object& plan, const char* key) {
  return plan.Get(key).As<Napi::Number>();
}

void read(const Napi::Object& plan, Launch& launch) {
  launch.argv = strings(plan.Get("argv"));
  launch.environment = strings(plan.Get("environment"));
  launch.argvPointers = pointersTo(launch.argv);
  launch.environmentPointers = pointersTo(launch.environment);
  struct confinement& to = launch.to;
  to.root = number(plan, "root");
  to.network = number(plan, "network");
  to.kept = number(plan, "kept");
  to.uid = to.gid = static_cast<uint32_t>(number(plan, "uid"));
  to.isGuest = plan.Get("isGuest").As<Napi::Boolean>().Value();
  to.keptCaps = to.isGuest ? 0 : ZYGOTE_CAPS;
  to.isFirst = 1;
  launch.niceness = number(plan, "niceness");
  to.isUnfiltered = plan.Get("isUnfiltered").ToBoolean();
  Napi::Array tasks = plan.Get("tasks").As<Napi::Array>();
  for (uint32_t i = 0; i < tasks.Length() && i < MAX_CGROUP_FILES; i++) {
    to.tasks[to.taskCount++] = tasks.Get(i).As<Napi::Number>();
  }
  launch.cgroup = number(plan, "cgroup");
  launch.cloneFlags = static_cast<uint64_t>(plan.Get("flags").As<Napi::Number>().Int64Value());
  launch.null = Fd(check(open("/dev/null", O_RDWR | O_CLOEXEC), "open", "/dev/null"));
}

/** Runs in the child, on the caller's memory: until execve it may only make system calls. */
[[noreturn]] void becomeProgram(Launch& launch) {
  for (int signal = 1; signal < NSIG; signal++) {
    struct sigaction standard = {};
    sigaction(signal, &standard, nullptr);  // Fails for SIGKILL and SIGSTOP, which always have it.
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  struct rlimit noCore = {0, 0};
  setrlimit(RLIMIT_CORE, &noCore);
  setpriority(PRIO_PROCESS, 0, launch.niceness);  // The caller may have raised its own priority.
  setsid();
  launch.failedStep = "redirect";
  for (int fd = 0; fd <= 2; fd++) {
    if (dup2(launch.null.get(), fd) < 0) goto failed;
  }
  launch.failedStep = confine(&launch.to);
  if (launch.failedStep != nullptr) goto failed;
  launch.failedStep = "execve";
  execve(launch.argvPointers[0], launch.argvPointers.data(), launch.environmentPointers.data());
failed:
  launch.error = errno;
  _exit(127);
}

pid_t start(Launch& launch) {
  struct clone_args arguments = {};
  arguments.flags = launch.cloneFlags | CLONE_VM | CLONE_VFORK;
  arguments.exit_signal = SIGCHLD;
  if (launch.cgroup >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<uint64_t>(launch.cgroup);
  }
  // No signal handler may run in the child, because it would change the memory of this process.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  long pid = cloneSharing(&arguments);
  if (pid == 0) becomeProgram(launch);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) throw Failure{"clone3", launch.argv[0], static_cast<int>(-pid)};
  if (launch.error != 0) {
    waitpid(static_cast<pid_t>(pid), nullptr, 0);
    throw Failure{launch.failedStep, launch.argv[0], launch.error};
  }
  return static_cast<pid_t>(pid);
}

/**
 * Starts the program and sleeps until execve has succeeded. It runs on one of libuv's threads, because
 * on a busy machine the child may have to wait for a core.
 */
class Launcher : public Napi::AsyncWorker {
 public:
  explicit Launcher(Napi::Env env) : AsyncWorker(env), deferred_(env) {}

  Launch launch;

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    try {
      pid_ = start(launch);
    } catch (const Failure& failure) {
      failure_ = failure;
    }
  }

  void OnOK() override {
    if (failure_.has_value()) deferred_.Reject(toError(Env(), *failure_).Value());
    else deferred_.Resolve(Napi::Number::New(Env(), pid_));
  }

 private:
  Napi::Promise::Deferred deferred_;
  pid_t pid_ = 0;
  std::optional<Failure> failure_;
};

}  // namespace

/** launch(plan): promise of the process id of a confined program, a child of this process. */
Napi::Value launch(const Napi::CallbackInfo& info) {
  auto launcher = std::make_unique<Launcher>(info.Env());
  read(info[0].As<Napi::Object>(), launcher->launch);
  Napi::Promise promise = launcher->promise();
  launcher.release()->Queue();  // The worker deletes itself when it is done.
  return promise;
}

/** socketPair(isPackets): two connected descriptors, of a stream or of packets. */
Napi::Value socketPair(const Napi::CallbackInfo& info) {
  int type = info[0].As<Napi::Boolean>() ? SOCK_SEQPACKET : SOCK_STREAM;
  int ends[2];
  check(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), "socketpair");
  Napi::Array pair = Napi::Array::New(info.Env(), 2);
  for (uint32_t i = 0; i < 2; i++) pair.Set(i, Napi::Number::New(info.Env(), ends[i]));
  return pair;
}

Napi::Value closeFd(const Napi::CallbackInfo& info) {
  check(close(info[0].As<Napi::Number>()), "close");
  return info.Env().Undefined();
}

/** writeAt(fd, text): writes to the start of a kernel file, which the caller keeps open. */
Napi::Value writeAt(const Napi::CallbackInfo& info) {
  std::string text = info[1].As<Napi::String>();
  check(pwrite(info[0].As<Napi::Number>(), text.data(), text.size(), 0), "write", text);
  return info.Env().Undefined();
}

/** readAt(fd): the first 4 KiB of a kernel file, which the caller keeps open. */
Napi::Value readAt(const Napi::CallbackInfo& info) {
  char text[4096];
  ssize_t length = check(pread(info[0].As<Napi::Number>(), text, sizeof text, 0), "read");
  return Napi::String::New(info.Env(), text, static_cast<size_t>(length));
}
