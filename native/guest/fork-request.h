// What the manager asks of a Zygote: one SOCK_SEQPACKET message. Its descriptors come in this order:
// the child's socket, its root, its cgroup v2 (if CLONE_INTO_CGROUP), its network namespace
// (if hasNetwork), v1 `tasks` files.
#pragma once

#include <stdint.h>

enum { MAX_REQUEST_FDS = 12 };

/** What the child is to be. A bare one says a word and ends: the floor of what a start can take. */
enum fork_kind { FORK_CONTAINER = 0, FORK_ZYGOTE = 1, FORK_BARE = 2 };

/** What is left out to measure what it is worth; none of it in any run. */
enum fork_without { WITHOUT_SECCOMP = 1, WITHOUT_SINGLE_FORK = 2 };

struct fork_request {
  /** Namespaces, and CLONE_INTO_CGROUP. */
  uint64_t flags;
  /** Names the child in the reply. */
  uint32_t token;
  uint32_t uid;
  uint32_t gid;
  /** enum fork_kind */
  uint32_t kind;
  uint32_t hasNetwork;
  /** Bits of enum fork_without. */
  uint32_t without;
};
