// SPDX-License-Identifier: Apache-2.0
#include "executor/reconcile.hpp"

#include "executor/reconcile_post_copy.hpp"

namespace ballast {

namespace {

// One decision in the making: the situation, the record and the words for both.
class Table {
  public:
    Table(const Situation& situation, const MigrationRecord& record, const ReconcileLimits& limits)
        : source_(situation.source),
          destination_(situation.destination),
          unchanged_s_(situation.unchanged_s),
          call_witnessed_(situation.call_witnessed),
          fence_(situation.fence),
          record_(record),
          limits_(limits) {}

    NextStep reconcile() const {
        const bool both_run = source_.state == SideState::running && destination_.state == SideState::running;
        if (both_run) {
            return {Step::suspend_destination, "it runs on both hosts; the destination is suspended at once"};
        }
        if (record_.copies_diverged && holds_memory(source_) && holds_memory(destination_)) return ask_which_copy();
        switch (source_.state) {
            case SideState::unreachable: return source_unknown();
            case SideState::off: return source_off();
            case SideState::running: return source_runs();
            case SideState::paused: return is_at_switchover(source_) ? source_switching() : source_stopped_by_other();
            case SideState::absent:
            case SideState::defined: return source_gone();
            case SideState::incoming: break;
        }
        return ask("a migration is arriving on the source");
    }

  private:
    static bool holds_memory(const SideObservation& side) {
        return side.state == SideState::running || side.state == SideState::paused || side.state == SideState::incoming;
    }
    static bool is_at_switchover(const SideObservation& side) { return side.reason == "migration"; }
    // It arrived complete and was never started: the only paused copy on the destination that Ballast knows all about.
    bool arrived_paused() const {
        return destination_.state == SideState::paused && record_.handover == Handover::paused &&
               destination_.reason == "user";
    }

    NextStep source_runs() const {
        if (source_.has_job) {
            return after(limits_.job_s, {Step::abort_job, "the migration does not end"},
                         "the migration is still running");
        }
        switch (destination_.state) {
            case SideState::unreachable:
                return after(limits_.unreachable_s,
                             make_sure(Step::fence_destination,
                                       "it runs on the source, but the destination does not answer and may keep a "
                                       "leftover; run `ballast recover` when the destination is back"),
                             "waiting for the destination to answer");
            case SideState::off:
                return stays_on_source("it runs on the source; " + beware_when_back(record_.destination));
            case SideState::absent: return stays_on_source("it runs on the source");
            case SideState::defined: return stays_on_source("it runs on the source");
            case SideState::incoming:
                return after(limits_.incoming_s,
                             {Step::destroy_destination, "it runs on the source; the arrival does not go away"},
                             "waiting for the destination to give up the arrival");
            case SideState::paused:
                if (arrived_paused()) {
                    return {Step::destroy_destination, "it runs on the source; the copy that arrived never ran"};
                }
                break;
            case SideState::running: break;
        }
        return ask("it runs on the source, and the destination holds a copy that may have run");
    }

    // Stopped by the migration itself. Whether a job is still at work cannot always be known here without disturbing
    // it, so time has to pass before anything is done.
    NextStep source_switching() const {
        if (destination_.state == SideState::unreachable) {
            return after(limits_.unreachable_s, stopped_and_destination_unknown(),
                         "stopped at the switch-over; waiting for the destination to answer");
        }
        if (destination_.state == SideState::off && may_have_run_on_destination()) {
            return ask(
                "it is stopped on the source; the destination is off, but may have run it before and changed the "
                "disk: then the source's copy must not be resumed");
        }
        if (destination_.state == SideState::running) {
            if (destination_.reason != "migrated" && destination_.reason != "unpaused") {
                return ask("it is stopped on the source, and what runs on the destination did not come from there");
            }
            return after(source_.has_job ? limits_.incoming_s : limits_.switchover_s,
                         {Step::destroy_source, "it runs on the destination; the source keeps a stopped copy"},
                         "it runs on the destination; the source is being cleaned up");
        }
        if (source_.has_job) {
            return after(limits_.stuck_s, ask("the switch-over is stuck" + dead_connection_hint()),
                         "the switch-over is going on");
        }
        if (destination_.state == SideState::incoming) {
            return after(limits_.incoming_s,
                         {Step::destroy_destination, "the arrival was never completed; the source has the VM"},
                         "stopped at the switch-over; waiting for the destination");
        }
        if (destination_.state == SideState::paused && !arrived_paused()) {
            return ask("both hosts hold a stopped copy, and the destination's may have run");
        }
        // Nothing runs on the destination, and nothing there starts by itself: the source has the VM.
        const std::string hint = destination_.state == SideState::off ? dead_connection_hint() : "";
        return after(limits_.switchover_s,
                     {Step::resume_source, "it is stopped on the source and runs nowhere else" + hint},
                     "stopped at the switch-over");
    }

