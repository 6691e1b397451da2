// SPDX-License-Identifier: Apache-2.0
// The test guest's only program (/init of its initramfs): beats on its disk four times a second (or less often),
// notices when somebody else writes on the same disk, and keeps its vCPU as busy as the disk's control sector asks for.
// The control sector is read with every beat, so load steering works wherever the guest runs and survives a migration.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "beat_format.h"

enum { LOAD_PERIOD_MS = 80, DISK_WAIT_MS = 30000, NS_PER_MS = 1000000, HEAD_BYTES = 2 * BEAT_SECTOR_BYTES };
enum { WITNESS_PAGES = 32, PAGE_BYTES = 4096 };
static const char disk_path[] = "/dev/vda";

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void sleep_until_ns(uint64_t at_ns) {
    const struct timespec at = {.tv_sec = (time_t)(at_ns / 1000000000u), .tv_nsec = (long)(at_ns % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
}

// The init of a guest must not end (the kernel would panic): power off instead, the host then sees "shut off".
static _Noreturn void give_up(const char* what) {
    printf("beat: %s: %s\n", what, strerror(errno));
    sync();
    reboot(RB_POWER_OFF);
    _exit(1);
}

// ---- start
// -----------------------------------------------------------------------------------------------------------

static void open_console(void) {
    const int console = open("/dev/console", O_RDWR);
    for (int fd = 0; console >= 0 && fd < 3; fd++) dup2(console, fd);
    setvbuf(stdout, NULL, _IOLBF, 0);
}

// The initramfs holds them as /modules/00.ko, 01.ko, ... in the order they need.
static void load_modules(void) {
    for (int i = 0;; i++) {
        char path[32];
        snprintf(path, sizeof path, "/modules/%02d.ko", i);
        const int module = open(path, O_RDONLY | O_CLOEXEC);
        if (module < 0) return;
        if (syscall(SYS_finit_module, module, "", 0) != 0 && errno != EEXIST) give_up(path);
        close(module);
    }
}

static int open_disk(int flags) {
    for (int waited_ms = 0; waited_ms < DISK_WAIT_MS; waited_ms += 20) {
        const int disk = open(disk_path, O_RDWR | O_DIRECT | O_CLOEXEC | flags);
        if (disk >= 0) return disk;
        sleep_until_ns(now_ns() + 20u * NS_PER_MS);
    }
    give_up(disk_path);
}

static uint64_t random_id(void) {
    uint64_t id = 0;
    if (getrandom(&id, sizeof id, GRND_INSECURE) != (ssize_t)sizeof id) id = 0;
    struct timespec date;
    clock_gettime(CLOCK_REALTIME, &date);
    return (id ^ __rdtsc() ^ ((uint64_t)date.tv_nsec << 32) ^ (uint64_t)date.tv_sec) | 1;
}

// ---- load
// ------------------------------------------------------------------------------------------------------------

static _Atomic uint32_t* load_percent;  // shared between the beat (writes) and the load process (reads)

static void wait_while_idle(void) {
    if (atomic_load(load_percent) == 0) syscall(SYS_futex, load_percent, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void spin_until_ns(uint64_t until_ns) {
    while (now_ns() < until_ns)
        for (volatile int i = 0; i < 2000; i++) {
        }
}

static _Noreturn void run_load(void) {
    for (;;) {
        wait_while_idle();
        const uint32_t percent = atomic_load(load_percent);
        const uint64_t start_ns = now_ns();
        spin_until_ns(start_ns + (uint64_t)LOAD_PERIOD_MS * NS_PER_MS * percent / 100);
        if (percent < 100) sleep_until_ns(start_ns + (uint64_t)LOAD_PERIOD_MS * NS_PER_MS);
    }
}

static void start_load(void) {
    load_percent = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (load_percent == MAP_FAILED) give_up("mmap");
    const pid_t pid = fork();
    if (pid < 0) give_up("fork");
    if (pid == 0) run_load();
}

static void steer_load(const struct beat_control* control) {
    if (!beat_control_valid(control) || control->load_percent == atomic_load(load_percent)) return;
    atomic_store(load_percent, control->load_percent);
    syscall(SYS_futex, load_percent, FUTEX_WAKE, 1, NULL, NULL, 0);
}

// ---- memory
// ----------------------------------------------------------------------------------------------------------

// Pages that all hold the number of the last beat: a page that a migration copied too early, and not again, shows.
struct witness {
    _Atomic uint64_t* pages;
    uint64_t mark;
};

static _Atomic uint64_t* witness_page(const struct witness* witness, int page) {
    return witness->pages + (size_t)page * (PAGE_BYTES / sizeof *witness->pages);
}

static uint32_t stale_pages(const struct witness* witness) {
    uint32_t stale = 0;
    for (int page = 0; page < WITNESS_PAGES; page++) stale += atomic_load(witness_page(witness, page)) != witness->mark;
    return stale;
}

static void mark_pages(struct witness* witness) {
    witness->mark++;
    for (int page = 0; page < WITNESS_PAGES; page++) atomic_store(witness_page(witness, page), witness->mark);
}

// ---- beat
// ------------------------------------------------------------------------------------------------------------

struct beater {
    int disk;                   // synchronous: a write returns when it is on the server's disk
    int ring_disk;              // not synchronous: the header's write that follows flushes both
    struct beat_header header;  // the last beat known to be written
    struct beat_stamp maybe;    // a beat whose write failed: it may have arrived all the same
    unsigned char* head;        // header and control sector as read
    unsigned char* head_out;
    struct witness witness;
    struct beat_record* ring_sector;  // the ring's sector the next record goes to
};

static void* aligned_buffer(size_t bytes) {
    void* buffer = NULL;
    if (posix_memalign(&buffer, PAGE_BYTES, bytes) != 0) give_up("memory");
    memset(buffer, 0, bytes);
    return buffer;
}

static int read_head(const struct beater* beater) {
    return pread(beater->disk, beater->head, HEAD_BYTES, 0) == HEAD_BYTES;
}

static off_t ring_sector_offset(uint64_t counter) {
    return BEAT_RING_OFFSET + (off_t)(beat_ring_slot(counter) / BEAT_RECORDS_PER_SECTOR * BEAT_SECTOR_BYTES);
}

static int read_ring_sector(const struct beater* beater, uint64_t counter) {
    return pread(beater->ring_disk, beater->ring_sector, BEAT_SECTOR_BYTES, ring_sector_offset(counter)) ==
           BEAT_SECTOR_BYTES;
}

static void note_conflict(struct beater* beater, const struct beat_header* seen) {
    struct beat_conflict* conflict = &beater->header.conflict;
    if (conflict->count++ > 0) return;
    conflict->found_at_uptime_ns = now_ns();
    conflict->seen_boot_id = seen->boot_id;
    conflict->expected = beater->header.stamp;
    conflict->seen = seen->stamp;
    printf("beat: conflict: beat %llu expected, %llu of another writer found\n",
           (unsigned long long)conflict->expected.counter, (unsigned long long)conflict->seen.counter);
}

// The disk must hold exactly what this copy wrote last. Anything else was written by a second running copy.
static void check_sole_writer(struct beater* beater) {
    struct beat_header seen;
    memcpy(&seen, beater->head, sizeof seen);
    if (beat_header_valid(&seen)) {
        if (beat_stamp_equal(&seen.stamp, &beater->header.stamp)) return;
        if (beater->maybe.counter != 0 && beat_stamp_equal(&seen.stamp, &beater->maybe)) {
            beater->header.stamp = beater->maybe;
            return;
        }
        if (seen.conflict.count > 0 && beater->header.conflict.count == 0) beater->header.conflict = seen.conflict;
    } else if (beater->header.stamp.counter == 0) {
        return;  // an empty disk before the first beat
    }
    note_conflict(beater, &seen);
    // Go on above both, so that the counter does not go back.
    if (beat_header_valid(&seen) && seen.stamp.counter > beater->header.stamp.counter) {
        beater->header.stamp.counter = seen.stamp.counter;
        if (!read_ring_sector(beater, seen.stamp.counter)) beater->header.io_errors++;
    }
}

static int write_record(struct beater* beater, const struct beat_stamp* stamp) {
    const uint64_t slot = beat_ring_slot(stamp->counter);
    if (slot % BEAT_RECORDS_PER_SECTOR == 0) memset(beater->ring_sector, 0, BEAT_SECTOR_BYTES);
    struct beat_record* record = &beater->ring_sector[slot % BEAT_RECORDS_PER_SECTOR];
    record->stamp = *stamp;
    record->boot_tag = (uint32_t)beater->header.boot_id;
    record->checksum = beat_record_checksum(record);
    return pwrite(beater->ring_disk, beater->ring_sector, BEAT_SECTOR_BYTES, ring_sector_offset(stamp->counter)) ==
           BEAT_SECTOR_BYTES;
}

static int write_header(struct beater* beater, const struct beat_stamp* stamp) {
    struct beat_header next = beater->header;
    next.stamp = *stamp;
    next.load_percent = atomic_load(load_percent);
    next.checksum = beat_header_checksum(&next);
    memcpy(beater->head_out, &next, sizeof next);
    beater->maybe = *stamp;
    if (pwrite(beater->disk, beater->head_out, BEAT_SECTOR_BYTES, 0) != BEAT_SECTOR_BYTES) return 0;
    beater->header = next;
    return 1;
}

static int beat(struct beater* beater) {
    if (!read_head(beater)) return 0;
    check_sole_writer(beater);
    beater->header.stale_pages += stale_pages(&beater->witness);
    mark_pages(&beater->witness);
    struct beat_control control;
    memcpy(&control, beater->head + BEAT_CONTROL_OFFSET, sizeof control);
    steer_load(&control);
    const struct beat_stamp stamp = {beater->header.stamp.counter + 1, now_ns(), __rdtsc()};
    return write_record(beater, &stamp) && write_header(beater, &stamp);
}

// A disk that a guest has run on before: go on counting, as a new boot.
static void take_over_disk(struct beater* beater) {
    if (!read_head(beater)) give_up("read the disk");
    struct beat_header before;
    memcpy(&before, beater->head, sizeof before);
    if (beat_header_valid(&before)) {
        beater->header = before;
        if (!read_ring_sector(beater, before.stamp.counter)) give_up("read the disk");
    }
    beater->header.magic = BEAT_HEADER_MAGIC;
    beater->header.version = BEAT_VERSION;
    beater->header.boot_id = random_id();
    beater->header.boots++;
    beater->header.io_errors = 0;
    beater->header.stale_pages = 0;
}

// A guest of an emulated host beats less often. What the kernel's command line says is in the environment.
static uint64_t period_ns(void) {
    const char* asked = getenv("BEAT_PERIOD_MS");
    const long asked_ms = asked == NULL ? 0 : strtol(asked, NULL, 10);
    return (uint64_t)(asked_ms > 0 ? asked_ms : BEAT_PERIOD_MS) * NS_PER_MS;
}

static _Noreturn void run_beat(struct beater* beater) {
    const struct sched_param first = {.sched_priority = 1};
    sched_setscheduler(0, SCHED_FIFO, &first);  // a loaded vCPU must not delay the beat
    uint64_t next_ns = now_ns();
    for (;;) {
        if (!beat(beater)) {
            beater->header.io_errors++;
            printf("beat: disk: %s\n", strerror(errno));
        }
        next_ns += period_ns();
        if (next_ns < now_ns()) next_ns = now_ns();
        sleep_until_ns(next_ns);
    }
}

int main(void) {
    mkdir("/dev", 0755);
    mount("devtmpfs", "/dev", "devtmpfs", 0, "");
    open_console();
    load_modules();
    start_load();
    struct beater beater = {.disk = open_disk(O_SYNC), .ring_disk = open_disk(0)};
    beater.head = aligned_buffer(HEAD_BYTES);
    beater.head_out = aligned_buffer(BEAT_SECTOR_BYTES);
    beater.ring_sector = aligned_buffer(BEAT_SECTOR_BYTES);
    beater.witness.pages = aligned_buffer((size_t)WITNESS_PAGES * PAGE_BYTES);
    take_over_disk(&beater);
    printf("beat: boot %llu, going on after beat %llu\n", (unsigned long long)beater.header.boots,
           (unsigned long long)beater.header.stamp.counter);
    run_beat(&beater);
}
