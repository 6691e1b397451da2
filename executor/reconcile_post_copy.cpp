// SPDX-License-Identifier: Apache-2.0
#include "executor/reconcile_post_copy.hpp"

#include <string>
#include <string_view>

namespace ballast {

namespace {

bool in_post_copy(const SideObservation& side) { return side.reason.starts_with("post-copy"); }
bool broken(const SideObservation& side) { return side.reason == "post-copy failed"; }
bool holds_memory(const SideObservation& side) {
    return side.state == SideState::running || side.state == SideState::paused || side.state == SideState::incoming;
}
bool silent(const SideObservation& side) {
    return side.state == SideState::unreachable || side.state == SideState::off;
}

class PostCopyRows {
  public:
    PostCopyRows(const Situation& situation, const MigrationRecord& record, const ReconcileLimits& limits)
        : source_(situation.source),
          destination_(situation.destination),
          unchanged_s_(situation.unchanged_s),
          record_(record),
          limits_(limits) {}

    NextStep reconcile() const {
        if (silent(source_) || silent(destination_)) return one_is_silent();
        // It arrived whole; the source's libvirt was not there to see it.
        const bool arrived = destination_.state == SideState::running && destination_.reason == "migrated";
        if (arrived && source_.state == SideState::paused) {
            return after(limits_.incoming_s,
                         {Step::destroy_source,
                          "its memory has arrived on the destination; the source keeps a stopped "
                          "copy"},
                         "it runs on the destination; the source is being cleaned up");
        }
        if (!holds_memory(source_)) return source_gone();
        if (!holds_memory(destination_)) return destination_gone();
        if (source_.state != SideState::paused) return ask_about_the_unusual();
        if (broken(source_) || broken(destination_)) {
            return after(limits_.incoming_s, ask_to_resume_it(),
                         "the post-copy migration broke; waiting for both "
                         "sides to notice");
        }
        if (destination_.state != SideState::running) return ask_about_the_unusual();
        return after(limits_.job_s,
                     ask("the post-copy migration does not end; neither copy may be touched. If its "
                         "connection is dead: `" +
                         virsh(record_.source, "domjobabort") +
                         " --postcopy` breaks it off, then `ballast recover` says how to go on"),
                     "it runs on the destination, and the rest of its memory follows");
    }

  private:
    NextStep one_is_silent() const {
        const HostEndpoint& host = silent(source_) ? record_.source : record_.destination;
        return after(limits_.unreachable_s,
                     ask("it is in post-copy, so both hosts hold a part of its memory, and " + host.name +
                         " does not answer; touch neither copy, and run `ballast recover` when it is back. If it is "
                         "certainly off and will not come back as it was, the memory is lost: destroy the other copy "
                         "and start the VM from its disk"),
                     "in post-copy; waiting for " + host.name + " to answer");
    }

    // The destination may still receive what was on its way, and says "migrated" if that was all.
    NextStep source_gone() const {
        if (!broken(destination_)) {
            return after(limits_.incoming_s, ask_to_start_anew(record_.destination),
                         "the source's copy has ended; waiting for the destination to say whether it is complete");
        }
        return after(limits_.stable_s, ask_to_start_anew(record_.destination), "the source's copy has ended");
    }

    NextStep destination_gone() const {
        return after(limits_.stable_s, ask_to_start_anew(record_.source), "the destination's copy has ended");
    }

    NextStep ask_about_the_unusual() const {
        return ask(
            "it is in post-copy, but not as a post-copy migration looks; touch neither copy before it is clear "
            "which of them runs");
    }

    NextStep ask_to_resume_it() const {
        return ask(
            "the post-copy migration broke: both hosts hold a part of its memory, so destroy, resume or reset "
            "neither. It goes on with `virsh -c " +
            record_.source.uri + " migrate --live --p2p --persistent --postcopy --postcopy-resume " + record_.vm.name +
            " " + record_.destination.uri + "` (if that is refused: `" + virsh(record_.source, "domjobabort") +
            " --postcopy`, then again); then run `ballast recover`");
    }

    // `left` holds a part of the memory that nothing can complete.
    NextStep ask_to_start_anew(const HostEndpoint& left) const {
        return ask("the post-copy migration broke and the other part of its memory is gone: its memory is lost. `" +
                   virsh(left, "destroy") + "`, then start it from its disk: `" + virsh(left, "start") +
                   "`; then run `ballast recover`");
    }

    NextStep after(double limit_s, NextStep then, std::string_view until_then) const {
        if (unchanged_s_ >= limit_s) return then;
        return {Step::wait, std::string(until_then)};
    }

    NextStep ask(const std::string& what) const {
        return {Step::needs_operator, record_.vm.name + ": " + what + ". Source " + record_.source.name + ": " +
                                          describe(source_) + "; destination " + record_.destination.name + ": " +
                                          describe(destination_) + ". Look: `" +
                                          virsh(record_.source, "domstate --reason") + "`, `" +
                                          virsh(record_.destination, "domstate --reason") + "`"};
    }

    std::string virsh(const HostEndpoint& host, const std::string& command) const {
        return "virsh -c " + host.uri + " " + command + " " + record_.vm.name;
    }

    const SideObservation& source_;
    const SideObservation& destination_;
    double unchanged_s_;
    const MigrationRecord& record_;
    const ReconcileLimits& limits_;
};

}  // namespace

std::optional<NextStep> reconcile_post_copy(const Situation& situation, const MigrationRecord& record,
                                            const ReconcileLimits& limits) {
    if (!in_post_copy(situation.source) && !in_post_copy(situation.destination)) return std::nullopt;
    return PostCopyRows(situation, record, limits).reconcile();
}

}  // namespace ballast
