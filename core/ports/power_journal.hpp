// SPDX-License-Identifier: Apache-2.0
// The part of the journal that is about power: which host was put to sleep or woken, or was about to be, and how that
// ended. As for migrations, an intent is on disk before anything is done. Thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/host.hpp"
#include "core/ports/hypervisor.hpp"
#include "core/result.hpp"

namespace ballast {

enum class SwitchKind : std::uint8_t { sleep, wake };
[[nodiscard]] std::string_view name(SwitchKind kind);  // "sleep"

// Life of one switch:  intended -> switching -> done | failed
//                      intended -> rejected (a check said no; nothing was done)
//                      switching -> rejected (the last check did, directly before the command)
enum class SwitchState : std::uint8_t {
    intended,   // will be checked and then done
    switching,  // the command was given, or was about to be given
    done,       // it was seen to sleep; or its hypervisor answered
    rejected,   // nothing was done, or a wake that was begun before a crash did not happen
    failed,     // the host did not do it: it is quarantined until a person has looked
};
[[nodiscard]] std::string_view name(SwitchState state);
[[nodiscard]] constexpr bool is_open(SwitchState state) {
    return state == SwitchState::intended || state == SwitchState::switching;
}

// What is to be known of a host that does not answer because it sleeps: it may be needed again.
struct SleeperFacts {
    double cpu_mhz = 0.0;
    double memory_bytes = 0.0;
    std::uint32_t cpus = 0;
    HostCpu cpu;
    std::uint64_t hypervisor_version = 0;
};

// How the note of a wake ends if the same try first saw the host asleep. Only then it proves that waking works: a host
// that was awake all the time answers, too.
inline constexpr std::string_view woke_up = " woke up";

struct SwitchRecord {
    std::int64_t id = 0;       // given by the journal
    std::int64_t plan_id = 0;  // 0 = by hand
    HostEndpoint host;
    SwitchKind kind = SwitchKind::sleep;
    SwitchState state = SwitchState::intended;
    double created_unix_s = 0.0;
    double updated_unix_s = 0.0;
    std::string reason;                                            // why the policy wanted it, in words
    std::string note;                                              // what was seen or went wrong, in words
    double duration_s = std::numeric_limits<double>::quiet_NaN();  // from the command to its effect; NaN = not measured
    SleeperFacts facts;
};

// What the journal says of a host's power, as far as it says anything.
struct PowerPast {
    std::string host;        // name
    bool asleep = false;     // Ballast put it to sleep and has not woken it since
    bool switching = false;  // a switch is open, of this kind
    SwitchKind kind = SwitchKind::sleep;
    bool wake_proven = false;  // the last wake of a host that was seen asleep worked
    // Why it is in quarantine: a switch of it failed, and nobody has cleared it since. Empty = it is not.
    std::string quarantined_because;
    // It may have been told to sleep, was not seen to, and nobody has cleared it since: the command may yet take
    // effect, so nothing is to be put there.
    bool may_fall_asleep = false;
    std::int64_t slept_by = 0;  // the switch (id) that put it to sleep, if it is asleep
    // Why a check did not let it sleep when that was tried last, and when; empty = it let it, or nothing was tried.
    std::string refused_because;
    double refused_unix_s = 0.0;
    SleeperFacts facts;  // as it was put to sleep last; zeros = it never was
};

// A host that went to sleep or woke.
struct JournalSwitch {
    std::string host;
    double age_s = 0.0;  // since it was done; not negative
    bool slept = false;  // false: woken
};

class PowerJournal {
  public:
    virtual ~PowerJournal() = default;

    // Records the intent; returns the record's id. Refused (ErrorKind::refused) while another switch of this host is
    // open.
    [[nodiscard]] virtual Result<std::int64_t> open_switch(const SwitchRecord& record) = 0;
    // Replaces state, date, note and duration of the record of the same id. Refused if that record is closed.
    [[nodiscard]] virtual Status update_switch(const SwitchRecord& record) = 0;

    [[nodiscard]] virtual Result<std::vector<SwitchRecord>> open_switches() = 0;             // in id order
    [[nodiscard]] virtual Result<std::vector<SwitchRecord>> recent_switches(int limit) = 0;  // newest first
    [[nodiscard]] virtual Result<std::vector<PowerPast>> power_pasts() = 0;                  // in name order
    // The switches that were done within `window_s` before `unix_time_s`, in the order in which they were begun.
    [[nodiscard]] virtual Result<std::vector<JournalSwitch>> past_switches(double unix_time_s, double window_s) = 0;
    // Takes the host out of quarantine. False if it was not in it.
    [[nodiscard]] virtual Result<bool> clear_quarantine(const std::string& host, double unix_time_s) = 0;

    // What the rest of the journal has against putting this host to sleep: a person drained it, or a migration from or
    // to it is open. One line; empty = nothing.
    [[nodiscard]] virtual Result<std::string> sleep_objection(const std::string& host) = 0;
};

}  // namespace ballast
