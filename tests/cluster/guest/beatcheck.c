// SPDX-License-Identifier: Apache-2.0
// Reads (and formats, and steers) the heartbeat disk of a test guest from the NFS server's side; see usage below.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "beat_format.h"

static const char usage[] =
    "usage: beatcheck [--allow-reboot] IMAGE            audit the last 16384 beats\n"
    "       beatcheck --watch SECONDS [--max-gap MS] [--allow-reboot] IMAGE\n"
    "                                                   watch the beats until the time is over or SIGTERM, then audit\n"
    "       beatcheck --header IMAGE                    the last beat: COUNTER LOAD_PERCENT BOOTS CONFLICTS\n"
    "       beatcheck --format PERCENT IMAGE            make a new, empty disk with this load asked for (raw, unless "
    "the\n"
    "                                                   image is a new qcow2 one with preallocation=full)\n"
    "       beatcheck --set-load PERCENT IMAGE          ask the guest for another load (0..100)\n"
    "One JSON object on stdout. Exit code: 0 healthy, 1 violated (and why, in one line on stderr), 2 cannot tell.\n";

enum { POLL_MS = 4, NS_PER_MS = 1000000 };

static volatile sig_atomic_t stopped;
static void on_stop(int signal_number) {
    (void)signal_number;
    stopped = 1;
}

