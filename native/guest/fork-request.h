// What the manager asks of a Zygote: one SOCK_SEQPACKET message. Its descriptors come in this order:
// the child's socket, its root (if hasRoot), its cgroup v2 (if CLONE_INTO_CGROUP), v1 `tasks` files.
#pragma once

#include <stdint.h>

enum { MAX_REQUEST_FDS = 12 };

struct fork_request {
  /** Namespaces, and CLONE_INTO_CGROUP. */
  uint64_t flags;
  /** Names the child in the reply. */
  uint32_t token;
  uint32_t uid;
  uint32_t gid;
  uint32_t isZygote;
  uint32_t hasRoot;
  uint32_t reserved;
};