    // A copy that Ballast has to start has not run while the source's is stopped at the switch-over.
    bool may_have_run_on_destination() const { return record_.handover != Handover::paused || record_.copies_diverged; }

    NextStep stopped_and_destination_unknown() const {
        if (may_fence(destination_, FenceUse::guest_stopped) && !source_.has_job && !may_have_run_on_destination()) {
            return fence(Step::fence_destination, "the VM goes on at the source, where it stands still");
        }
        const std::string unless = may_have_run_on_destination() ? " and certainly has not run it" : "";
        return ask(
            "it is stopped on the source, and the destination does not answer: if the destination is certainly "
            "off" +
            unless + ", resume it on the source" + dead_connection_hint());
    }

    // Paused on the source for a reason that is not the migration: somebody else's doing, left as it is.
    NextStep source_stopped_by_other() const {
        if (source_.has_job) {
            return after(limits_.job_s, {Step::abort_job, "the migration does not end"},
                         "the migration is still running");
        }
        if (destination_.state == SideState::unreachable) {
            return after(limits_.unreachable_s,
                         ask("it is paused on the source, and the destination does not answer; run `ballast recover` "
                             "when it is back"),
                         "waiting for the destination to answer");
        }
        if (!holds_memory(destination_)) {
            return stays_on_source("it is on the source, paused (" + source_.reason + "), not by Ballast");
        }
        return ask("the source holds a paused copy, and so does the destination hold one");
    }

    // The source's copy ended by moving, not by anything else. If the destination's last answer is lost, the guest runs
    // on at the source; when it is shut down there, or crashes, what waits at the destination is older than the disk.
    // libvirt keeps `shutoff (migrated)` for a VM with a definition. A transient VM is absent after either end.
    bool left_source() const {
        // The operator has chosen, as ask_which_copy() said.
        if (record_.copies_diverged) return source_.state == SideState::defined && source_.reason == "destroyed";
        if (source_.state == SideState::absent) return record_.reported_success;
        if (source_.state != SideState::defined) return false;
        // A libvirt that was started again has forgotten why. Whoever was told of the success, and has waited for
        // nothing but this answer since, knows; after a crash somebody may have run the VM from its disk meanwhile.
        if (source_.reason == "unknown") return record_.reported_success && call_witnessed_;
        return source_.reason == "migrated";
    }

    NextStep source_gone() const {
        switch (destination_.state) {
            case SideState::running: return stays_on_destination("it runs on the destination");
            case SideState::paused:
                if (arrived_paused() && left_source()) {
                    return {Step::resume_destination, "it arrived, and the source let it go"};
                }
                if (arrived_paused()) return ask_which_is_newer();
                return ask("the only copy is on the destination, and it is stopped (" + destination_.reason +
                           "); resume it there if that reason is gone");
            case SideState::incoming:
                return after(limits_.incoming_s, ask("the source has no copy, and the arrival does not complete"),
                             "waiting for the arrival to end");
            case SideState::unreachable:
                return after(limits_.unreachable_s,
                             ask("the source has no copy, and the destination does not answer; do not start it "
                                 "anywhere before the destination is certainly off"),
                             "waiting for the destination to answer");
            case SideState::off:
                return ask(
                    "the source has no copy and the destination is off: its memory is lost; start it from its disk");
            case SideState::absent:
            case SideState::defined: break;
        }
        return runs_nowhere();
    }

    NextStep runs_nowhere() const {
        const bool shut_down_on_source =
            source_.state == SideState::defined && (source_.reason == "shutdown" || source_.reason == "destroyed");
        if (shut_down_on_source) return stays_on_source("it was shut down on the source during the migration");
        const bool may_have_left = source_.state == SideState::absent || source_.reason == "migrated";
        if (may_have_left && destination_.state == SideState::defined && destination_.reason == "shutdown") {
            return stays_on_destination("it moved and was then shut down on the destination");
        }
        return ask_to_start_from_disk();
    }

