// SPDX-License-Identifier: Apache-2.0
#include "executor/runner.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "core/check.hpp"
#include "core/checker.hpp"
#include "core/io/json.hpp"
#include "executor/migration_job.hpp"
#include "executor/spare_check.hpp"

namespace ballast {

namespace {

constexpr std::chrono::seconds waiting_told_every{1};

HostEndpoint endpoint(const HostSpec& host) { return {host.name, host.uri, host.migration_address}; }

ActionResult result_of(const SwitchOutcome& outcome) {
    if (outcome.journal_failed) return ActionResult::failed;
    switch (outcome.state) {
        case SwitchState::done: return ActionResult::done;
        case SwitchState::rejected: return ActionResult::rejected;
        case SwitchState::intended:
        case SwitchState::switching:
        case SwitchState::failed: break;
    }
    return ActionResult::needs_operator;
}

// One run of one plan. The calling thread schedules and tells the observer; every action in flight has a thread of its
// own, which only leaves a note of what happened: the observer may write to a terminal, and a terminal may block,
// while a guest waits to be resumed.
class Run {
  public:
    Run(const MigrationPorts& ports, const PowerPorts* power, const RunOptions& options, const StartGate& gate,
        const Plan& plan, const Cluster& cluster, std::int64_t plan_id, const StopSignal& stop,
        const RunObserver& observer)
        : ports_(ports),
          power_(power),
          options_(options),
          gate_(gate),
          plan_(plan),
          cluster_(cluster),
          plan_id_(plan_id),
          stop_(stop),
          observer_(observer),
          state_(plan.actions.size(), State::waiting),
          outcomes_(plan.actions.size()),
          in_flight_on_(cluster.host_count(), 0) {
        for (std::size_t i = 0; i < outcomes_.size(); ++i) {
            outcomes_[i].action = ActionId(i);
            outcomes_[i].kind = plan.actions[i].kind;
        }
    }

    std::vector<ActionOutcome> run() {
        std::vector<std::thread> threads;
        {
            std::unique_lock lock(mutex_);
            for (;;) {
                start_what_may_start(threads);
                if (!events_.empty()) {
                    const RunEvent event = std::move(events_.front());
                    events_.pop_front();
                    lock.unlock();
                    observer_(event);
                    lock.lock();
                    continue;
                }
                if (in_flight_ == 0 && switches_in_flight_ == 0) break;
                const std::size_t finished_before = finished_;
                const bool news = changed_.wait_for(lock, waiting_told_every,
                                                    [&] { return finished_ != finished_before || !events_.empty(); });
                if (!news) tell({RunEvent::Kind::waiting, {}, {}, {}, nullptr});
            }
        }
        for (std::thread& thread : threads) thread.join();
        for (const State state : state_) BALLAST_CHECK(state == State::ended, "an action was never decided upon");
        return outcomes_;
    }

  private:
    enum class State : std::uint8_t { waiting, in_flight, ended };

    // With the lock held. In plan order; an action that is skipped may decide later ones, which come after it.
    void start_what_may_start(std::vector<std::thread>& threads) {
        const std::optional<std::string> closed = gate_ ? gate_() : std::nullopt;
        for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
            if (state_[i] != State::waiting) continue;
            const Action& action = plan_.actions[i];
            if (const ActionId* broken = first_not_done(action)) {
                skip(i, "it waits for " + describe(plan_.actions[broken->index()]) + ", which was not done");
            } else if (stop_.start_nothing_new()) {
                skip(i, "stopped before it began");
            } else if (closed) {
                skip(i, "not begun: " + *closed);
            } else if (journal_broken_) {
                skip(i, "the journal cannot be written");
            } else if (all_done(action)) {
                if (action.kind != ActionKind::migrate) {
                    start_switch(i, threads);
                } else if (within_limits(action)) {
                    start(i, threads);
                }
            }
        }
    }

