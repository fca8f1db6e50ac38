/*
 * Preloaded into a process with LD_PRELOAD, it stands between LMDB and the disk: every sync of a
 * file named data.mdb is written down, can be delayed, and can be made to fail.
 *
 *   SYNC_SHIM_LOG    file that gets a line per sync: "CALL BEGIN END RESULT", in CLOCK_MONOTONIC
 *                    nanoseconds, when the sync returns
 *   SYNC_SHIM_DELAY  while this file exists, each sync takes 300 ms longer
 *   SYNC_SHIM_FAIL   while this file exists, each sync fails with EIO and nothing is synced
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const char *NAME = "/data.mdb";

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int ends_with_name(const char *path) {
  size_t length = strlen(path), wanted = strlen(NAME);
  return length >= wanted && strcmp(path + length - wanted, NAME) == 0;
}

static int is_store(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return ends_with_name(path);
}

static int is_store_map(const void *address) {
  FILE *maps = fopen("/proc/self/maps", "re");
  char line[4352];
  int found = 0;
  while (maps != NULL && !found && fgets(line, sizeof line, maps) != NULL) {
    uintptr_t from, to;
    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, "%lx-%lx", &from, &to) != 2) continue;
    found = (uintptr_t)address >= from && (uintptr_t)address < to && ends_with_name(line);
  }
  if (maps != NULL) fclose(maps);
  return found;
}

static int is_there(const char *variable) {
  const char *path = getenv(variable);
  return path != NULL && access(path, F_OK) == 0;
}

static void note(const char *call, long long begin, int result) {
  const char *path = getenv("SYNC_SHIM_LOG");
  char line[128];
  int fd = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return;
  int length = snprintf(line, sizeof line, "%s %lld %lld %d\n", call, begin, now(), result);
  if (write(fd, line, (size_t)length) != length) abort();
  close(fd);
}

/* Whether the sync is to fail; it waits here when it is to be slow. */
static int interfere(void) {
  if (is_there("SYNC_SHIM_FAIL")) return 1;
  if (is_there("SYNC_SHIM_DELAY")) usleep(300000);
  return 0;
}

static int shimmed(const char *call, int (*real)(int), int fd) {
  if (!is_store(fd)) return real(fd);
  long long begin = now();
  int fails = interfere();
  int result = fails ? -1 : real(fd);
  int error = fails ? EIO : errno;
  note(call, begin, result);
  errno = error;
  return result;
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return shimmed("fdatasync", real, fd);
}

int fsync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return shimmed("fsync", real, fd);
}

int msync(void *address, size_t length, int flags) {
  static int (*real)(void *, size_t, int);
  if (real == NULL) real = (int (*)(void *, size_t, int))dlsym(RTLD_NEXT, "msync");
  if (!is_store_map(address)) return real(address, length, flags);
  long long begin = now();
  int fails = interfere();
  int result = fails ? -1 : real(address, length, flags);
  int error = fails ? EIO : errno;
  note("msync", begin, result);
  errno = error;
  return result;
}
