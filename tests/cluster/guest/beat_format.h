// SPDX-License-Identifier: Apache-2.0
// The heartbeat disk: what the guest (beat.c) writes and the host (beatcheck.c) reads. One raw image of 1 MiB:
//
//   offset     0  struct beat_header   the guest's last beat; written by the guest only
//   offset   512  struct beat_control  the load asked for; written by the host only
//   offset  4096  ring of beat_record  the last 16384 beats (68 minutes); beat number n lies in slot n % 16384
//
// All numbers are little-endian. Every structure ends with a checksum over what lies before it, so a torn or foreign
// sector is never taken for a beat.
#ifndef BEAT_FORMAT_H
#define BEAT_FORMAT_H

#include <stddef.h>
#include <stdint.h>

enum {
    BEAT_VERSION = 2,
    BEAT_PERIOD_MS = 250,
    // What a healthy guest's beat may be late without any migration: guest timer, disk write and scheduling of a busy
    // two-core host. README.md has the measurement.
    BEAT_NOISE_MS = 250,
    BEAT_SECTOR_BYTES = 512,
    BEAT_CONTROL_OFFSET = 512,
    BEAT_RING_OFFSET = 4096,
    BEAT_RING_RECORDS = 16384,
    BEAT_RECORDS_PER_SECTOR = 16,
    BEAT_IMAGE_BYTES = 1 << 20,
};

#define BEAT_HEADER_MAGIC UINT64_C(0x3154414542544c42)   // "BLTBEAT1"
#define BEAT_CONTROL_MAGIC UINT64_C(0x314c5254434c4c42)  // "BLLCTRL1"

// The nonce is taken from the time-stamp counter when the beat is written: two copies of one memory image write
// different nonces even if they run in lock-step.
struct beat_stamp {
    uint64_t counter;
    uint64_t uptime_ns;
    uint64_t nonce;
};

struct beat_record {
    struct beat_stamp stamp;
    uint32_t boot_tag;  // the lower half of beat_header.boot_id
    uint32_t checksum;
};

// "Somebody else wrote on my disk": set once, kept for ever, by every copy that still runs.
struct beat_conflict {
    uint64_t count;
    uint64_t found_at_uptime_ns;
    uint64_t seen_boot_id;
    struct beat_stamp expected;  // what the finder had written itself
    struct beat_stamp seen;      // what it found instead
};

struct beat_header {
    uint64_t magic;
    uint32_t version;
    uint32_t load_percent;  // in force
    uint64_t boot_id;       // random per boot
    uint64_t boots;         // how often a guest started on this disk
    struct beat_stamp stamp;
    struct beat_conflict conflict;
    uint64_t io_errors;    // since boot
    uint32_t stale_pages;  // memory found older than it must be: a migration that lost writes
    uint32_t checksum;
};

struct beat_control {
    uint64_t magic;
    uint32_t load_percent;
    uint32_t checksum;
};

_Static_assert(sizeof(struct beat_record) * BEAT_RECORDS_PER_SECTOR == BEAT_SECTOR_BYTES, "records fill a sector");
_Static_assert(sizeof(struct beat_header) <= BEAT_SECTOR_BYTES,
               "the header is one sector: written whole or not at all");
_Static_assert(BEAT_RING_OFFSET + BEAT_RING_RECORDS * sizeof(struct beat_record) <= BEAT_IMAGE_BYTES, "the ring fits");

// FNV-1a, 32 bits.
static inline uint32_t beat_checksum(const void* data, size_t bytes) {
    const unsigned char* at = data;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < bytes; i++) hash = (hash ^ at[i]) * 16777619u;
    return hash;
}

static inline uint32_t beat_header_checksum(const struct beat_header* header) {
    return beat_checksum(header, offsetof(struct beat_header, checksum));
}

static inline int beat_header_valid(const struct beat_header* header) {
    return header->magic == BEAT_HEADER_MAGIC && header->version == BEAT_VERSION &&
           header->checksum == beat_header_checksum(header);
}

static inline uint32_t beat_control_checksum(const struct beat_control* control) {
    return beat_checksum(control, offsetof(struct beat_control, checksum));
}

static inline int beat_control_valid(const struct beat_control* control) {
    return control->magic == BEAT_CONTROL_MAGIC && control->load_percent <= 100 &&
           control->checksum == beat_control_checksum(control);
}

static inline uint32_t beat_record_checksum(const struct beat_record* record) {
    return beat_checksum(record, offsetof(struct beat_record, checksum));
}

static inline int beat_record_valid(const struct beat_record* record) {
    return record->stamp.counter != 0 && record->checksum == beat_record_checksum(record);
}

static inline int beat_stamp_equal(const struct beat_stamp* a, const struct beat_stamp* b) {
    return a->counter == b->counter && a->uptime_ns == b->uptime_ns && a->nonce == b->nonce;
}

static inline uint64_t beat_ring_slot(uint64_t counter) { return counter % BEAT_RING_RECORDS; }

#endif
