// SPDX-License-Identifier: Apache-2.0
#include "executor/power_job.hpp"

#include <algorithm>
#include <optional>

#include "executor/this_machine.hpp"

namespace ballast {

namespace {

constexpr double pause_slice_s = 0.5;  // a person who asks to give up waits no longer than this

std::string list(const std::vector<std::string>& names) {
    constexpr std::size_t shown_max = 5;
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < shown_max; ++i) text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > shown_max) text += " and " + std::to_string(names.size() - shown_max) + " more";
    return text;
}

class SwitchJob {
  public:
    SwitchJob(const PowerPorts& ports, Hypervisor& hypervisor, Clock& clock, SwitchOrder order,
              const PowerTiming& timing, const StopSignal& stop, const NoteSink& note)
        : ports_(ports),
          hypervisor_(hypervisor),
          clock_(clock),
          order_(std::move(order)),
          record_(order_.record),
          timing_(timing),
          stop_(stop),
          note_(note),
          watch_(ports, hypervisor, clock, timing, stop) {}

    SwitchOutcome run() {
        if (std::optional<SwitchOutcome> ended = declare_intent()) return *ended;
        const std::optional<std::string> objection = find_objection();
        if (objection) return end(SwitchState::rejected, *objection);
        if (Status written = write(SwitchState::switching); !written) return journal_failed(written.error());
        started_s_ = clock_.monotonic_s();
        return record_.kind == SwitchKind::sleep ? sleep() : wake();
    }

  private:
    [[nodiscard]] const std::string& host() const { return record_.host.name; }

    std::optional<SwitchOutcome> declare_intent() {
        record_.state = SwitchState::intended;
        record_.created_unix_s = clock_.unix_time_s();
        record_.updated_unix_s = record_.created_unix_s;
        const Result<std::int64_t> id = ports_.journal.open_switch(record_);
        if (id) {
            record_.id = *id;
            return std::nullopt;
        }
        if (id.error().kind != ErrorKind::refused) return journal_failed(id.error());
        SwitchOutcome outcome;
        outcome.text = id.error().message;
        return outcome;
    }

    // --- may it be done?
    // ----------------------------------------------------------------------------------------------

    std::optional<std::string> find_objection() {
        if (stop_.start_nothing_new()) return "stopped before it began";
        if (record_.kind == SwitchKind::sleep && is_this_machine(record_.host, this_machine())) {
            return host() + " is the machine that Ballast runs on; nobody would be left to wake it";
        }
        const std::optional<PowerMethod> method = ports_.control.method(host());
        if (!method) return "there is no way to switch " + host() + "; give it one in [power]";
        if (record_.kind == SwitchKind::wake) return std::nullopt;
        if (!order_.objection.empty()) return order_.objection;
        if (auto because = objection_of_the_past(*method)) return because;
        if (auto because = objection_of_the_present()) return because;
        say("nothing runs on " + host() + "; looking again before it sleeps");
        if (!watch_.pause(timing_.pause_s) || stop_.start_nothing_new()) return "stopped before it began";
        return objection_of_the_control();
    }

    // Nothing in it if the journal does not know the host.
    Result<PowerPast> its_past() {
        Result<std::vector<PowerPast>> pasts = ports_.journal.power_pasts();
        if (!pasts) return tl::unexpected(pasts.error());
        for (PowerPast& past : *pasts) {
            if (past.host == host()) return std::move(past);
        }
        return PowerPast{};
    }

    std::optional<std::string> objection_of_the_past(const PowerMethod& method) {
        const Result<std::string> objection = ports_.journal.sleep_objection(host());
        if (!objection) return objection.error().message;
        if (!objection->empty()) return *objection;
        const Result<PowerPast> past = its_past();
        if (!past) return past.error().message;
        if (!past->quarantined_because.empty()) {
            return host() + " is in quarantine: " + past->quarantined_because + "; look at it, then `ballast power " +
                   host() + " clear`";
        }
        if (past->wake_proven || method.wake_vouched || order_.wake_is_on_trial) return std::nullopt;
        return "nobody has seen " + host() + " wake up yet; try it with `ballast power " + host() +
               " test`, or vouch for it with wake_tested = true";
    }

    std::optional<std::string> objection_of_the_present() {
        if (auto because = objection_of_the_guests()) return because;
        return objection_of_the_control();
    }

    // What is active there now.
    std::optional<std::string> objection_of_the_guests() {
        const Result<std::vector<std::string>> guests = hypervisor_.active_guests(record_.host);
        if (!guests) return "what runs on " + host() + " cannot be seen: " + guests.error().message;
        if (!guests->empty()) return host() + " is not empty: " + list(*guests);
        return std::nullopt;
    }