    const ActionId* first_not_done(const Action& action) const {
        for (const ActionId& before : action.after) {
            if (state_[before.index()] == State::ended && outcomes_[before.index()].result != ActionResult::done) {
                return &before;
            }
        }
        return nullptr;
    }

    bool all_done(const Action& action) const {
        return std::all_of(action.after.begin(), action.after.end(),
                           [&](ActionId before) { return state_[before.index()] == State::ended; });
    }

    bool within_limits(const Action& action) const {
        return in_flight_ < options_.parallel_max &&
               in_flight_on_[action.from.index()] < options_.parallel_per_host_max &&
               in_flight_on_[action.host.index()] < options_.parallel_per_host_max;
    }

    void start(std::size_t index, std::vector<std::thread>& threads) {
        const Action& action = plan_.actions[index];
        state_[index] = State::in_flight;
        ++in_flight_;
        ++in_flight_on_[action.from.index()];
        ++in_flight_on_[action.host.index()];
        tell({RunEvent::Kind::started,
              ActionId(index),
              {},
              "migrating " + cluster_.spec(action.vm).name + " from " + cluster_.spec(action.from).name + " to " +
                  cluster_.spec(action.host).name,
              nullptr});
        threads.emplace_back([this, index] { migrate(index); });
    }

    void start_switch(std::size_t index, std::vector<std::thread>& threads) {
        const Action& action = plan_.actions[index];
        const std::string& host = cluster_.spec(action.host).name;
        if (power_ == nullptr || !power_->control.method(host)) {
            return skip(index, "no power control configured", ActionResult::no_power_control);
        }
        if (switches_in_flight_ >= options_.switches_max) return;
        // Now, with the lock held: what begins later sees this one.
        const std::optional<std::string> objection =
            action.kind == ActionKind::power_off
                ? objection_to_sleep(cluster_, occupancy(), action.host, options_.spare_hosts)
                : std::nullopt;
        state_[index] = State::in_flight;
        ++switches_in_flight_;
        const char* what = action.kind == ActionKind::power_off ? "to be put to sleep: " : "to be woken: ";
        tell({RunEvent::Kind::started, ActionId(index), {}, what + host, nullptr});
        threads.emplace_back([this, index, objection] { switch_power(index, objection.value_or("")); });
    }

    void switch_power(std::size_t index, std::string objection) {
        const Action& action = plan_.actions[index];
        SwitchOrder order = switch_order(cluster_.spec(action.host),
                                         action.kind == ActionKind::power_off ? SwitchKind::sleep : SwitchKind::wake);
        order.record.plan_id = plan_id_;
        order.record.reason = ballast::describe(action.reason, cluster_);
        order.objection = std::move(objection);
        SwitchOutcome ended = run_switch(*power_, ports_.hypervisor, ports_.clock, std::move(order), options_.power,
                                         stop_, note_sink(index));
        ActionOutcome outcome;
        outcome.result = result_of(ended);
        outcome.record_id = ended.record_id;
        outcome.text = std::move(ended.text);
        outcome.duration_s = ended.duration_s;
        const std::scoped_lock lock(mutex_);
        --switches_in_flight_;
        finish(index, std::move(outcome));
    }

    // The snapshot, and what has been done since or is under way.
    Occupancy occupancy() const {
        Occupancy now = occupancy_of(cluster_);
        for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
            const bool done = state_[i] == State::ended && outcomes_[i].result == ActionResult::done;
            if (!done && state_[i] != State::in_flight) continue;
            const Action& action = plan_.actions[i];
            switch (action.kind) {
                case ActionKind::migrate: now.host_of[action.vm.index()] = action.host; break;
                case ActionKind::power_off: now.on[action.host.index()] = false; break;
                case ActionKind::power_on: now.on[action.host.index()] = done; break;
            }
        }
        return now;
    }

    NoteSink note_sink(std::size_t index) {
        return [this, index](const std::string& text) {
            const std::scoped_lock lock(mutex_);
            tell({RunEvent::Kind::note, ActionId(index), {}, text, nullptr});
        };
    }