    NextStep source_unknown() const {
        const char* waiting = "waiting for the source to answer";
        switch (destination_.state) {
            case SideState::running:
                return after(limits_.unreachable_s,
                             make_sure(Step::fence_source,
                                       "it runs on the destination, but the source does not answer; leave it running "
                                       "and run `ballast recover` when the source is back"),
                             waiting);
            case SideState::paused:
                if (arrived_paused()) return after(limits_.unreachable_s, ask_which_is_newer(), waiting);
                return after(limits_.unreachable_s,
                             ask("the destination holds a stopped copy, and the source does not answer: if the source "
                                 "is certainly off, resume it on the destination"),
                             waiting);
            case SideState::absent:
            case SideState::defined:
            case SideState::incoming:
            case SideState::unreachable:
            case SideState::off: break;
        }
        return after(limits_.unreachable_s,
                     ask("the source does not answer; do not start the VM anywhere before the source is certainly off"),
                     waiting);
    }

    // Nothing is started on the destination for that. Before it was switched off, and unseen, the source may have gone
    // on with its copy, or have started the VM anew together with the host: then the disk is newer.
    NextStep source_off() const {
        if (destination_.state == SideState::running) {
            return {Step::done, "it runs on the destination; " + beware_when_back(record_.source)};
        }
        if (arrived_paused()) return ask_which_is_newer();
        return after(limits_.incoming_s,
                     ask("the source is off and the destination does not run it: what the source held is lost; start "
                         "the VM from its disk, on one host only"),
                     "the source is off; waiting for the destination");
    }

    // A host that may hold the only copy is not fenced, nor one of two copies between which a person must choose, nor
    // one that is up, or may be, and only does not say what it holds.
    bool may_fence(const SideObservation& host, FenceUse use) const {
        return host.silent && fence_ >= use && !record_.copies_diverged;
    }

    // The guest runs on the host that answers: the other one is fenced only to be certain.
    NextStep make_sure(Step step, const std::string& otherwise) const {
        const SideObservation& host = step == Step::fence_source ? source_ : destination_;
        return may_fence(host, FenceUse::host_unknown) ? fence(step, "the VM runs on the other host and nowhere else")
                                                       : ask(otherwise);
    }

    NextStep fence(Step step, const std::string& purpose) const {
        const HostEndpoint& host = step == Step::fence_source ? record_.source : record_.destination;
        return {step, host.name + " has not answered for " + std::to_string(static_cast<long>(limits_.unreachable_s)) +
                          " s; once it is off, " + purpose};
    }
    static std::string beware_when_back(const HostEndpoint& off) {
        return off.name + " may still define it: when it is back it must not start it";
    }

    // Ends on the source, once nothing of this migration is left on the destination.
    NextStep stays_on_source(const std::string& why) const {
        if (destination_.state == SideState::defined && !record_.destination_defined_before) {
            return {Step::undefine_destination, why + "; the destination keeps a leftover definition"};
        }
        return after(limits_.stable_s, {Step::rolled_back, why}, why);
    }

    // Ends on the destination. The source's definition goes only if the destination has one of its own.
    NextStep stays_on_destination(const std::string& why) const {
        if (source_.state == SideState::defined && destination_.persistent) {
            return {Step::undefine_source, why + "; the source keeps a leftover definition"};
        }
        return {Step::done, why};
    }

    NextStep after(double limit_s, NextStep then, std::string_view until_then) const {
        if (unchanged_s_ >= limit_s) return then;
        return {Step::wait, std::string(until_then)};
    }

    // Names one host only: after a crash at the wrong moment both define the VM, and it must not be started twice.
    NextStep ask_to_start_from_disk() const {
        const std::string lost = "it runs nowhere; its memory is lost. ";
        const bool here = source_.state == SideState::defined;
        const bool there = destination_.state == SideState::defined;
        if (!here && !there) {
            return ask(lost +
                       "Neither host defines it: define it again on one of them and start it from its disk; then "
                       "run `ballast recover`");
        }
        const bool on_destination = !here || (there && source_.reason == "migrated");
        const HostEndpoint& host = on_destination ? record_.destination : record_.source;
        const HostEndpoint& other = on_destination ? record_.source : record_.destination;
        const std::string only = here && there ? " (not on " + other.name + ", which defines it too)" : "";
        return ask(lost + "Start it from its disk: `" + virsh(host, "start") + "`" + only +
                   "; then run `ballast recover`");
    }

