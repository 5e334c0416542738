// The Zygotes' library, which guest.py calls with ctypes: it waits for fork requests on the control
// socket and makes confined children. It does not run Python's own fork hooks, which are slow; guest.py
// does what children need of them.
#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "confine.h"
#include "fork-request.h"

enum { LENGTH_BYTES = 4 };

#define EXPORT __attribute__((visibility("default")))

/** CLOCK_MONOTONIC in microseconds. */
static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/** Returned by `receive` for a packet of GROW_BYTES: more modules to import follow. */
enum { GROW = -2 };

/** Receives a request and its descriptors. Returns the number of descriptors, -1 if the manager is gone. */
static int receive(int control, struct fork_request *request, int32_t *fds) {
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int32_t) * MAX_REQUEST_FDS)];
  } box;
  struct iovec part = {request, sizeof *request};
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = box.bytes,
                           .msg_controllen = sizeof box.bytes};
  ssize_t got;
  do got = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got == GROW_BYTES) return GROW;
  if (got != sizeof *request) return -1;
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  if (rights == NULL || rights->cmsg_type != SCM_RIGHTS) return 0;
  int count = (int)((rights->cmsg_len - CMSG_LEN(0)) / sizeof(int32_t));
  memcpy(fds, CMSG_DATA(rights), (size_t)count * sizeof(int32_t));
  return count;
}

/** Sends a text on a child's socket in the format of guest.py. Returns whether all of it was sent. */
static int sendFrame(int socket, const char *text) {
  char frame[256];
  size_t length = strlen(text);
  for (int i = 0; i < LENGTH_BYTES; i++) frame[i] = (char)(length >> (8 * i));
  memcpy(frame + LENGTH_BYTES, text, length);
  length += LENGTH_BYTES;
  return send(socket, frame, length, MSG_NOSIGNAL) == (ssize_t)length;
}

/** Reports to the manager which step of making a child failed. */
static void report(int socket, const char *step, int error) {
  char text[200];
  snprintf(text, sizeof text, "{\"failed\":\"%s: %s\"}", step, strerror(error));
  if (!sendFrame(socket, text)) _exit(126);
}

/**
 * Puts the manager's own openings of the Zygote's files where the inherited ones are, which share their
 * position with the Zygote and its other children.
 */
static int replaceFiles(const struct fork_request *request, const int32_t *fds) {
  for (uint32_t i = 0; i < request->fileCount; i++) {
    off_t position = lseek(request->files[i], 0, SEEK_CUR);
    if (dup3(fds[i], request->files[i], O_CLOEXEC) < 0) return -1;
    if (position > 0 && lseek(request->files[i], position, SEEK_SET) < 0) return -1;
  }
  return 0;
}

/** Runs in the child: confines it. Returns only if that succeeded. */
static void becomeChild(const struct fork_request *request, const int32_t *fds, int count) {
  if (request->kind == FORK_BARE) {
    _exit(sendFrame(fds[0], "{}") ? 0 : 1);
  }
  struct confinement to = {.root = fds[1],
                           .network = -1,
                           .kept = fds[0],
                           .uid = request->uid,
                           .gid = request->gid,
                           .keptCaps = request->kind == FORK_ZYGOTE ? ZYGOTE_CAPS : 0,
                           .isGuest = request->kind == FORK_CONTAINER,
                           .isUnfiltered = request->without & WITHOUT_SECCOMP,
                           .files = request->files,
                           .fileCount = request->fileCount};
  int next = 2;
  if (request->flags & CLONE_INTO_CGROUP) next++;
  if (request->hasNetwork) to.network = fds[next++];
  int firstFile = count - (int)request->fileCount;
  for (; next < firstFile; next++) to.tasks[to.taskCount++] = fds[next];
  const char *failed = replaceFiles(request, fds + firstFile) == 0 ? confine(&to) : "open files again";
  if (failed != NULL) {
    report(fds[0], failed, errno);
    _exit(125);
  }
}

