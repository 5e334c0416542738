// Steps on cgroups, which are made or used again, joined in three ways, frozen and thawed. The caller
// names folders in which cgroups may be made. v2 cgroups are joined through cgroup.procs.
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

namespace {

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

void makeGroup(const std::string& path) {
  if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) fail("mkdir " + path);
}

/** Retries, because a cgroup may still be busy when its last process has just left. */
void removeGroup(const std::string& path) {
  for (int attempt = 0; rmdir(path.c_str()) != 0; attempt++) {
    if (errno != EBUSY || attempt == 5000) fail("rmdir " + path);
    usleep(200);
  }
}

int openToWrite(const std::string& path) {
  return check(open(path.c_str(), O_WRONLY | O_CLOEXEC), "open " + path);
}

void put(int fd, const std::string& text, const char* what) {
  check(pwrite(fd, text.data(), text.size(), 0), what);
}

/** The file with which a process moves itself. v1's `tasks` needs no wait for a grace period. */
std::string ownDoor(const std::string& group) {
  return group + (exists(group + "/tasks") ? "/tasks" : "/cgroup.procs");
}

void setLimits(const std::string& group) {
  const std::pair<const char*, const char*> limits[] = {{"/memory.limit_in_bytes", "536870912"},
                                                        {"/memory.max", "536870912"},
                                                        {"/pids.max", "64"}};
  for (auto [file, value] : limits) {
    int fd = open((group + file).c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) continue;  // This hierarchy does not have the file.
    put(fd, value, file);
    close(fd);
  }
}

/** A process joins its own cgroup in every hierarchy, and leaves it. */
class JoinStep : public Step {
 public:
  JoinStep(std::vector<std::string> hierarchies, int client, bool isReused)
      : isReused_(isReused) {
    for (const std::string& folder : hierarchies) {
      homes_.push_back(folder + "/home" + std::to_string(client));
      groups_.push_back(folder + "/group" + std::to_string(client));
    }
  }

  void prepare() override {
    for (const std::string& home : homes_) {
      makeGroup(home);
      homeDoors_.push_back(openToWrite(ownDoor(home)));
      put(homeDoors_.back(), "0", "join");
    }
    if (isReused_) make();
  }

  uint64_t once() override {
    uint64_t began = nowNs();
    if (!isReused_) make();
    for (int door : doors_) put(door, "0", "join");
    for (int door : homeDoors_) put(door, "0", "leave");
    if (!isReused_) remove();
    return nowNs() - began;
  }

  void finish() override {
    if (isReused_) remove();
  }

 private:
  void make() {
    for (const std::string& group : groups_) {
      makeGroup(group);
      setLimits(group);
      doors_.push_back(openToWrite(ownDoor(group)));
    }
  }

  void remove() {
    for (int door : doors_) close(door);
    doors_.clear();
    for (const std::string& group : groups_) removeGroup(group);
  }

  bool isReused_;
  std::vector<std::string> homes_, groups_;
  std::vector<int> homeDoors_, doors_;
};

enum class Entry { bornInto, childWrites, managerWrites };

/** Starts a child that ends once it is in its cgroup; measured until the child is reaped. */
class BirthStep : public Step {
 public:
  BirthStep(const std::string& folder, int client, Entry entry)
      : group_(folder + "/born" + std::to_string(client)), entry_(entry) {}

  void prepare() override {
    makeGroup(group_);
    folder_ = check(open(group_.c_str(), O_RDONLY | O_CLOEXEC), "open " + group_);
    door_ = openToWrite(entry_ == Entry::childWrites ? ownDoor(group_) : group_ + "/cgroup.procs");
  }

  uint64_t once() override {
    int gate[2];
    check(pipe2(gate, O_CLOEXEC), "pipe2");
    clone_args arguments = {};
    arguments.exit_signal = SIGCHLD;
    if (entry_ == Entry::bornInto) {
      arguments.flags = CLONE_INTO_CGROUP;
      arguments.cgroup = static_cast<uint64_t>(folder_);
    }
    uint64_t began = nowNs();
    long pid = check(syscall(SYS_clone3, &arguments, sizeof arguments), "clone3");
    if (pid == 0) {
      if (entry_ == Entry::childWrites) put(door_, "0", "join");
      char word;
      _exit(read(gate[0], &word, 1) == 1 ? 0 : 1);
    }
    if (entry_ == Entry::managerWrites) put(door_, std::to_string(pid), "move a child");
    check(write(gate[1], "g", 1), "write");
    int status;
    check(waitpid(static_cast<pid_t>(pid), &status, 0), "waitpid");
    uint64_t tookNs = nowNs() - began;
    for (int end : gate) close(end);
    if (status != 0) fail("a child did not join its cgroup");
    return tookNs;
  }