    NextStep ask_which_copy() const {
        return ask("it ran on both hosts at once and the two copies differ; keep one: `virsh -c " +
                   record_.destination.uri + " destroy " + record_.vm.name + "` keeps the source's, `virsh -c " +
                   record_.source.uri + " destroy " + record_.vm.name +
                   "` the destination's; then run `ballast recover`");
    }

    std::string whereabouts_of_sources() const {
        switch (source_.state) {
            case SideState::unreachable: return "is on a host that does not answer (make sure first that it is off)";
            case SideState::off: return "was on a host that is off";
            case SideState::absent: return "is gone";
            default: return "ended as '" + source_.reason + "'";
        }
    }

    NextStep ask_which_is_newer() const {
        return ask("a copy that never ran waits on the destination, but the source's " + whereabouts_of_sources() +
                   " and may have run on after the copy was made; then the disk is newer and the copy must not be "
                   "resumed: `" +
                   virsh(record_.destination, "destroy") +
                   "` and start the VM from its disk. Only if it certainly "
                   "never ran on: `" +
                   virsh(record_.destination, "resume") + "`. Then run `ballast recover`");
    }

    NextStep ask(const std::string& what) const {
        return {Step::needs_operator,
                record_.vm.name + ": " + what + ". Source " + record_.source.name + ": " + describe(source_) +
                    "; destination " + record_.destination.name + ": " + describe(destination_) + ". Look: `" +
                    virsh(record_.source, "domstate --reason") + "`, `" +
                    virsh(record_.destination, "domstate --reason") + "`; `" + virsh(record_.source, "resume") +
                    "` or `" + virsh(record_.destination, "resume") +
                    "` starts a stopped copy: never do that while the other host runs one"};
    }

    std::string virsh(const HostEndpoint& host, const std::string& command) const {
        return "virsh -c " + host.uri + " " + command + " " + record_.vm.name;
    }

    // A partition at the switch-over leaves the source's QEMU blocked in a dead connection until TCP gives up (15 min
    // with Linux's default tcp_retries2); killing the connection lets the guest run again at once.
    std::string dead_connection_hint() const {
        const std::string& address = record_.destination.migration_address;
        return "; on " + record_.source.name + ", `ss -K dst " +
               (address.empty() ? "<address of " + record_.destination.name + ">" : address) +
               " dport ge 49152` frees a guest that hangs in a dead connection";
    }

    const SideObservation& source_;
    const SideObservation& destination_;
    double unchanged_s_;
    bool call_witnessed_;
    FenceUse fence_;
    const MigrationRecord& record_;
    const ReconcileLimits& limits_;
};

}  // namespace

std::string_view name(Step step) {
    switch (step) {
        case Step::wait: return "wait";
        case Step::done: return "done";
        case Step::rolled_back: return "rolled-back";
        case Step::needs_operator: return "needs-operator";
        case Step::resume_destination: return "resume-destination";
        case Step::resume_source: return "resume-source";
        case Step::suspend_destination: return "suspend-destination";
        case Step::destroy_source: return "destroy-source";
        case Step::destroy_destination: return "destroy-destination";
        case Step::undefine_source: return "undefine-source";
        case Step::undefine_destination: return "undefine-destination";
        case Step::abort_job: return "abort-job";
        case Step::fence_source: return "fence-source";
        case Step::fence_destination: return "fence-destination";
    }
    return "?";
}

NextStep reconcile(const Situation& situation, const MigrationRecord& record, const ReconcileLimits& limits) {
    if (const std::optional<NextStep> step = reconcile_post_copy(situation, record, limits)) return *step;
    return Table(situation, record, limits).reconcile();
}

std::string describe(const SideObservation& observation) {
    std::string text(name(observation.state));
    const std::string& why = observation.state == SideState::unreachable ? observation.detail : observation.reason;
    if (!why.empty()) text += " (" + why + ")";
    if (observation.has_job) text += " with a migration job";
    return text;
}

}  // namespace ballast
