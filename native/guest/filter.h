// The system calls guests may not make, as two seccomp filters. Everything a handler needs stays
// allowed: the lists name what changes the machine, looks into other processes, or opens attack surface.
//
// The kernel runs a new filter once for every system call there is (85 us for the long one), so Zygotes
// carry the long one, their children inherit it, and add only the short one: what Zygotes need.
#pragma once

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define FILTER_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#else
#error "the seccomp filter knows x86-64 and arm64 only"
#endif

#define NAMESPACE_FLAGS                                                                         \
  (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
   CLONE_NEWNET)

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
#define REFUSE(error) RETURN(SECCOMP_RET_ERRNO | (error))
/** One list entry: two instructions, so that the list needs no jump offsets. */
#define DENY(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), REFUSE(EPERM)

static inline int install(const struct sock_filter *filter, size_t length) {
  const struct sock_fprog program = {(unsigned short)length, (struct sock_filter *)filter};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

/** What neither containers nor Zygotes may do. */
static inline int installCommonFilter(void) {
  static const struct sock_filter filter[] = {
      LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCH, 1, 0),
      RETURN(SECCOMP_RET_KILL_PROCESS),
      LOAD(nr),
#if defined(__x86_64__)
      // The x32 calls have numbers of their own for the same work.
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
      REFUSE(ENOSYS),
#endif
      DENY(unshare),
      // A Zygote's children join the network namespaces made for them; it can join no other kind.
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setns, 0, 4),
      LOAD(args[1]),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CLONE_NEWNET, 1, 0),
      REFUSE(EPERM),
      RETURN(SECCOMP_RET_ALLOW),
      // Mounts and roots.
      DENY(mount), DENY(umount2), DENY(pivot_root), DENY(open_tree), DENY(move_mount),
      DENY(mount_setattr), DENY(fsopen), DENY(fsconfig), DENY(fsmount), DENY(fspick),
      DENY(open_by_handle_at), DENY(name_to_handle_at), DENY(quotactl), DENY(swapon),
      DENY(swapoff), DENY(fanotify_init),
      // Other processes.
      DENY(ptrace), DENY(process_vm_readv), DENY(process_vm_writev), DENY(kcmp),
      DENY(pidfd_getfd), DENY(process_madvise), DENY(migrate_pages), DENY(move_pages),
      // The kernel and the machine.
      DENY(kexec_load), DENY(kexec_file_load), DENY(init_module), DENY(finit_module),
      DENY(delete_module), DENY(bpf), DENY(perf_event_open), DENY(userfaultfd), DENY(reboot),
      DENY(settimeofday), DENY(clock_settime), DENY(adjtimex), DENY(clock_adjtime),
      DENY(sethostname), DENY(setdomainname), DENY(acct), DENY(syslog), DENY(vhangup),
      DENY(lookup_dcookie), DENY(personality), DENY(io_uring_setup), DENY(io_uring_enter),
      DENY(io_uring_register),
#if defined(__x86_64__)
      DENY(iopl), DENY(ioperm), DENY(modify_ldt),
#endif
      // Keys are shared by user, not by container.
      DENY(add_key), DENY(request_key), DENY(keyctl),
      RETURN(SECCOMP_RET_ALLOW),
  };
  return install(filter, sizeof filter / sizeof filter[0]);
}

/** What Zygotes need and containers must not have: new roots and new namespaces. */
static inline int installGuestFilter(void) {
  static const struct sock_filter filter[] = {
      LOAD(nr),
      DENY(chroot), DENY(setns),
      // clone's flags are its first argument; clone3's lie in memory no filter can read, so clone3
      // is absent, and glibc falls back to clone.
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
      REFUSE(ENOSYS),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
      LOAD(args[0]),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACE_FLAGS, 0, 1),
      REFUSE(EPERM),
      RETURN(SECCOMP_RET_ALLOW),
  };
  return install(filter, sizeof filter / sizeof filter[0]);
}

#undef LOAD
#undef RETURN
#undef REFUSE
#undef DENY
