// The steps that confine a new process. The launcher of fresh interpreters (src/launch.cc, in a vfork
// child) and the Zygotes' library (guest.c, in a forked child) share them. They use only system calls and
// plain memory, because a vfork child may do no more.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MAX_CGROUP_FILES = 8, KEPT_FD = 3 };

/** How a process is confined. Descriptors belong to the caller; -1 means that there is none. */
struct confinement {
  /** Directory that becomes its root. */
  int32_t root;
  /** Network namespace that it joins. */
  int32_t network;
  /** A descriptor that it keeps, besides 0, 1 and 2; it becomes KEPT_FD. */
  int32_t kept;
  /** cgroup v1 `tasks` files. A process that writes "0" moves itself, without the grace period for
      which a write to cgroup.procs by the manager would wait. */
  int32_t tasks[MAX_CGROUP_FILES];
  int32_t taskCount;
  /** Ascending numbers above KEPT_FD of further descriptors that it keeps. */
  const int32_t *files;
  uint32_t fileCount;
  uint32_t uid;
  uint32_t gid;
  /** Capabilities that it keeps, as a bit mask. */
  uint64_t keptCaps;
  /** It is a container, which gets the guests' filter too; a Zygote must still change root and user. */
  uint32_t isGuest;
  /** It will execute a program: it has no confined ancestor, and `kept` must survive execve. */
  uint32_t isFirst;
  /** Its system calls are not filtered. This only serves to measure the cost of the filters. */
  uint32_t isUnfiltered;
};

/** Capabilities that a Zygote needs to confine its children. */
#define ZYGOTE_CAPS                                                                             \
  ((1ull << CAP_SETUID) | (1ull << CAP_SETGID) | (1ull << CAP_SYS_CHROOT) |                      \
   (1ull << CAP_SETPCAP) | (1ull << CAP_SYS_ADMIN))

static inline int keepCapabilities(uint64_t mask) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  for (int word = 0; word < 2; word++) {
    uint32_t bits = (uint32_t)(mask >> (32 * word));
    data[word].effective = bits;
    data[word].permitted = bits;
    data[word].inheritable = bits;
  }
  if (syscall(SYS_capset, &header, data) != 0) return -1;
  for (int cap = 0; cap < 64; cap++) {
    if ((mask >> cap & 1) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0) return -1;
  }
  return 0;
}

/** Prevents programs it executes from gaining capabilities. A Zygote's own are ambient and stay. */
static inline int dropBounding(void) {
  for (int cap = 0; cap < 64; cap++) {
    if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0) {
      return errno == EINVAL && cap > CAP_AUDIT_READ ? 0 : -1;  // This kernel has no capability of this number.
    }
  }
  return 0;
}

/**
 * Hides the abstract Unix sockets of other processes, which belong to the network namespace and not to
 * a root: the process and its children can then reach only their own. Linux before 6.12 cannot do this.
 */
static inline int hideAbstractSockets(void) {
  struct {  // struct landlock_ruleset_attr; in older headers it lacks the last member.
    uint64_t handledFiles, handledNetwork, scoped;
  } rules = {0, 0, 1};  // LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
  int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
  if (ruleset < 0) {
    int isOld = errno == ENOSYS || errno == EOPNOTSUPP || errno == E2BIG || errno == EINVAL;
    return isOld ? 0 : -1;
  }
  int result = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
  close(ruleset);
  return result;
}

/** Closes all descriptors above KEPT_FD that are not to be kept. */
static inline int closeOthers(const struct confinement *to) {
  unsigned from = KEPT_FD + 1;
  for (uint32_t i = 0; i < to->fileCount; i++) {
    unsigned file = (unsigned)to->files[i];
    if (file > from && syscall(SYS_close_range, from, file - 1, 0) != 0) return -1;
    from = file + 1;
  }
  return (int)syscall(SYS_close_range, from, ~0u, 0);
}

/** Confines the calling process. Returns NULL, or the name of the step that failed (see errno). */
static inline const char *confine(const struct confinement *to) {
  for (int i = 0; i < to->taskCount; i++) {
    if (write(to->tasks[i], "0", 1) != 1) return "join cgroup";
  }
  if (to->network >= 0 && setns(to->network, CLONE_NEWNET) != 0) return "join network namespace";
  if (to->root >= 0 && (fchdir(to->root) != 0 || chroot(".") != 0)) return "chroot";
  // The kernel checks inheritable capabilities against the bounding set, so a Zygote sets its own before
  // it drops the bounding set. A guest keeps no capability and could not drop the set afterwards.
  if (to->isFirst && to->isGuest && dropBounding() != 0) return "drop bounding capabilities";
  if (to->keptCaps != 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return "keep capabilities";
  if (syscall(SYS_setgroups, 0, NULL) != 0) return "setgroups";
  if (syscall(SYS_setresgid, to->gid, to->gid, to->gid) != 0) return "setresgid";
  if (syscall(SYS_setresuid, to->uid, to->uid, to->uid) != 0) return "setresuid";
  // Programs write files where they are. A root of a bench may have no scratch.
  if (to->root >= 0 && chdir("/scratch") != 0 && errno != ENOENT) return "enter scratch";
  if (keepCapabilities(to->keptCaps) != 0) return "drop capabilities";
  if (to->isFirst && !to->isGuest && dropBounding() != 0) return "drop bounding capabilities";
  // A change of the user also makes the process's files in /proc root's. A program that is executed gets
  // them back, and a forked child must ask: it holds nothing of others, and nobody else has its user.
  if (to->isGuest && !to->isFirst && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return "own /proc files";
  // A change of the user clears these two settings, so they come after it.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return "set parent-death signal";
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "no_new_privs";
  if ((to->isFirst || to->isGuest) && hideAbstractSockets() != 0) return "hide abstract sockets";
  if (!to->isUnfiltered) {
    if (to->isFirst && installCommonFilter() != 0) return "seccomp, common";
    if (to->isGuest && installGuestFilter() != 0) return "seccomp, guest";
  }
  int closing = to->isFirst ? 0 : O_CLOEXEC;
  if (to->kept != KEPT_FD && dup3(to->kept, KEPT_FD, closing) < 0) return "keep descriptor";
  if (to->kept == KEPT_FD && to->isFirst && fcntl(KEPT_FD, F_SETFD, 0) != 0) return "keep descriptor";
  return closeOthers(to) == 0 ? NULL : "close descriptors";
}

#ifdef __cplusplus
}
#endif
