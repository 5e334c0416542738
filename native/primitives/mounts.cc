// Makes a writable root, of bind mounts or of overlayfs. Each client mounts in its own namespace, in which
// a number of other such roots are mounted already.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

namespace {

void makeFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) fail("mkdir " + path);
}

void removeFolder(const std::string& path) { check(rmdir(path.c_str()), "rmdir " + path); }

void mountAt(const char* type, const std::string& source, const std::string& target,
             unsigned long flags, const std::string& options = "") {
  int done = mount(source.c_str(), target.c_str(), type, flags, options.c_str());
  check(done, std::string("mount ") + (type == nullptr ? "bind" : type) + " on " + target);
}

void writeFile(const std::string& path) {
  int fd = check(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644), "open " + path);
  check(write(fd, "x", 1), "write " + path);
  close(fd);
}

/** Makes numbered roots below one folder; those of the live roots stay until the end. */
class RootStep : public Step {
 public:
  RootStep(const std::string& folder, uint64_t live, bool countsFolders)
      : folder_(folder), live_(live), countsFolders_(countsFolders) {}

  void prepare() override {
    check(unshare(CLONE_NEWNS), "unshare");
    check(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
    makeFolder(folder_);
    // a separate file system, so that the machine's disk and mounts have no influence
    mountAt("tmpfs", "tmpfs", folder_, 0, "mode=0755");
    for (const char* name : {"/base", "/base/scratch"}) makeFolder(folder_ + name);
    mountAt(nullptr, folder_ + "/base", folder_ + "/base", MS_BIND);
    for (uint64_t i = 0; i < live_; i++) {
      makeFolders(at(i));
      attach(at(i));
    }
  }

  uint64_t once() override {
    std::string root = at(live_);
    uint64_t began = nowNs();
    makeFolders(root);
    uint64_t folders = nowNs();
    attach(root);
    writeFile(root + "/root/scratch/file");
    check(umount2((root + "/root").c_str(), MNT_DETACH), "unmount " + root);
    uint64_t unmounted = nowNs();
    removeFolders(root);
    return countsFolders_ ? nowNs() - began : unmounted - folders;
  }

 protected:
  std::string base() const { return folder_ + "/base"; }
  virtual void makeFolders(const std::string& root) = 0;
  /** Mounts the root at `root`/root. */
  virtual void attach(const std::string& root) = 0;
  virtual void removeFolders(const std::string& root) = 0;

 private:
  std::string at(uint64_t number) const { return folder_ + "/" + std::to_string(number); }

  std::string folder_;
  uint64_t live_;
  bool countsFolders_;
};

/** The base, mounted read-only, with a separate folder as its scratch. */
class BindStep : public RootStep {
 public:
  using RootStep::RootStep;

 protected:
  void makeFolders(const std::string& root) override {
    for (const char* name : {"", "/scratch", "/root"}) makeFolder(root + name);
  }

  void attach(const std::string& root) override {
    mountAt(nullptr, base(), root + "/root", MS_BIND);
    mountAt(nullptr, base(), root + "/root", MS_BIND | MS_REMOUNT | MS_RDONLY);
    mountAt(nullptr, root + "/scratch", root + "/root/scratch", MS_BIND);
  }

  void removeFolders(const std::string& root) override {
    check(unlink((root + "/scratch/file").c_str()), "unlink");
    for (const char* name : {"/root", "/scratch", ""}) removeFolder(root + name);
  }
};

/** An overlay: the base is the lower layer, and a separate folder the upper one. */
class OverlayStep : public RootStep {
 public:
  using RootStep::RootStep;

 protected:
  void makeFolders(const std::string& root) override {
    for (const char* name : {"", "/upper", "/work", "/root"}) makeFolder(root + name);
  }

  void attach(const std::string& root) override {
    mountAt("overlay", "overlay", root + "/root", 0,
            "lowerdir=" + base() + ",upperdir=" + root + "/upper,workdir=" + root + "/work");
  }

  void removeFolders(const std::string& root) override {
    check(unlink((root + "/upper/scratch/file").c_str()), "unlink");
    for (const char* name : {"/work/work", "/root", "/upper/scratch", "/upper", "/work", ""}) {
      removeFolder(root + name);
    }
  }
};

}  // namespace

/**
 * The steps `bind` and `overlay`. `live` roots stay mounted below `folder`. With `folders=1`, the time to
 * make and remove a root's folders counts too.
 */
std::unique_ptr<Step> makeMountStep(const std::string& name, const Arguments& options, int client) {
  std::string folder = options.text("folder") + "/mounts-" + std::to_string(client);
  uint64_t live = options.number("live", 0);
  bool countsFolders = options.number("folders", 0) != 0;
  if (name == "bind") return std::make_unique<BindStep>(folder, live, countsFolders);
  if (name == "overlay") return std::make_unique<OverlayStep>(folder, live, countsFolders);
  return nullptr;
}