    // Whether the host could be woken by the same way.
    std::optional<std::string> objection_of_the_control() {
        const Result<PowerSight> sight = ports_.control.look(host());
        if (!sight) return "its power control does not answer, so it could not be woken: " + sight.error().message;
        if (*sight == PowerSight::asleep) {
            return "its power control says that " + host() +
                   " is off, but its hypervisor answers: the configuration names another machine's";
        }
        return std::nullopt;
    }

    // --- doing it
    // -----------------------------------------------------------------------------------------------------

    SwitchOutcome sleep() {
        say("putting " + host() + " to sleep");
        // The last look is the last thing before the command: asking the power control and writing the journal take
        // their time, in which somebody may have started a guest.
        if (const auto because = objection_of_the_guests()) return end(SwitchState::rejected, *because);
        const Status sent = ports_.control.sleep(host());
        hypervisor_.disconnect(record_.host);
        // Also after an error: a command that was cut off may have been accepted, and the host takes its time.
        const double limit_s = sleep_limit_s(timing_, order_.expected_s);
        switch (watch_.wait_for(PowerTruth::asleep, record_.host, limit_s)) {
            case PowerTruth::asleep: return end(SwitchState::done, host() + " is asleep");
            case PowerTruth::on:
            case PowerTruth::unclear: break;
        }
        if (!watch_.guests().empty()) return alarm(limit_s);
        if (stop_.abort_running()) return given_up();
        const std::string why = sent ? "it was told to sleep and did not" : sent.error().message;
        return end(SwitchState::failed, host() + " does not sleep: " + why + cleared_by());
    }

    // A guest is on a host that is going down. It cannot be called back, only woken: at once, for one that has not gone
    // yet, and when it has gone, because a wake that comes before that does nothing.
    SwitchOutcome alarm(double limit_s) {
        const std::vector<std::string>& guests = watch_.guests();  // until the next look
        const std::string what =
            list(guests) + (guests.size() == 1 ? " runs" : " run") + " on " + host() + ", which was told to sleep";
        say("ALARM: " + what + "; waking it");
        Status sent = ports_.control.wake(host());
        if (watch_.wait_for(PowerTruth::asleep, record_.host, limit_s, PowerWatch::Guests::ignored) != PowerTruth::on) {
            sent = ports_.control.wake(host());
        }
        const std::string woken = sent ? "a wake was sent" : "a wake failed: " + sent.error().message;
        return end(SwitchState::failed, what + "; " + woken + cleared_by());
    }

    SwitchOutcome wake() {
        const double full_s = std::max(timing_.wake_s_min, timing_.wake_factor * order_.expected_s);
        std::string why;
        bool slept = false;
        for (int i = 0; i < timing_.wake_tries; ++i) {
            say((i == 0 ? "waking " : "waking once more: ") + host());
            slept = slept || is_seen_asleep();
            const Status sent = ports_.control.wake(host());
            const double limit_s = sent ? full_s : wait_after_failed_wake(full_s);
            const PowerTruth truth =
                limit_s > 0.0 ? watch_.wait_for(PowerTruth::on, record_.host, limit_s) : PowerTruth::asleep;
            if (truth == PowerTruth::on) {
                return end(SwitchState::done, host() + (slept ? std::string(woke_up) : " is awake"));
            }
            if (stop_.abort_running()) return given_up();
            why = !sent                         ? sent.error().message
                  : truth == PowerTruth::asleep ? "it was told to wake and did not"
                                                : "it was woken, but its hypervisor does not answer";
        }
        return end(SwitchState::failed, host() + " does not wake: " + why + cleared_by());
    }

    // Where the power control cannot tell, a silent host that Ballast has put to sleep sleeps.
    bool is_seen_asleep() {
        const Result<PowerSight> sight = ports_.control.look(host());
        if (sight && *sight != PowerSight::unknown) return *sight == PowerSight::asleep;
        const Result<PowerPast> past = its_past();
        return past && past->asleep && !hypervisor_.active_guests(record_.host);
    }

    // A command that was cut off may have worked all the same: then the host is on, and takes its time to start.
    double wait_after_failed_wake(double full_s) {
        const Result<PowerSight> sight = ports_.control.look(host());
        if (sight && *sight == PowerSight::on) return full_s;
        return sight && *sight == PowerSight::asleep ? 0.0 : timing_.after_error_s;
    }

    // --- how it ends
    // --------------------------------------------------------------------------------------------------

    [[nodiscard]] std::string cleared_by() const {
        return "; it is left alone until `ballast power " + host() + " clear`";
    }

