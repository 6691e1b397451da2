// SPDX-License-Identifier: Apache-2.0
// The port through which the executor sees and moves VMs. Implemented by executor/libvirt and by the fault-injecting
// fake of the tests. Thread-safe: one thread per migration in flight calls it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports/migration_control.hpp"
#include "core/preflight.hpp"
#include "core/result.hpp"

namespace ballast {

struct HostEndpoint {
    std::string name;
    std::string uri;                // of its libvirt daemon
    std::string migration_address;  // where its hypervisor receives migrations; empty = let libvirt choose
};

struct VmIdentity {
    std::string name;
    std::string uuid;
};

// Which end of a migration a host is looked at as. On the source a guest "paused by migration" is at the switch-over
// and no job may be asked about; on the destination the same word means that a migration is arriving.
enum class Side : std::uint8_t { source, destination };

// What one host says about one VM at one moment.
enum class SideState : std::uint8_t {
    unreachable,  // the host did not say: no answer, or none that tells
    absent,       // it does not know the VM
    defined,      // it has a definition, but nothing runs
    incoming,     // a migration is arriving
    paused,       // it holds the guest's memory, stopped
    running,      // it runs the guest
    off,          // it does not answer because it was switched off for certain; no look at it says so, fencing does
};

[[nodiscard]] std::string_view name(SideState state);

struct SideObservation {
    SideState state = SideState::unreachable;
    std::string reason;       // the hypervisor's word for why, as virsh domstate --reason prints it: "migrated", "user"
    bool has_job = false;     // a migration or another job is running on it, as far as can be known without waiting
    bool persistent = false;  // it has a persistent definition
    std::string detail;       // for unreachable: the error
    // For unreachable: nothing at all came back from the host's address. False if it refused or failed, if the cause
    // may be on this side, and in doubt.
    bool silent = false;
};

// Who starts the guest on the destination. See docs/concepts.md, "Hand-over".
enum class Handover : std::uint8_t {
    direct,  // libvirt does, at switch-over; safe where a lock on the disk image keeps two copies from running
    paused,  // it arrives paused, and Ballast resumes it once the source is seen to be gone
};

[[nodiscard]] std::string_view name(Handover handover);

struct MigrationRequest {
    VmIdentity vm;
    HostEndpoint source;
    HostEndpoint destination;
    Handover handover = Handover::paused;
    MigrationControl control;
};

struct MigrationProgress {
    double elapsed_s = 0.0;
    double bytes_total = 0.0;
    double bytes_sent = 0.0;
    double bytes_remaining = 0.0;
    double rate_bytes_per_s = 0.0;
    std::uint64_t iteration = 0;
    double expected_downtime_s = 0.0;
    bool switched_over = false;  // the guest is stopped on the source: no more job calls
    bool post_copy = false;      // it runs on the destination, and fetches what it lacks
};

// What the call returned. It is a hint: only a look at both hosts decides what became of the VM.
struct MigrationReport {
    bool reported_success = false;
    std::string error;     // of the hypervisor, if it reported failure
    bool aborted = false;  // by timeout or because the caller asked for it
    double duration_s = 0.0;
    double call_s = std::numeric_limits<double>::quiet_NaN();  // of it, the hypervisor's own call
    double job_s = std::numeric_limits<double>::quiet_NaN();   // of that, its job as it measured it; NaN if it did not
    double downtime_s = 0.0;                                   // as it measured it; NaN if it did not say
    double bytes_sent = 0.0;
    double stopped_at_s =
        0.0;  // Clock::monotonic_s() at which the guest was seen to stop on the source; NaN if not seen
};

class Hypervisor {
  public:
    using ProgressSink = std::function<void(const MigrationProgress&)>;
    using StopRequested = std::function<bool()>;  // polled; true = abort the migration while that is possible

    virtual ~Hypervisor() = default;

    // Everything that would make this migration fail or unsafe and can be known now (those that refuse), and what could
    // not be made sure of (warnings). Read afresh from both hosts; changes nothing.
    // Errors: a host does not answer, or the source does not know the VM.
    [[nodiscard]] virtual Result<std::vector<PreflightFinding>> preflight(const MigrationRequest& request) = 0;
    // What this VM's writable disks allow; `paused` whenever it is not certain that two copies cannot write. That takes
    // a lock on the source and one on the destination: a lock that one side takes does not stop the other.
    // request.handover has no part in it.
    [[nodiscard]] virtual Result<Handover> required_handover(const MigrationRequest& request) = 0;

    // Runs one migration to its end, calling `progress` about twice a second. Blocks.
    [[nodiscard]] virtual MigrationReport migrate(const MigrationRequest& request, const ProgressSink& progress,
                                                  const StopRequested& stop) = 0;

    // Looks at one side, with calls that never wait for a job's lock. Never fails: what cannot be seen is
    // `unreachable`.
    [[nodiscard]] virtual SideObservation observe(const HostEndpoint& host, const VmIdentity& vm, Side side) = 0;

    // Names of all guests that are active on this host: running, paused or arriving, whoever started them, whether
    // Ballast knows them or not. An answer also says that the host is up. Error: it did not answer.
    [[nodiscard]] virtual Result<std::vector<std::string>> active_guests(const HostEndpoint& host) = 0;

    // Lets go of a host that is about to fall silent, so that nothing waits for its answer later.
    virtual void disconnect(const HostEndpoint& host) = 0;

    // The changes. After an error only a fresh look tells whether it was done. If no answer came in time it is not done
    // later either, unless the error's text says that it may still take effect.
    [[nodiscard]] virtual Status resume(const HostEndpoint& host, const VmIdentity& vm) = 0;
    [[nodiscard]] virtual Status suspend(const HostEndpoint& host, const VmIdentity& vm) = 0;
    // Stops the copy on this host for good; its memory is lost. Only after a fresh look at both sides.
    [[nodiscard]] virtual Status destroy(const HostEndpoint& host, const VmIdentity& vm) = 0;
    // Removes the definition; what runs goes on running (as a transient VM). Keeps disks, firmware variables and the
    // state of an emulated TPM: they are the VM's, wherever it is defined, and may be on storage that both hosts share.
    // If they cannot be kept, it is an error and nothing is removed.
    [[nodiscard]] virtual Status undefine(const HostEndpoint& host, const VmIdentity& vm) = 0;
    // If the VM starts with the host `from` it starts with `to` instead, and no more with `from`, should the definition
    // there outlive what follows: libvirt does not take the flag along. Both sides have a definition.
    [[nodiscard]] virtual Status keep_autostart(const HostEndpoint& from, const HostEndpoint& to,
                                                const VmIdentity& vm) = 0;
    // Asks for the running migration to be given up; returns before it has ended. Never after the switch-over.
    [[nodiscard]] virtual Status abort_job(const HostEndpoint& host, const VmIdentity& vm) = 0;
};

}  // namespace ballast
