// Mounts. A container's root is a detached tree: mounts that are in no namespace and exist as long as a
// descriptor refers to them, or a process has them as its root. So the machine's mount table does not
// change, and a crash leaves no mount behind. Putting mounts into a detached tree needs Linux 6.15; on
// older kernels trees are bound below a folder (bindTree).
// man 2 open_tree, mount_setattr, move_mount, fsopen; mount(2), proc(5), devpts(5).
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "failure.h"
#include "fd.h"
#include "mechanisms.h"
#include "text-list.h"

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

namespace {

/** One mount of a plan. */
struct Step {
  /** Folder or file to mount. Empty: the tree `from`, or a new file system if there is no such tree. */
  std::string source;
  /** Descriptor of a tree to copy; -1 if there is none. */
  int from;
  /** Path in the tree; empty for the root itself. */
  std::string target;
  bool isReadOnly;
  /** Options of a new file system: "size=64m,mode=0700,uid=..." */
  std::string options;
  /** Type of a new file system. */
  std::string type;
};

Step toStep(const Napi::Object& plan) {
  Napi::Value type = plan.Get("type");
  return Step{plan.Get("source").As<Napi::String>(), plan.Get("from").As<Napi::Number>(),
              plan.Get("target").As<Napi::String>(), plan.Get("isReadOnly").As<Napi::Boolean>(),
              plan.Get("options").As<Napi::String>(),
              type.IsString() ? type.As<Napi::String>().Utf8Value() : "tmpfs"};
}

Fd cloneTree(int from, const std::string& path) {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
  if (path.empty()) flags |= AT_EMPTY_PATH;
  return Fd(check(static_cast<int>(syscall(SYS_open_tree, from, path.c_str(), flags)), "open_tree",
                  path));
}

void configure(int context, const std::string& options) {
  for (size_t at = 0; at < options.size();) {
    size_t end = std::min(options.find(',', at), options.size());
    size_t equals = options.find('=', at);
    std::string key = options.substr(at, equals - at);
    std::string value = options.substr(equals + 1, end - equals - 1);
    check(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key.c_str(), value.c_str(), 0),
          "fsconfig", key + "=" + value);
    at = end + 1;
  }
}

Fd openFileSystem(const char* type) {
  return Fd(check(static_cast<int>(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC)), "fsopen", type));
}

Fd create(const Fd& context, unsigned attributes, const std::string& what) {
  check(syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0), "create",
        what);
  return Fd(check(
      static_cast<int>(syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, attributes)), "fsmount",
      what));
}

Fd newFileSystem(const Step& step) {
  Fd context = openFileSystem(step.type.c_str());
  configure(context.get(), step.options);
  // The device nodes of the base must work, so nodev is not set here.
  return create(context, MOUNT_ATTR_NOSUID, step.type + " " + step.options);
}

/** Asks for the processes of a PID namespace. Linux before 6.17 does not know the option. */
long chooseNamespace(const Fd& context, pid_t pid) {
  std::string path = "/proc/" + std::to_string(pid) + "/ns/pid";
  Fd pids(check(open(path.c_str(), O_RDONLY | O_CLOEXEC), "open", path));
  return syscall(SYS_fsconfig, context.get(), FSCONFIG_SET_FD, "pidns", nullptr, pids.get());
}

void restrictTree(int tree, const Step& step) {
  struct mount_attr attributes = {};
  attributes.attr_set = MOUNT_ATTR_NOSUID | (step.isReadOnly ? MOUNT_ATTR_RDONLY : 0);
  check(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                sizeof attributes),
        "mount_setattr", step.source);
}

Fd openStep(const Step& step) {
  if (step.from < 0 && step.source.empty()) return newFileSystem(step);
  Fd tree = step.from >= 0 ? cloneTree(step.from, "") : cloneTree(AT_FDCWD, step.source);
  // A copied tree keeps its attributes.
  if (step.from < 0 || step.isReadOnly) restrictTree(tree.get(), step);
  return tree;
}

void moveTo(int root, const std::string& target, const Fd& tree) {
  check(syscall(SYS_move_mount, tree.get(), "", root, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH),
        "move_mount", target);
}