    void migrate(std::size_t index) {
        const auto progress = [&](const MigrationProgress& now) {
            const std::scoped_lock lock(mutex_);
            tell({RunEvent::Kind::progress, ActionId(index), now, {}, nullptr});
        };
        ActionOutcome outcome = run_migration(ports_, order(index), options_.settle, stop_, progress, note_sink(index));

        const std::scoped_lock lock(mutex_);
        const Action& action = plan_.actions[index];
        --in_flight_;
        --in_flight_on_[action.from.index()];
        --in_flight_on_[action.host.index()];
        finish(index, std::move(outcome));
    }

    // With the lock held.
    void finish(std::size_t index, ActionOutcome outcome) {
        if (outcome.result == ActionResult::failed) journal_broken_ = true;
        end(index, std::move(outcome), RunEvent::Kind::finished);
        ++finished_;
        changed_.notify_one();
    }

    MigrationOrder order(std::size_t index) const {
        const Action& action = plan_.actions[index];
        const VmSpec& vm = cluster_.spec(action.vm);
        MigrationOrder order;
        order.record.plan_id = plan_id_;
        order.record.vm = {vm.name, vm.uuid};
        order.record.source = endpoint(cluster_.spec(action.from));
        order.record.destination = endpoint(cluster_.spec(action.host));
        order.record.reason = ballast::describe(action.reason, cluster_);
        order.record.predicted_duration_s = action.cost.duration_s;
        order.record.predicted_downtime_s = action.cost.downtime_s;
        order.control = control_for(vm, options_.classes, options_.migration);
        order.veto = options_.veto;
        return order;
    }

    void skip(std::size_t index, std::string why, ActionResult result = ActionResult::skipped) {
        ActionOutcome outcome;
        outcome.result = result;
        outcome.text = std::move(why);
        end(index, std::move(outcome), RunEvent::Kind::skipped);
    }

    void end(std::size_t index, ActionOutcome outcome, RunEvent::Kind kind) {
        state_[index] = State::ended;
        outcome.action = ActionId(index);
        outcome.kind = plan_.actions[index].kind;
        outcomes_[index] = std::move(outcome);
        tell({kind, ActionId(index), {}, outcomes_[index].text, &outcomes_[index]});
    }

    // With the lock held. Only the newest progress of a migration is of interest.
    void tell(RunEvent event) {
        if (!observer_) return;
        const auto last = std::find_if(events_.rbegin(), events_.rend(),
                                       [&](const RunEvent& before) { return before.action == event.action; });
        const bool replaces =
            event.kind == RunEvent::Kind::progress && last != events_.rend() && last->kind == RunEvent::Kind::progress;
        if (replaces) {
            *last = std::move(event);
        } else {
            events_.push_back(std::move(event));
        }
        changed_.notify_one();
    }

    std::string describe(const Action& action) const {
        const std::string host = cluster_.spec(action.host).name;
        if (action.kind != ActionKind::migrate) return std::string(name(action.kind)) + " of " + host;
        return "the move of " + cluster_.spec(action.vm).name + " to " + host;
    }

    const MigrationPorts ports_;
    const PowerPorts* const power_;
    const RunOptions& options_;
    const StartGate& gate_;
    const Plan& plan_;
    const Cluster& cluster_;
    const std::int64_t plan_id_;
    const StopSignal& stop_;
    const RunObserver& observer_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::vector<State> state_;
    std::vector<ActionOutcome> outcomes_;  // an event points at one once it is written, which is once
    std::deque<RunEvent> events_;          // for the observer
    std::vector<int> in_flight_on_;
    int in_flight_ = 0;  // migrations
    int switches_in_flight_ = 0;
    std::size_t finished_ = 0;
    bool journal_broken_ = false;
};

struct Counts {
    int tried = 0;  // actions; those without power control do not count
    int done = 0;
    int open = 0;  // needs_operator, or the journal could not be written
    int rejected = 0;
    int skipped = 0;
};

}  // namespace

