// SPDX-License-Identifier: Apache-2.0
#include "executor/settle.hpp"

#include <optional>

#include "core/check.hpp"
#include "executor/fencing.hpp"

namespace ballast {

namespace {

bool same(const SideObservation& a, const SideObservation& b) {
    return a.state == b.state && a.reason == b.reason && a.has_job == b.has_job && a.persistent == b.persistent &&
           a.silent == b.silent;
}

MigrationState end_state(Step step) {
    switch (step) {
        case Step::done: return MigrationState::done;
        case Step::rolled_back: return MigrationState::rolled_back;
        default: return MigrationState::needs_operator;
    }
}

class Settler {
  public:
    Settler(MigrationRecord& record, Journal& journal, Hypervisor& hypervisor, Clock& clock,
            const SettleOptions& options, const NoteSink& note, Settling settling)
        : record_(record),
          journal_(journal),
          hypervisor_(hypervisor),
          clock_(clock),
          options_(options),
          note_(note),
          call_witnessed_(settling == Settling::right_after_the_call),
          fencing_(options.fence, record, journal, clock) {}

    Settled run() {
        for (;;) {
            look();
            const NextStep decision = reconcile(situation_, record_, options_.limits);
            if (is_end(decision.step)) return end(end_state(decision.step), decision.why);
            // Whoever is told may be slow (a terminal), and a guest that waits to be resumed must not wait for that.
            if (decision.step != Step::resume_destination) tell(decision.why);
            const bool first_look = previous_step_ != decision.step;
            previous_step_ = decision.step;
            if (decision.step != Step::wait && (!needs_second_look(decision.step) || !first_look)) {
                if (std::optional<Settled> given_up = act(decision)) return *given_up;
            } else if (clock_.monotonic_s() - started_s_ > options_.total_s) {
                return give_up(decision, "after " + std::to_string(static_cast<long>(options_.total_s)) +
                                             " s in all nothing is settled");
            } else if (decision.step == Step::wait) {
                clock_.sleep(options_.poll_s);
            }
        }
    }

  private:
    void look() {
        Situation seen;
        seen.source = hypervisor_.observe(record_.source, record_.vm, Side::source);
        seen.destination = hypervisor_.observe(record_.destination, record_.vm, Side::destination);
        fencing_.apply(seen);
        seen.fence = fencing_.use();
        const double now = clock_.monotonic_s();
        seen.call_witnessed = call_witnessed_ && now - started_s_ < options_.limits.unreachable_s;
        const bool unchanged =
            looked_ && same(seen.source, situation_.source) && same(seen.destination, situation_.destination);
        if (!unchanged) since_s_ = now;
        seen.unchanged_s = now - since_s_;
        situation_ = seen;
        looked_ = true;
    }

    // Nothing if the loop goes on.
    std::optional<Settled> act(const NextStep& decision) {
        if (++actions_ > options_.actions_max) {
            return give_up(decision, "after " + std::to_string(options_.actions_max) + " actions nothing is settled");
        }
        if (is_fencing(decision.step)) {
            tell(fencing_.fence(decision, [&] {
                look();
                return reconcile(situation_, record_, options_.limits).step == decision.step;
            }));
            previous_step_.reset();
            return std::nullopt;
        }
        const bool guest_waits = decision.step == Step::resume_destination;
        if (!guest_waits) write_down(decision);
        const Status status = carry_out(decision.step);
        if (guest_waits) {
            if (status) resumed_at_s_ = clock_.monotonic_s();
            write_down(decision);
            tell(decision.why);
        }
        if (status) {
            if (decision.step == Step::resume_source) resumed_at_s_ = clock_.monotonic_s();
            // What was just done must be asked for twice again, on fresh looks.
            previous_step_.reset();
            if (decision.step == Step::abort_job) clock_.sleep(options_.poll_s);
            return std::nullopt;
        }
        const std::string failure = std::string(name(decision.step)) + " failed: " + status.error().message;
        tell(failure);
        if (++failures_ >= options_.failures_max) return give_up(decision, failure);
        clock_.sleep(options_.poll_s);
        return std::nullopt;
    }