void attach(int root, const Step& step) { moveTo(root, step.target, openStep(step)); }

}  // namespace

/** assembleTree(plan): descriptor of a detached tree, whose root is the first step of the plan. */
Napi::Value assembleTree(const Napi::CallbackInfo& info) {
  Napi::Array plan = info[0].As<Napi::Array>();
  Fd root = openStep(toStep(plan.Get(0u).As<Napi::Object>()));
  for (uint32_t i = 1; i < plan.Length(); i++) {
    attach(root.get(), toStep(plan.Get(i).As<Napi::Object>()));
  }
  return Napi::Number::New(info.Env(), root.release());
}

/** extendTree(tree, step): adds a mount to a tree, which may already be the root of a process. */
Napi::Value extendTree(const Napi::CallbackInfo& info) {
  attach(info[0].As<Napi::Number>(), toStep(info[1].As<Napi::Object>()));
  return info.Env().Undefined();
}

/** choosesProcesses(): whether the kernel can show the processes of a namespace that is named. */
Napi::Value choosesProcesses(const Napi::CallbackInfo& info) {
  long result = chooseNamespace(openFileSystem("proc"), getpid());
  if (result != 0 && errno != EINVAL) check(result, "fsconfig", "pidns");
  return Napi::Boolean::New(info.Env(), result == 0);
}

/**
 * showProcesses(tree, target, pid, covers): mounts a read-only proc file system of the PID namespace of
 * a process. Each cover, two paths, puts an entry of the tree over an entry of the new mount, before the
 * mount can be seen.
 */
Napi::Value showProcesses(const Napi::CallbackInfo& info) {
  int root = info[0].As<Napi::Number>();
  Fd context = openFileSystem("proc");
  check(chooseNamespace(context, info[2].As<Napi::Number>()), "fsconfig", "pidns");
  Fd processes = create(context,
                        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
                        "proc");
  Napi::Array covers = info[3].As<Napi::Array>();
  for (uint32_t i = 0; i < covers.Length(); i++) {
    std::vector<std::string> paths = strings(covers.Get(i));
    moveTo(processes.get(), paths.at(1), cloneTree(root, paths.at(0)));
  }
  moveTo(root, info[1].As<Napi::String>(), processes);
  return info.Env().Undefined();
}

/** makeDevice(path, minor): makes one of the memory devices (major 1), such as null or urandom. */
Napi::Value makeDevice(const Napi::CallbackInfo& info) {
  std::string path = info[0].As<Napi::String>();
  check(mknod(path.c_str(), S_IFCHR, makedev(1, info[1].As<Napi::Number>().Uint32Value())), "mknod",
        path);
  check(chmod(path.c_str(), 0666), "chmod", path);
  return info.Env().Undefined();
}

/** bindTree(plan, folder): performs the plan with mount(2) on `folder`; descriptor of the folder. */
Napi::Value bindTree(const Napi::CallbackInfo& info) {
  Napi::Array plan = info[0].As<Napi::Array>();
  std::string folder = info[1].As<Napi::String>();
  for (uint32_t i = 0; i < plan.Length(); i++) {
    Step step = toStep(plan.Get(i).As<Napi::Object>());
    std::string target = step.target.empty() ? folder : folder + "/" + step.target;
    if (step.source.empty()) {
      check(mount(step.type.c_str(), target.c_str(), step.type.c_str(), MS_NOSUID,
                  step.options.c_str()),
            "mount", target);
    } else {
      check(mount(step.source.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr), "bind",
            step.source);
    }
    check(mount(nullptr, target.c_str(), nullptr, MS_PRIVATE | MS_REC, nullptr), "make private",
          target);
    if (step.isReadOnly) {
      check(mount(nullptr, target.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID,
                  nullptr),
            "remount read-only", target);
    }
  }
  return Napi::Number::New(
      info.Env(), check(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC), "open", folder));
}

/** unmountTree(folder): unmounts what bindTree mounted there. */
Napi::Value unmountTree(const Napi::CallbackInfo& info) {
  std::string folder = info[0].As<Napi::String>();
  check(umount2(folder.c_str(), MNT_DETACH), "umount", folder);
  return info.Env().Undefined();
}