  void finish() override {
    close(door_);
    close(folder_);
    removeGroup(group_);
  }

 private:
  std::string group_;
  Entry entry_;
  int folder_ = -1, door_ = -1;
};

enum class Measured { pause, resume };

/**
 * Freezes and thaws a process that answers on a socket. A pause is measured until the write to the freezer
 * returns, a resume until the process answers a request that waited meanwhile.
 */
class FreezeStep : public Step {
 public:
  FreezeStep(const std::string& folder, int client, bool hasGuard, Measured measured)
      : group_(folder + "/frozen" + std::to_string(client)),
        guard_(hasGuard ? folder + "/guard" + std::to_string(client) : ""),
        measured_(measured) {}

  void prepare() override {
    makeGroup(group_);
    bool isV1 = exists(group_ + "/freezer.state");
    file_ = isV1 ? "/freezer.state" : "/cgroup.freeze";
    frozen_ = isV1 ? "FROZEN" : "1";
    thawed_ = isV1 ? "THAWED" : "0";
    if (!guard_.empty()) {
      makeGroup(guard_);
      int fd = openToWrite(guard_ + file_);
      put(fd, frozen_, "freeze");
      close(fd);
    }
    int ends[2];
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair");
    int door = openToWrite(ownDoor(group_));
    pid_ = check(fork(), "fork");
    if (pid_ == 0) serve(ends[1], door);
    close(ends[1]);
    close(door);
    socket_ = ends[0];
    char word;
    if (read(socket_, &word, 1) != 1) fail("a child did not join its cgroup");
    freezer_ = openToWrite(group_ + file_);
  }

  uint64_t once() override {
    uint64_t began = nowNs();
    put(freezer_, frozen_, "freeze");
    uint64_t pauseNs = nowNs() - began;
    usleep(1000);
    char word = 'p';
    began = nowNs();
    check(write(socket_, &word, 1), "write");
    put(freezer_, thawed_, "thaw");
    if (read(socket_, &word, 1) != 1) fail("no answer");
    uint64_t resumeNs = nowNs() - began;
    usleep(1000);
    return measured_ == Measured::pause ? pauseNs : resumeNs;
  }

  void finish() override {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(freezer_);
    removeGroup(group_);
    if (!guard_.empty()) removeGroup(guard_);
  }

 private:
  [[noreturn]] static void serve(int socket, int door) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    put(door, "0", "join");
    char word = 'r';
    do {
      if (write(socket, &word, 1) != 1) _exit(1);
    } while (read(socket, &word, 1) == 1);
    _exit(0);
  }

  std::string group_, guard_;
  Measured measured_;
  const char *file_ = "", *frozen_ = "", *thawed_ = "";
  pid_t pid_ = 0;
  int socket_ = -1, freezer_ = -1;
};

}  // namespace

/** `hierarchies`: folders to make cgroups in. Steps that need only one of them use the first. */
std::unique_ptr<Step> makeCgroupStep(const std::string& name, const Arguments& options, int client) {
  std::vector<std::string> hierarchies = options.list("hierarchies");
  if (hierarchies.empty()) return nullptr;
  const std::string& first = hierarchies[0];
  bool hasGuard = options.number("guard", 0) != 0;
  if (name == "cgroup-new") return std::make_unique<JoinStep>(hierarchies, client, false);
  if (name == "cgroup-reused") return std::make_unique<JoinStep>(hierarchies, client, true);
  if (name == "born-into") return std::make_unique<BirthStep>(first, client, Entry::bornInto);
  if (name == "child-writes") return std::make_unique<BirthStep>(first, client, Entry::childWrites);
  if (name == "manager-writes") return std::make_unique<BirthStep>(first, client, Entry::managerWrites);
  if (name == "pause") return std::make_unique<FreezeStep>(first, client, hasGuard, Measured::pause);
  if (name == "resume") return std::make_unique<FreezeStep>(first, client, hasGuard, Measured::resume);
  return nullptr;
}
