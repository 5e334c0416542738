#pragma once

#include <linux/sched.h>
#include <sys/syscall.h>

/**
 * clone3 with CLONE_VM and CLONE_VFORK: the caller sleeps until the child executes a program or ends,
 * and no page table is copied, however large the caller is. The child runs on the caller's stack, so
 * the call must not return through a library's stack frame. Therefore this is the instruction itself.
 */
[[gnu::always_inline]] static inline long cloneSharing(struct clone_args* arguments) {
#if defined(__x86_64__)
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(SYS_clone3), "D"(arguments), "S"(sizeof *arguments)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long result __asm__("x0") = reinterpret_cast<long>(arguments);
  register long size __asm__("x1") = sizeof *arguments;
  register long number __asm__("x8") = SYS_clone3;
  __asm__ volatile("svc 0" : "+r"(result) : "r"(size), "r"(number) : "memory");
  return result;
#else
#error "launching knows x86-64 and arm64 only"
#endif
}
