// SPDX-License-Identifier: Apache-2.0
// Preloaded into ballast: lets its calendar clock jump while it runs, and its disk be slow, without touching the
// machine.
//   FAULTS_CLOCK_FILE      a file of one 64-bit integer: seconds added to the calendar clock, read at every call
//   FAULTS_SYNC_DELAY_MS   how much longer a write takes to reach the disk (a moment between two journal states is
//   short)
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* jump_s;
static long sync_delay_ms;

__attribute__((constructor)) static void read_environment(void) {
    const char* path = getenv("FAULTS_CLOCK_FILE");
    const int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        void* page = mmap(NULL, sizeof *jump_s, PROT_READ, MAP_SHARED, fd, 0);
        if (page != MAP_FAILED) jump_s = page;
        close(fd);
    }
    const char* delay = getenv("FAULTS_SYNC_DELAY_MS");
    if (delay != NULL) sync_delay_ms = atol(delay);
}

static int64_t jump(void) { return jump_s == NULL ? 0 : *jump_s; }

int clock_gettime(clockid_t clock, struct timespec* now) {
    const int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += jump();
    return result;
}

int gettimeofday(struct timeval* restrict now, void* restrict zone) {
    const int result = (int)syscall(SYS_gettimeofday, now, zone);
    if (result == 0) now->tv_sec += jump();
    return result;
}

time_t time(time_t* into) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (into != NULL) *into = now.tv_sec;
    return now.tv_sec;
}

static void be_slow(void) {
    if (sync_delay_ms > 0) usleep((useconds_t)sync_delay_ms * 1000);
}

int fsync(int fd) {
    be_slow();
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
    be_slow();
    return (int)syscall(SYS_fdatasync, fd);
}
