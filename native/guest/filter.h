// The system calls guests may not make, as two seccomp filters. Everything a handler needs stays
// allowed: the lists name what changes the machine, looks into other processes, or opens attack surface.
//
// The kernel runs a new filter once for every system call there is (85 us for the long one), so Zygotes
// carry the long one, their children inherit it, and add only the short one: what Zygotes need.
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

// Calls younger than the headers that this may be built with; the same numbers on both architectures.
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

/** Ends the filter with this answer if the word that was loaded last is `value`. */
#define ANSWER_IF(value, answer) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1), answer

static inline int install(const struct sock_filter *filter, size_t length) {
  const struct sock_fprog program = {(unsigned short)length, (struct sock_filter *)filter};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

/** Instructions from the check for socketpair to the end of the rules for sockets. */
#define SOCKET_CHECKS 15

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
      // Sockets. Of the other families some belong to no network namespace (AF_VSOCK addresses the
      // hypervisor whatever the namespace), and the rest reach much of the kernel. Their errors are those
      // of a kernel that was built without them, which libraries expect. Netlink: getaddrinfo,
      // if_nameindex and psutil ask for routes and interfaces; audit, sock_diag (which lists the
      // machine's sockets) and the others are for administrators. MPTCP gets no answer that TCP does
      // not get, and does not ask the guard of addresses (src/addresses.cc).
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
      // These tell the ids of all mounts and namespaces of the machine.
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
      // Memory that is hidden from the kernel itself, what others have cached of a file, and where
      // memory lies. Packages do without. Of numpy, pandas, pyarrow (with mimalloc and jemalloc) and
      // scikit-learn only OpenBLAS calls one: mbind, for the policy that it has anyway, and it does not
      // look at the answer. PyTorch asks where memory lies only if its NUMA flag is set.
      DENY(memfd_secret), DENY(cachestat), DENY(mbind), DENY(set_mempolicy),
      DENY(set_mempolicy_home_node),
      // They write back file systems of the machine, which holds up all its users. A guest's own files
      // lie in memory, so it has nothing to write back; fsync stays.
      DENY(sync), DENY(syncfs),
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
#undef ANSWER_IF
#undef SOCKET_CHECKS
