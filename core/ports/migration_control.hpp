// SPDX-License-Identifier: Apache-2.0
// How one migration is made: what it may use of the network, what is done so that it converges, and for how long it may
// go on. Pre-copy: until the switch-over the VM is safe on its source. Post-copy only where the operator asks for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ballast {

enum class TimeoutAction : std::uint8_t {
    abort,  // the VM stays where it is
    force,  // the guest may stand still for longer (force_downtime_s), so that what is left can be copied; aborted only
            // after half as much time again
    pause,  // the guest stands still for as long as what is left takes to be copied; as `force`, without its bound
    post_copy,  // the guest goes on at the destination at once and fetches what it lacks from the source. Cannot be
                // taken back: from then on it is not aborted, and if a host or the network fails the guest is lost
};

[[nodiscard]] std::string_view name(TimeoutAction action);                               // "post-copy"
[[nodiscard]] std::optional<TimeoutAction> timeout_action_named(std::string_view name);  // none if there is no such

struct MigrationControl {
    static constexpr double downtime_s_first = 0.3;    // QEMU's own default
    static constexpr double downtime_s_most = 2000.0;  // QEMU's limit
    static constexpr int downtime_steps = 10;

    double bandwidth_bytes_per_s = 0.0;  // 0 = no limit
    bool auto_converge = false;          // slow the guest's virtual CPUs down while it writes faster than is copied
    bool compress = false;               // pages that changed a little (XBZRLE); not with parallel connections
    int parallel_connections = 1;        // more than one: "multifd"
    bool tls = false;                    // memory travels encrypted, between hosts that know each other's certificates
    bool tunnelled = false;              // memory travels through the libvirt daemons' own connection
    double downtime_s_max = 0.5;         // for which the guest may stand still
    double timeout_s = 0.0;              // 0 = never
    TimeoutAction on_timeout = TimeoutAction::abort;
    double force_downtime_s = 10.0;
};

// For how long the guest may stand still at the switch-over, so many seconds after the begin. It rises from
// downtime_s_first to downtime_s_max in equal steps between a fifth and four fifths of the timeout (the ladder of
// OpenStack Nova's live_migration_downtime_steps, tied to the timeout), because a guest that converges needs no more
// than the first, and who waits longest has most to write. After the timeout, if it forces: force_downtime_s;
// if it pauses: downtime_s_most.
//   Worked example: 0.3 to 1.3 s, timeout 100 s: 0.3 s until 20 s; 0.4 s from 26 s on; 0.8 s at 50 s; 1.3 s from 80 s
//   on.
[[nodiscard]] double allowed_downtime_s(const MigrationControl& control, double elapsed_s);

// Seconds after which it is given up; 0 = never. A migration that has gone over to post-copy is never given up.
[[nodiscard]] double abort_after_s(const MigrationControl& control);

}  // namespace ballast