    SwitchOutcome given_up() const {
        SwitchOutcome outcome = ended(SwitchState::switching);
        outcome.text = "stopped while waiting for " + host() + "; `ballast recover` sees what became of it";
        return outcome;
    }

    SwitchOutcome end(SwitchState state, std::string text) {
        if (state != SwitchState::rejected) record_.duration_s = clock_.monotonic_s() - started_s_;
        record_.note = std::move(text);
        if (Status written = write(state); !written) return journal_failed(written.error());
        return ended(state);
    }

    [[nodiscard]] SwitchOutcome ended(SwitchState state) const {
        SwitchOutcome outcome;
        outcome.state = state;
        outcome.record_id = record_.id;
        outcome.text = record_.note;
        outcome.duration_s = record_.duration_s;
        return outcome;
    }

    [[nodiscard]] SwitchOutcome journal_failed(const Error& error) const {
        SwitchOutcome outcome = ended(record_.state);
        outcome.journal_failed = true;
        outcome.text = "the journal cannot be written: " + error.message +
                       (record_.id == 0 ? "" : "; run `ballast recover` once it can");
        return outcome;
    }

    Status write(SwitchState state) {
        record_.state = state;
        record_.updated_unix_s = clock_.unix_time_s();
        return ports_.journal.update_switch(record_);
    }

    void say(const std::string& text) const {
        if (note_) note_(text);
    }

    const PowerPorts& ports_;
    Hypervisor& hypervisor_;
    Clock& clock_;
    const SwitchOrder order_;
    SwitchRecord record_;
    const PowerTiming& timing_;
    const StopSignal& stop_;
    const NoteSink& note_;
    PowerWatch watch_;
    double started_s_ = 0.0;
};

}  // namespace

// A host that has just fallen asleep is not asked whether it answers if its control knows better: silence takes long to
// be certain of.
PowerTruth PowerWatch::look(PowerTruth wanted, const HostEndpoint& host) {
    const auto control_says = [&](PowerSight what) {
        const Result<PowerSight> sight = ports_.control.look(host.name);
        return sight && *sight == what;
    };
    if (wanted == PowerTruth::asleep && control_says(PowerSight::asleep)) return PowerTruth::asleep;
    Result<std::vector<std::string>> guests = hypervisor_.active_guests(host);
    const bool answers = guests.has_value();
    guests_ = answers ? std::move(*guests) : std::vector<std::string>();
    silent_ = answers ? 0 : silent_ + 1;
    if (answers) return PowerTruth::on;
    if (wanted != PowerTruth::asleep && control_says(PowerSight::asleep)) return PowerTruth::asleep;
    const bool asleep = silent_ >= timing_.silent_looks && control_says(PowerSight::unknown);
    return asleep ? PowerTruth::asleep : PowerTruth::unclear;
}

double sleep_limit_s(const PowerTiming& timing, double expected_s) {
    return std::max(timing.sleep_s_min, timing.sleep_factor * expected_s);
}

PowerTruth PowerWatch::wait_for(PowerTruth wanted, const HostEndpoint& host, double seconds, Guests guests) {
    const double end_s = clock_.monotonic_s() + seconds;
    silent_ = 0;
    guests_.clear();
    for (;;) {
        const PowerTruth truth = look(wanted, host);
        const bool alarm = wanted == PowerTruth::asleep && guests == Guests::alarm && !guests_.empty();
        if (truth == wanted || alarm || clock_.monotonic_s() >= end_s) return truth;
        if (!pause(timing_.poll_s)) return truth;
    }
}

bool PowerWatch::pause(double seconds) {
    const double end_s = clock_.monotonic_s() + seconds;
    while (!stop_.abort_running()) {
        const double left_s = end_s - clock_.monotonic_s();
        if (left_s <= 0.0) return true;
        clock_.sleep(std::min(left_s, pause_slice_s));
    }
    return false;
}

SwitchOrder switch_order(const HostSpec& host, SwitchKind kind) {
    SwitchOrder order;
    order.record.host = {host.name, host.uri, host.migration_address};
    order.record.kind = kind;
    order.record.facts = {host.capacity.cpu_mhz(), host.capacity.memory_bytes(), host.cpus, host.cpu,
                          host.hypervisor_version};
    if (host.power) order.expected_s = kind == SwitchKind::sleep ? host.power->suspend_s : host.power->boot_s;
    return order;
}

SwitchOutcome run_switch(const PowerPorts& ports, Hypervisor& hypervisor, Clock& clock, SwitchOrder order,
                         const PowerTiming& timing, const StopSignal& stop, const NoteSink& note) {
    return SwitchJob(ports, hypervisor, clock, std::move(order), timing, stop, note).run();
}

}  // namespace ballast