/**
 * Forks a child whose parent is the manager. Only the manager waits for it, so a Zygote has no zombies.
 * Returns 0 in the child, its process id in the Zygote, or -1.
 */
static long forkSibling(const struct fork_request *request, uint64_t flags, const int32_t *fds,
                        void *threadId) {
  struct clone_args arguments = {.flags = flags | CLONE_PARENT, .exit_signal = 0};
  if (threadId != NULL) {
    // glibc caches the thread's id; only its own fork() would update it.
    arguments.flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    arguments.child_tid = (uint64_t)(uintptr_t)threadId;
  }
  if (flags & CLONE_INTO_CGROUP) arguments.cgroup = (uint64_t)fds[2];
  return syscall(SYS_clone3, &arguments, sizeof arguments);
}

/** Reports the child to the manager. `helper`: another process that it must wait for, or 0. */
static void answer(int control, const struct fork_request *request, long pid, int helper) {
  int error = pid < 0 ? errno : 0;
  char reply[100];
  int length = snprintf(reply, sizeof reply, "{\"token\":%u,\"pid\":%ld,\"errno\":%d,\"helper\":%d}",
                        request->token, pid, error, helper);
  if (send(control, reply, (size_t)length, MSG_NOSIGNAL) < 0) _exit(0);
}

/**
 * Forks a child by two forks, as OpenLambda's Zygotes do: a helper forks the child and ends, and the
 * Zygote waits for the helper. This only serves to measure what one clone3 saves. Returns 0 in the child.
 */
static long forkTwice(int control, const struct fork_request *request, const int32_t *fds,
                      void *threadId) {
  long helper = forkSibling(request, CLONE_VFORK, fds, threadId);
  if (helper != 0) {
    if (helper < 0) answer(control, request, helper, 0);
    return helper;
  }
  long pid = forkSibling(request, request->flags, fds, threadId);
  if (pid == 0) return 0;
  answer(control, request, pid, getpid());
  _exit(0);
}

/** Fills `state` with random bytes, so that it differs between children. */
static void randomize(char *state, size_t length) {
  while (length > 0) {
    ssize_t got = getrandom(state, length, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) _exit(124);
    state += got;
    length -= (size_t)got;
  }
}

/**
 * Serves fork requests, and returns in the children. A child has its socket as descriptor 3, and
 * random bytes in `state`. If the Zygote has threads, a child calls `afterFork`, Python's own repair after
 * a fork, and sets `isRepaired`: otherwise it would wait for ever for a thread that asked for the
 * interpreter in the Zygote. The result is the time at which the request was received (CLOCK_MONOTONIC in
 * microseconds), negative if the child becomes a Zygote. The result is 0 in the Zygote itself, if more
 * modules to import follow. Ends the process when the manager is gone.
 */
EXPORT int64_t guest_serve(int control, char *state, size_t stateBytes, void (*afterFork)(void),
                           int *isRepaired) {
  void *threadId = NULL;
  prctl(PR_GET_TID_ADDRESS, &threadId, 0, 0, 0);
  for (;;) {
    struct fork_request request;
    int32_t fds[MAX_REQUEST_FDS];
    int count = receive(control, &request, fds);
    if (count == GROW) return 0;
    if (count < 2 || request.fileCount > MAX_FILES || count < 2 + (int)request.fileCount) _exit(0);
    int64_t receivedUs = now();
    int isDouble = (request.without & WITHOUT_SINGLE_FORK) != 0;
    long pid = isDouble ? forkTwice(control, &request, fds, threadId)
                        : forkSibling(&request, request.flags, fds, threadId);
    if (pid == 0) {
      becomeChild(&request, fds, count);
      randomize(state, stateBytes);
      if (request.hasThreads) {
        *isRepaired = 1;
        afterFork();
      }
      return request.kind == FORK_ZYGOTE ? -receivedUs : receivedUs;
    }
    if (!isDouble) answer(control, &request, pid, 0);
    for (int i = 0; i < count; i++) close(fds[i]);
  }
}