static _Noreturn void die(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("beatcheck: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(2);
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static double ms(uint64_t ns) { return (double)ns / NS_PER_MS; }

static void sleep_ns(uint64_t ns) {
    const struct timespec pause = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
    nanosleep(&pause, NULL);
}

// ---- verdict
// ---------------------------------------------------------------------------------------------------------

// The first violation is the verdict; the later ones mostly follow from it.
struct verdict {
    char why[256];
};

__attribute__((format(printf, 2, 3))) static void violated(struct verdict* verdict, const char* format, ...) {
    if (verdict->why[0] != '\0') return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(verdict->why, sizeof verdict->why, format, arguments);
    va_end(arguments);
}

static int report(const struct verdict* verdict, const char* image) {
    if (verdict->why[0] == '\0') return 0;
    fprintf(stderr, "beatcheck: %s: violated: %s\n", image, verdict->why);
    return 1;
}

static void judge_conflict(struct verdict* verdict, const struct beat_header* header) {
    const struct beat_conflict* conflict = &header->conflict;
    if (conflict->count == 0) return;
    violated(verdict,
             "two copies ran: after its beat %" PRIu64 " (nonce %" PRIx64 ") a copy found beat %" PRIu64
             " (nonce %" PRIx64 ") of boot %" PRIx64 "; found %" PRIu64 " times",
             conflict->expected.counter, conflict->expected.nonce, conflict->seen.counter, conflict->seen.nonce,
             conflict->seen_boot_id, conflict->count);
}

static void judge_memory(struct verdict* verdict, const struct beat_header* header) {
    if (header->stale_pages > 0)
        violated(verdict, "memory lost writes: %" PRIu32 " pages were older than the guest had left them",
                 header->stale_pages);
}

// ---- reading
// ---------------------------------------------------------------------------------------------------------

// Where the guest's disk begins in the image file: at 0 in a raw one. A qcow2 one must have been made with
// preallocation=full, so that its clusters lie in order and stay where they are while the guest runs.
static off_t disk_begin;

static uint64_t big_endian(const unsigned char* bytes, int count) {
    uint64_t value = 0;
    for (int i = 0; i < count; i++) value = value << 8 | bytes[i];
    return value;
}

static void find_disk(int image, const char* path) {
    enum { HEADER_BYTES = 72, CLUSTER_BITS_AT = 20, L1_OFFSET_AT = 40, ENTRY_BYTES = 8, ENTRIES_MAX = 2048 };
    const uint64_t offset_mask = UINT64_C(0x00fffffffffffe00);
    unsigned char header[HEADER_BYTES];
    if (pread(image, header, sizeof header, 0) != (ssize_t)sizeof header || memcmp(header, "QFI\xfb", 4) != 0) return;
    const uint64_t cluster_bytes = UINT64_C(1) << big_endian(header + CLUSTER_BITS_AT, 4);
    const uint64_t clusters = BEAT_IMAGE_BYTES / cluster_bytes;
    static unsigned char table[ENTRIES_MAX * ENTRY_BYTES];
    const off_t l1 = (off_t)big_endian(header + L1_OFFSET_AT, ENTRY_BYTES);
    if (clusters == 0 || clusters > ENTRIES_MAX || pread(image, table, ENTRY_BYTES, l1) != ENTRY_BYTES)
        die("%s: a qcow2 image of an unknown kind", path);
    const off_t l2 = (off_t)(big_endian(table, ENTRY_BYTES) & offset_mask);
    const ssize_t size = (ssize_t)(clusters * ENTRY_BYTES);
    if (l2 == 0 || pread(image, table, (size_t)size, l2) != size) die("%s: qcow2 without its second table", path);
    const uint64_t begin = big_endian(table, ENTRY_BYTES) & offset_mask;
    for (uint64_t i = 0; i < clusters; i++)
        if (begin == 0 || (big_endian(table + i * ENTRY_BYTES, ENTRY_BYTES) & offset_mask) != begin + i * cluster_bytes)
            die("%s: the clusters of this qcow2 image do not lie in order", path);
    disk_begin = (off_t)begin;
}

// A read may meet a write half-way: a bad checksum is read again before it counts as "no header".
static int read_header(int image, struct beat_header* header) {
    for (int tries = 0; tries < 50; tries++) {
        if (pread(image, header, sizeof *header, disk_begin) == (ssize_t)sizeof *header && beat_header_valid(header))
            return 1;
        sleep_ns(NS_PER_MS / 5);
    }
    return 0;
}

struct audit {
    uint64_t records;
    uint64_t reboots;
    uint64_t gap_max_ns;  // in guest uptime, within one boot
};

// Looks at one ring record after the other, oldest first; `previous` is the one before or NULL.
static void audit_record(const struct beat_record* record, const struct beat_record* previous, int allow_reboot,
                         struct audit* audit, struct verdict* verdict) {
    audit->records++;
    if (previous == NULL) return;
    const uint64_t beat = record->stamp.counter;
    if (record->boot_tag != previous->boot_tag) {
        audit->reboots++;
        if (!allow_reboot) violated(verdict, "the guest was started again before beat %" PRIu64, beat);
    } else if (record->stamp.uptime_ns < previous->stamp.uptime_ns ||
               (record->stamp.uptime_ns == previous->stamp.uptime_ns && record->stamp.nonce <= previous->stamp.nonce)) {
        // The guest's clock (acpi_pm) wraps every 4.7 s. When QEMU itself stood still for longer (its NFS server cut
        // off), the kernel holds the clock for a while, so two beats may bear one time; the time-stamp counter goes on.
        violated(verdict, "guest uptime went back at beat %" PRIu64, beat);
    } else if (record->stamp.uptime_ns - previous->stamp.uptime_ns > audit->gap_max_ns) {
        audit->gap_max_ns = record->stamp.uptime_ns - previous->stamp.uptime_ns;
    }
}

// Every record up to the header's beat must be there. The guest goes on beating while this reads: a slot may already
// hold the beat one round later, and the newest slot the beat after the header.
static struct audit audit_ring(int image, int allow_reboot, struct verdict* verdict) {
    static struct beat_record ring[BEAT_RING_RECORDS];
    struct beat_header first;
    struct beat_header last;
    struct audit audit = {0};
    if (!read_header(image, &first)) die("no heartbeat header");
    if (pread(image, ring, sizeof ring, disk_begin + BEAT_RING_OFFSET) != (ssize_t)sizeof ring)
        die("cannot read the ring");
    if (!read_header(image, &last)) die("no heartbeat header");
    judge_memory(verdict, &last);  // first: lost memory can look like a second copy or a missing beat
    const uint64_t end = first.stamp.counter;
    const uint64_t begin = end >= BEAT_RING_RECORDS ? end - BEAT_RING_RECORDS + 1 : 1;
    const struct beat_record* previous = NULL;
    for (uint64_t counter = begin; counter <= end; counter++) {
        const struct beat_record* record = &ring[beat_ring_slot(counter)];
        const uint64_t found = beat_record_valid(record) ? record->stamp.counter : 0;
        const int next_round = found == counter + BEAT_RING_RECORDS && found <= last.stamp.counter + 1;
        if (next_round) continue;
        if (found == counter) {
            audit_record(record, previous, allow_reboot, &audit, verdict);
            previous = record;
        } else {
            violated(verdict, "beat %" PRIu64 " is not in the ring (its slot holds %" PRIu64 ")", counter, found);
        }
    }
    for (unsigned slot = 0; slot < BEAT_RING_RECORDS; slot++)
        if (beat_record_valid(&ring[slot]) && ring[slot].stamp.counter > last.stamp.counter + 1)
            violated(verdict, "the ring holds beat %" PRIu64 ", the header only %" PRIu64, ring[slot].stamp.counter,
                     last.stamp.counter);
    judge_conflict(verdict, &last);
    return audit;
}

// ---- commands
// --------------------------------------------------------------------------------------------------------

struct options {
    int allow_reboot;
    double watch_seconds;  // < 0: no watch
    double max_gap_ms;     // < 0: no limit
    const char* image_path;
};

static void print_common(const struct verdict* verdict, const struct audit* audit, const struct beat_header* header) {
    printf("\"healthy\": %s, \"counter\": %" PRIu64 ", \"boot_id\": \"%016" PRIx64 "\", \"boots\": %" PRIu64
           ", \"load_percent\": %" PRIu32 ", \"conflicts\": %" PRIu64 ", \"io_errors\": %" PRIu64
           ", \"stale_pages\": %" PRIu32 ", \"audited\": %" PRIu64 ", \"reboots\": %" PRIu64
           ", \"uptime_gap_max_ms\": %.1f",
           verdict->why[0] == '\0' ? "true" : "false", header->stamp.counter, header->boot_id, header->boots,
           header->load_percent, header->conflict.count, header->io_errors, header->stale_pages, audit->records,
           audit->reboots, ms(audit->gap_max_ns));
}

static int run_audit(int image, const struct options* options) {
    struct verdict verdict = {0};
    struct beat_header header;
    const struct audit audit = audit_ring(image, options->allow_reboot, &verdict);
    if (!read_header(image, &header)) die("%s: no heartbeat header", options->image_path);
    printf("{");
    print_common(&verdict, &audit, &header);
    printf("}\n");
    return report(&verdict, options->image_path);
}

struct watch {
    uint64_t start_ns;
    uint64_t last_beat_ns;
    uint64_t gap_max_ns;   // between two beats as seen from here
    uint64_t poll_max_ns;  // between two looks: how sharp this watch was
    struct beat_header start;
    struct beat_header now;
};

static void watch_look(struct watch* watch, int image, int allow_reboot, struct verdict* verdict) {
    struct beat_header seen;
    if (!read_header(image, &seen)) die("the heartbeat header is gone");
    const uint64_t at_ns = now_ns();
    if (seen.stamp.counter < watch->now.stamp.counter)
        violated(verdict, "the beat went back from %" PRIu64 " to %" PRIu64, watch->now.stamp.counter,
                 seen.stamp.counter);
    if (seen.boot_id != watch->now.boot_id && !allow_reboot)
        violated(verdict, "the guest was started again after beat %" PRIu64, watch->now.stamp.counter);
    judge_conflict(verdict, &seen);
    if (at_ns - watch->last_beat_ns > watch->gap_max_ns) watch->gap_max_ns = at_ns - watch->last_beat_ns;
    if (!beat_stamp_equal(&seen.stamp, &watch->now.stamp)) watch->last_beat_ns = at_ns;
    watch->now = seen;
}

static void watch_until_end(struct watch* watch, int image, const struct options* options, struct verdict* verdict) {
    const uint64_t end_ns = watch->start_ns + (uint64_t)(options->watch_seconds * 1e9);
    uint64_t looked_ns = watch->start_ns;
    while (!stopped && now_ns() < end_ns) {
        sleep_ns((uint64_t)POLL_MS * NS_PER_MS);
        const uint64_t at_ns = now_ns();
        if (at_ns - looked_ns > watch->poll_max_ns) watch->poll_max_ns = at_ns - looked_ns;
        looked_ns = at_ns;
        watch_look(watch, image, options->allow_reboot, verdict);
    }
}

// How much longer than the guest's downtime the gap may be: one period, the noise, and what this watch missed.
static double margin_ms(const struct watch* watch) { return BEAT_PERIOD_MS + BEAT_NOISE_MS + ms(watch->poll_max_ns); }

static int run_watch(int image, const struct options* options) {
    struct verdict verdict = {0};
    const struct sched_param first = {.sched_priority = 1};
    sched_setscheduler(0, SCHED_FIFO, &first);  // a look costs microseconds; being late costs accuracy
    struct watch watch = {.start_ns = now_ns()};
    watch.last_beat_ns = watch.start_ns;
    if (!read_header(image, &watch.start)) die("%s: no heartbeat header", options->image_path);
    watch.now = watch.start;
    watch_until_end(&watch, image, options, &verdict);
    const double seconds = ms(now_ns() - watch.start_ns) / 1000;
    if (watch.now.stamp.counter == watch.start.stamp.counter && seconds > 1)
        violated(&verdict, "no beat in %.1f s", seconds);
    if (options->max_gap_ms >= 0 && ms(watch.gap_max_ns) > options->max_gap_ms)
        violated(&verdict, "no beat for %.0f ms, allowed %.0f ms", ms(watch.gap_max_ns), options->max_gap_ms);
    const struct audit audit = audit_ring(image, options->allow_reboot, &verdict);
    printf("{");
    print_common(&verdict, &audit, &watch.now);
    printf(", \"watched_s\": %.2f, \"start_counter\": %" PRIu64 ", \"end_counter\": %" PRIu64
           ", \"gap_max_ms\": %.1f, \"margin_ms\": %.1f, \"poll_max_ms\": %.1f}\n",
           seconds, watch.start.stamp.counter, watch.now.stamp.counter, ms(watch.gap_max_ns), margin_ms(&watch),
           ms(watch.poll_max_ns));
    return report(&verdict, options->image_path);
}

static int print_header(int image, const char* path) {
    struct beat_header header;
    if (!read_header(image, &header)) die("%s: no heartbeat header", path);
    printf("%" PRIu64 " %" PRIu32 " %" PRIu64 " %" PRIu64 "\n", header.stamp.counter, header.load_percent, header.boots,
           header.conflict.count);
    return 0;
}

static uint32_t parse_percent(const char* text) {
    char* end = NULL;
    errno = 0;
    const long percent = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || percent < 0 || percent > 100)
        die("a load is a whole number from 0 to 100, not '%s'", text);
    return (uint32_t)percent;
}

static double parse_number(const char* text) {
    char* end = NULL;
    const double number = strtod(text, &end);
    if (end == text || *end != '\0' || !(number >= 0 && number < 1e6)) die("not a number: '%s'", text);
    return number;
}

static void write_control(int image, uint32_t percent) {
    struct beat_control control = {.magic = BEAT_CONTROL_MAGIC, .load_percent = percent};
    control.checksum = beat_control_checksum(&control);
    if (pwrite(image, &control, sizeof control, disk_begin + BEAT_CONTROL_OFFSET) != (ssize_t)sizeof control)
        die("cannot write the control sector: %s", strerror(errno));
}

static int format_image(const char* path, uint32_t percent) {
    const int image = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (image < 0) die("%s: %s", path, strerror(errno));
    find_disk(image, path);
    const int raw = disk_begin == 0;  // a new qcow2 image reads as zeroes
    if (raw && (ftruncate(image, 0) != 0 || posix_fallocate(image, 0, BEAT_IMAGE_BYTES) != 0)) die("%s: no room", path);
    write_control(image, percent);
    return close(image) == 0 ? 0 : 2;
}

static int open_image(const char* path, int flags) {
    const int image = open(path, flags | O_CLOEXEC);
    if (image < 0) die("%s: %s", path, strerror(errno));
    find_disk(image, path);
    return image;
}

static struct options parse_options(int count, char** arguments) {
    struct options options = {.watch_seconds = -1, .max_gap_ms = -1};
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--allow-reboot") == 0)
            options.allow_reboot = 1;
        else if (strcmp(arguments[i], "--watch") == 0 && i + 1 < count)
            options.watch_seconds = parse_number(arguments[++i]);
        else if (strcmp(arguments[i], "--max-gap") == 0 && i + 1 < count)
            options.max_gap_ms = parse_number(arguments[++i]);
        else if (arguments[i][0] != '-' && options.image_path == NULL)
            options.image_path = arguments[i];
        else
            die("unknown or incomplete argument '%s'\n%s", arguments[i], usage);
    }
    if (options.image_path == NULL) die("no image given\n%s", usage);
    return options;
}

int main(int count, char** arguments) {
    struct sigaction stop = {.sa_handler = on_stop};
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    const char* command = count > 1 ? arguments[1] : "--help";
    if (strcmp(command, "--help") == 0) return fputs(usage, stdout) < 0;
    if (count == 3 && strcmp(command, "--header") == 0)
        return print_header(open_image(arguments[2], O_RDONLY), arguments[2]);
    if (count == 4 && strcmp(command, "--format") == 0) return format_image(arguments[3], parse_percent(arguments[2]));
    if (count == 4 && strcmp(command, "--set-load") == 0) {
        write_control(open_image(arguments[3], O_RDWR), parse_percent(arguments[2]));
        return 0;
    }
    const struct options options = parse_options(count, arguments);
    const int image = open_image(options.image_path, O_RDONLY);
    return options.watch_seconds >= 0 ? run_watch(image, &options) : run_audit(image, &options);
}
