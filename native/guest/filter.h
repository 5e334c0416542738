// The system calls that guests may not make, as two seccomp filters. All calls that a handler needs stay
// allowed: the lists contain calls that change the machine, look into other processes, or enlarge the
// attack surface.
//
// When a filter is installed, the kernel runs it once for every system call, which takes time for a long
// one. So Zygotes install the long filter, their children inherit it, and a child adds only the short
// one, which forbids calls that Zygotes need.
#pragma once

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define FILTER_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#else
#error "the seccomp filter knows x86-64 and arm64 only"
#endif

// Calls that older headers lack; their numbers are equal on both architectures.
#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif
#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif
#ifndef SYS_set_mempolicy_home_node
#define SYS_set_mempolicy_home_node 450
#endif
#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif
#ifndef SYS_statmount
#define SYS_statmount 457
#endif
#ifndef SYS_listmount
#define SYS_listmount 458
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif
#ifndef SYS_listns
#define SYS_listns 470
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define NAMESPACE_FLAGS                                                                         \
  (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
   CLONE_NEWNET)

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
#define REFUSE(error) RETURN(SECCOMP_RET_ERRNO | (error))
/** One list entry: two instructions, so that the list needs no jump offsets. */
#define DENY(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), REFUSE(EPERM)

/** Ends the filter with `answer` if the word loaded last is `value`. */
#define ANSWER_IF(value, answer) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1), answer

static inline int install(const struct sock_filter *filter, size_t length) {
  const struct sock_fprog program = {(unsigned short)length, (struct sock_filter *)filter};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

/** Number of instructions from the check for socketpair to the end of the rules for sockets. */
#define SOCKET_CHECKS 15

/** Forbids the calls that neither containers nor Zygotes may make. */
static inline int installCommonFilter(void) {
  static const struct sock_filter filter[] = {
      LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCH, 1, 0),
      RETURN(SECCOMP_RET_KILL_PROCESS),
      LOAD(nr),
#if defined(__x86_64__)
      // The x32 calls do the same work under other numbers.
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
      REFUSE(ENOSYS),
#endif
      DENY(unshare),
      // A Zygote's children join the network namespaces made for them; other kinds stay forbidden.
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setns, 0, 4),
      LOAD(args[1]),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CLONE_NEWNET, 1, 0),
      REFUSE(EPERM),
      RETURN(SECCOMP_RET_ALLOW),
      // Terminals keep the usual line discipline, and receive no input except what is written to them.
      // The others are old drivers, which the kernel loads on demand, and attack surface.
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 6),
      LOAD(args[1]),
      ANSWER_IF(TIOCSETD, REFUSE(EPERM)),
      ANSWER_IF(TIOCSTI, REFUSE(EPERM)),
      RETURN(SECCOMP_RET_ALLOW),
      // Sockets: Unix, netlink and Internet sockets are allowed. Some other families ignore network
      // namespaces (AF_VSOCK reaches the hypervisor from any namespace), and the others give access to
      // much of the kernel. The errors are those of a kernel built without them, which libraries expect.
      // Netlink: getaddrinfo, if_nameindex and psutil ask for routes and interfaces; audit, sock_diag
      // (which lists the machine's sockets) and the others are for administrators. MPTCP is refused,
      // because it can do no more than TCP and bypasses the guard of addresses (src/addresses.cc).
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socketpair, 0, SOCKET_CHECKS),
      LOAD(args[0]),
      ANSWER_IF(AF_UNIX, RETURN(SECCOMP_RET_ALLOW)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 4),
      LOAD(args[2]),
      ANSWER_IF(NETLINK_ROUTE, RETURN(SECCOMP_RET_ALLOW)),
      REFUSE(EPROTONOSUPPORT),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0),
      REFUSE(EAFNOSUPPORT),
      LOAD(args[2]),
      ANSWER_IF(IPPROTO_MPTCP, REFUSE(EPROTONOSUPPORT)),
      RETURN(SECCOMP_RET_ALLOW),
      // Mounts and roots.
      DENY(mount), DENY(umount2), DENY(pivot_root), DENY(open_tree), DENY(move_mount),
      DENY(mount_setattr), DENY(fsopen), DENY(fsconfig), DENY(fsmount), DENY(fspick),
      DENY(open_by_handle_at), DENY(name_to_handle_at), DENY(quotactl), DENY(swapon),
      DENY(swapoff), DENY(fanotify_init), DENY(open_tree_attr), DENY(quotactl_fd),
      // These calls list all mounts and namespaces of the machine.
      DENY(statmount), DENY(listmount), DENY(listns),
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
      // Memory hidden from the kernel itself, the cached pages of a file, and NUMA placement. Packages
      // work without them. Of numpy, pandas, pyarrow (with mimalloc and jemalloc) and scikit-learn, only
      // OpenBLAS makes such a call: mbind, for the policy that it has anyway, and it ignores the result.
      // PyTorch makes such calls only if its NUMA flag is set.
      DENY(memfd_secret), DENY(cachestat), DENY(mbind), DENY(set_mempolicy),
      DENY(set_mempolicy_home_node),
      // They write back whole file systems, which blocks other users of the machine. A guest's own files
      // are in memory, so it has nothing to write back. fsync stays allowed.
      DENY(sync), DENY(syncfs),
      // Keys belong to users, not to containers.
      DENY(add_key), DENY(request_key), DENY(keyctl),
      RETURN(SECCOMP_RET_ALLOW),
  };
  return install(filter, sizeof filter / sizeof filter[0]);
}

/** Forbids the calls that Zygotes need but containers may not make: new roots and namespaces. */
static inline int installGuestFilter(void) {
  static const struct sock_filter filter[] = {
      LOAD(nr),
      DENY(chroot), DENY(setns),
      // The flags of clone are its first argument. Those of clone3 are in memory, which a filter cannot
      // read. So clone3 fails as if the kernel did not have it, and glibc falls back to clone.
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
#undef ANSWER_IF
#undef SOCKET_CHECKS
