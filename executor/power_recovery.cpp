// SPDX-License-Identifier: Apache-2.0
#include "executor/power_recovery.hpp"

#include <algorithm>

namespace ballast {

namespace {

void close(SwitchRecord& record, SwitchState state, std::string note) {
    record.state = state;
    record.note = std::move(note);
}

// Where the host cannot be said to be in either state, a person has to look.
void close_unclear(SwitchRecord& record) {
    close(record, SwitchState::failed,
          "recovered: " + record.host.name +
              " is neither asleep nor does its hypervisor answer; look at it, then `ballast power " + record.host.name +
              " clear`");
}

void close_by_truth(SwitchRecord& record, PowerTruth truth) {
    const std::string& host = record.host.name;
    if (truth == PowerTruth::unclear) return close_unclear(record);
    const bool asleep = truth == PowerTruth::asleep;
    if (asleep == (record.kind == SwitchKind::sleep)) {
        return close(record, SwitchState::done, "recovered: " + host + (asleep ? " is asleep" : " is awake"));
    }
    if (asleep) return close(record, SwitchState::rejected, "recovered: " + host + " still sleeps");
    // The command may have been given, and may take effect whenever the host comes to it.
    close(record, SwitchState::failed,
          "recovered: " + host + " is still awake, but may have been told to sleep; look at it, then `ballast power " +
              host + " clear`");
}

RecoveredSwitch recover_one(SwitchRecord record, const PowerPorts& ports, PowerWatch& watch, Clock& clock,
                            const PowerTiming& timing, const StopSignal& stop, const NoteSink& note,
                            const ExpectedSeconds& suspend_s) {
    if (record.state == SwitchState::intended) {
        // The command is given only after `switching` is on disk.
        close(record, SwitchState::rejected, "interrupted before it began; nothing was done");
    } else if (!ports.control.method(record.host.name)) {
        close_unclear(record);
    } else {
        if (note) note(what_was_going_on(record) + "; looking what became of it");
        const bool sleep = record.kind == SwitchKind::sleep;
        // Whether the command was given is not known. A wake that has not happened this long after it will not; for a
        // sleep the clock on the wall is not trusted.
        const double since_s = std::max(0.0, clock.unix_time_s() - record.updated_unix_s);
        const double limit_s = sleep ? sleep_limit_s(timing, suspend_s ? suspend_s(record.host.name) : 0.0)
                                     : std::max(timing.after_error_s, timing.wake_s_min - since_s);
        const PowerTruth truth = watch.wait_for(sleep ? PowerTruth::asleep : PowerTruth::on, record.host, limit_s);
        if (stop.abort_running()) return {record, record.host.name + ": stopped while looking; it stays open"};
        close_by_truth(record, truth);
    }
    record.updated_unix_s = clock.unix_time_s();
    std::string text = record.host.name + ": " + std::string(name(record.kind)) + " " + std::to_string(record.id) +
                       " is " + std::string(name(record.state)) + ": " + record.note;
    return {std::move(record), std::move(text)};
}

}  // namespace

std::string what_was_going_on(const SwitchRecord& record) {
    const std::string what = record.kind == SwitchKind::sleep ? "put to sleep" : "woken";
    return record.host.name + (record.state == SwitchState::intended ? ": was about to be " : ": was being ") + what;
}

Result<std::vector<RecoveredSwitch>> recover_switches(const PowerPorts& ports, Hypervisor& hypervisor, Clock& clock,
                                                      const PowerTiming& timing, const StopSignal& stop,
                                                      const NoteSink& note, const ExpectedSeconds& suspend_s) {
    auto records = ports.journal.open_switches();
    if (!records) return tl::unexpected(records.error());
    PowerWatch watch(ports, hypervisor, clock, timing, stop);
    std::vector<RecoveredSwitch> recovered;
    for (SwitchRecord& record : *records) {
        RecoveredSwitch one = recover_one(std::move(record), ports, watch, clock, timing, stop, note, suspend_s);
        if (!is_open(one.record.state)) {
            if (Status written = ports.journal.update_switch(one.record); !written) {
                return tl::unexpected(written.error());
            }
        }
        recovered.push_back(std::move(one));
    }
    return recovered;
}

}  // namespace ballast
