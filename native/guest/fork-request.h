// The manager's request to a Zygote, one SOCK_SEQPACKET message. Its descriptors come in this order:
// the child's socket, its root, its v2 cgroup (if CLONE_INTO_CGROUP), its network namespace
// (if hasNetwork), v1 `tasks` files, and the files that the child shall have open (fileCount).
#pragma once

#include <stdint.h>

/** Length of a packet that is no fork request: the next one names more modules to import. */
enum { GROW_BYTES = 1 };

enum { MAX_FILES = 16, MAX_REQUEST_FDS = 12 + MAX_FILES };

/** What the child becomes. A bare one sends an empty message and ends: the lower bound of any start. */
enum fork_kind { FORK_CONTAINER = 0, FORK_ZYGOTE = 1, FORK_BARE = 2 };

/** Techniques that only benches leave out, to measure what they save. */
enum fork_without { WITHOUT_SECCOMP = 1, WITHOUT_SINGLE_FORK = 2 };

struct fork_request {
  /** Flags of clone3: namespaces, and CLONE_INTO_CGROUP. */
  uint64_t flags;
  /** Identifies the child in the reply. */
  uint32_t token;
  uint32_t uid;
  uint32_t gid;
  /** enum fork_kind */
  uint32_t kind;
  uint32_t hasNetwork;
  /** Bits of enum fork_without. */
  uint32_t without;
  /** The Zygote has threads: the child must repair what Python keeps about them. */
  uint32_t hasThreads;
  /** Ascending numbers of the descriptors that the child shall have, each with its own position. */
  uint32_t fileCount;
  int32_t files[MAX_FILES];
};
