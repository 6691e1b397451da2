// SPDX-License-Identifier: Apache-2.0
#include "executor/fencing.hpp"

#include "executor/this_machine.hpp"

namespace ballast {

namespace {

std::optional<std::string> closed(const FenceOptions& options) { return options.gate ? options.gate() : std::nullopt; }

std::optional<std::string> whether_it_is_ours(const HostEndpoint& host) {
    constexpr const char* ours = "it is the machine that Ballast itself runs on";
    if (is_this_machine(host, this_machine())) return ours;
    const std::optional<bool> ours_by_address = has_address_of_this_machine(host);
    if (!ours_by_address) {
        return "whether it is the machine that Ballast itself runs on cannot be told, because no address is known "
               "for " +
               host.uri;
    }
    if (*ours_by_address) return ours;
    return std::nullopt;
}

}  // namespace

std::string_view name(FenceResult result) {
    switch (result) {
        case FenceResult::done: return "done";
        case FenceResult::failed: return "failed";
        case FenceResult::refused: return "refused";
    }
    return "?";
}

std::optional<std::string> objection_to_fencing(const FenceOptions& options, const HostEndpoint& host) {
    if (auto because = closed(options)) return because;
    return whether_it_is_ours(host);
}

FenceUse Fencing::use() const { return options_.ask && !spent_ ? options_.use : FenceUse::never; }

std::string Fencing::fence(const NextStep& decision, const std::function<bool()>& still_wanted) {
    const Side side = decision.step == Step::fence_source ? Side::source : Side::destination;
    const HostEndpoint& host = side == Side::source ? record_.source : record_.destination;
    if (const auto because = objection_to_fencing(options_, host)) return refuse(host, *because);
    if (Status written = write_down(decision, decision.why); !written) {
        return refuse(host, "the journal cannot be written: " + written.error().message);
    }
    if (!still_wanted()) {
        const std::string spared =
            host.name + " is not fenced: it answers again, or what the other host shows has changed";
        static_cast<void>(write_down(decision, spared));  // nothing depends on it
        return spared;
    }
    // The journal and the last look take their time, and somebody may have used it to put Ballast on hold.
    if (const auto because = closed(options_)) {
        static_cast<void>(write_down(decision, refuse(host, *because)));  // nothing depends on it
        return said_;
    }
    return ask(decision, side, host);
}

void Fencing::spend(FenceResult result) {
    spent_ = true;
    if (options_.told) options_.told(result);
}

std::string Fencing::refuse(const HostEndpoint& host, const std::string& because) {
    spend(FenceResult::refused);
    return said_ = host.name + " was not fenced: " + because;
}

std::string Fencing::ask(const NextStep& decision, Side side, const HostEndpoint& host) {
    const FenceAnswer answer = options_.ask(host);
    spend(answer.off ? FenceResult::done : FenceResult::failed);
    said_ = (answer.off ? host.name + " is off: " : "whether " + host.name + " is off is not known: ") + answer.text;
    if (Status written = write_down(decision, said_); !written) {
        return said_ += "; nothing follows from it, because the journal cannot be written: " + written.error().message;
    }
    if (answer.off) {
        off_ = side;
        off_since_s_ = clock_.monotonic_s();
    }
    return said_;
}

void Fencing::apply(Situation& seen) {
    if (!off_) return;
    SideObservation& side = *off_ == Side::source ? seen.source : seen.destination;
    const bool still_off = side.state == SideState::unreachable && side.silent &&
                           clock_.monotonic_s() - off_since_s_ < options_.believed_s;
    if (!still_off) {
        off_.reset();
        return;
    }
    side.state = SideState::off;
    side.reason = "fenced";
}

Status Fencing::write_down(const NextStep& decision, const std::string& text) {
    record_.note = std::string(name(decision.step)) + ": " + text;
    record_.updated_unix_s = clock_.unix_time_s();
    return journal_.update_migration(record_);
}

}  // namespace ballast