    Status carry_out(Step step) {
        switch (step) {
            case Step::resume_destination: return hypervisor_.resume(record_.destination, record_.vm);
            case Step::resume_source: return hypervisor_.resume(record_.source, record_.vm);
            case Step::suspend_destination: return hypervisor_.suspend(record_.destination, record_.vm);
            case Step::destroy_source: return hypervisor_.destroy(record_.source, record_.vm);
            case Step::destroy_destination: return hypervisor_.destroy(record_.destination, record_.vm);
            case Step::undefine_source: return undefine_source();
            case Step::undefine_destination: return hypervisor_.undefine(record_.destination, record_.vm);
            case Step::abort_job: return hypervisor_.abort_job(record_.source, record_.vm);
            case Step::fence_source:
            case Step::fence_destination:
            case Step::wait:
            case Step::done:
            case Step::rolled_back:
            case Step::needs_operator: break;
        }
        BALLAST_CHECK(false, "only actions on guests are carried out here");
        return {};
    }

    // The last moment at which the source still knows whether the VM starts with its host.
    Status undefine_source() {
        const Status kept = hypervisor_.keep_autostart(record_.source, record_.destination, record_.vm);
        if (!kept) tell("whether " + record_.vm.name + " starts with its host was not kept: " + kept.error().message);
        return hypervisor_.undefine(record_.source, record_.vm);
    }

    // If the journal cannot be written, going on is still right: the VM comes first, and what was done is seen by
    // looking. One thing is not: once suspended, the destination of a VM that ran twice looks like a copy that never
    // ran. That is on disk first; but two running copies write to one disk, so even this does not wait for the journal.
    void write_down(const NextStep& decision) {
        if (decision.step == Step::suspend_destination) record_.copies_diverged = true;
        record_.note = std::string(name(decision.step)) + ": " + decision.why;
        record_.updated_unix_s = clock_.unix_time_s();
        const Status written = journal_.update_migration(record_);
        if (!written) tell("the journal cannot be written: " + written.error().message);
    }

    Settled give_up(const NextStep& decision, const std::string& because) const {
        // The hand-off text of the table, with the failed step as the reason.
        return end(MigrationState::needs_operator,
                   record_.vm.name + ": " + decision.why + ", but " + because + ". Source " + record_.source.name +
                       ": " + describe(situation_.source) + "; destination " + record_.destination.name + ": " +
                       describe(situation_.destination) + ". Look: `virsh -c " + record_.source.uri +
                       " domstate --reason " + record_.vm.name + "`, `virsh -c " + record_.destination.uri +
                       " domstate --reason " + record_.vm.name + "`; then run `ballast recover`");
    }

    Settled end(MigrationState state, std::string note) const {
        if (!fencing_.said().empty()) note += "; " + fencing_.said();
        return {state, std::move(note), resumed_at_s_};
    }

    void tell(const std::string& text) {
        if (note_ && text != told_) note_(text);
        told_ = text;
    }

    MigrationRecord& record_;
    Journal& journal_;
    Hypervisor& hypervisor_;
    Clock& clock_;
    const SettleOptions& options_;
    const NoteSink& note_;
    const bool call_witnessed_;
    Fencing fencing_;

    Situation situation_;
    const double started_s_ = clock_.monotonic_s();
    bool looked_ = false;
    double since_s_ = 0.0;
    std::optional<Step> previous_step_;
    int actions_ = 0;
    int failures_ = 0;
    double resumed_at_s_ = std::numeric_limits<double>::quiet_NaN();
    std::string told_;
};

}  // namespace

Settled settle(MigrationRecord& record, Journal& journal, Hypervisor& hypervisor, Clock& clock,
               const SettleOptions& options, const NoteSink& note, Settling settling) {
    return Settler(record, journal, hypervisor, clock, options, note, settling).run();
}

}  // namespace ballast