std::string_view name(ActionResult result) {
    switch (result) {
        case ActionResult::done: return "done";
        case ActionResult::rolled_back: return "rolled-back";
        case ActionResult::rejected: return "rejected";
        case ActionResult::needs_operator: return "needs-operator";
        case ActionResult::failed: return "failed";
        case ActionResult::skipped: return "skipped";
        case ActionResult::no_power_control: return "no-power-control";
    }
    return "?";
}

PlanRunner::PlanRunner(Hypervisor& hypervisor, Journal& journal, Clock& clock, RunOptions options,
                       const PowerPorts* power, StartGate gate)
    : hypervisor_(hypervisor),
      journal_(journal),
      clock_(clock),
      options_(std::move(options)),
      power_(power),
      gate_(std::move(gate)) {
    BALLAST_CHECK(options_.parallel_max >= 1 && options_.parallel_per_host_max >= 1 && options_.switches_max >= 1,
                  "limits must be at least 1");
    BALLAST_CHECK(options_.spare_hosts >= 0, "spare hosts are counted from 0");
}

Result<PlanOutcome> PlanRunner::run(const Plan& plan, const Cluster& cluster, std::string_view policy,
                                    const StopSignal& stop, const RunObserver& observer) {
    const std::vector<Violation> violations = check_plan(cluster, plan);
    if (!violations.empty()) {
        std::string more;
        if (violations.size() > 1) more = " (and " + std::to_string(violations.size() - 1) + " more)";
        return fail(ErrorKind::refused,
                    "the plan is not safe and nothing of it was done: " + violations.front().message + more);
    }
    if (const auto closed = gate_ ? gate_() : std::nullopt) {
        return fail(ErrorKind::refused, "nothing was done: " + *closed);
    }
    PlanRecord record;
    record.created_unix_s = clock_.unix_time_s();
    record.policy = policy;
    record.actions = static_cast<int>(plan.actions.size());
    const auto plan_id = journal_.begin_plan(record, to_json(plan, cluster, policy));
    if (!plan_id) return tl::unexpected(plan_id.error());

    PlanOutcome result;
    result.plan_id = *plan_id;
    result.outcomes =
        Run({hypervisor_, journal_, clock_}, power_, options_, gate_, plan, cluster, *plan_id, stop, observer).run();
    result.stopped = stop.start_nothing_new();
    const Status status = result.status();
    const Status ended = journal_.end_plan(*plan_id, status ? "done" : status.error().message, clock_.unix_time_s());
    // The actions are done whether or not this last line could be written; recovery closes the plan later.
    static_cast<void>(ended);
    return result;
}

Status PlanOutcome::status() const {
    Counts counts;
    const ActionOutcome* first_trouble = nullptr;
    for (const ActionOutcome& outcome : outcomes) {
        if (outcome.result == ActionResult::no_power_control) continue;
        ++counts.tried;
        if (outcome.result == ActionResult::done) {
            ++counts.done;
            continue;
        }
        if (outcome.result == ActionResult::needs_operator || outcome.result == ActionResult::failed) ++counts.open;
        if (outcome.result == ActionResult::rejected) ++counts.rejected;
        if (outcome.result == ActionResult::skipped) ++counts.skipped;
        if (first_trouble == nullptr) first_trouble = &outcome;
    }
    if (first_trouble == nullptr) return {};
    const bool nothing_tried = counts.rejected > 0 && counts.rejected + counts.skipped == counts.tried && !stopped;
    const ErrorKind kind = nothing_tried                        ? ErrorKind::refused
                           : counts.done > 0 || counts.open > 0 ? ErrorKind::partial
                                                                : ErrorKind::failed;
    return fail(kind, std::to_string(counts.done) + " of " + std::to_string(counts.tried) +
                          " actions done; first trouble: " + first_trouble->text);
}

}  // namespace ballast
