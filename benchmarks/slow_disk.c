/* A disk on which each fsync takes SLOW_FSYNC_MS longer, as on cloud volumes: preloaded before libc. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int later(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *ms = getenv("SLOW_FSYNC_MS");
    int result = real(fd);
    if (ms) usleep((useconds_t)(atof(ms) * 1000));
    return result;
}

int fsync(int fd) { return later("fsync", fd); }
int fdatasync(int fd) { return later("fdatasync", fd); }
