// SPDX-License-Identifier: Apache-2.0
// What would have to be otherwise for a decision to be another one: the answer to every reason, with numbers. A new
// ReasonCode gets a case in what_would_change() and one in in_general(); the compiler asks for both.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/reason.hpp"
#include "scheduler/engine.hpp"
#include "scheduler/policy.hpp"
#include "scheduler/policy_levels.hpp"

namespace ballast {

struct Condition {
    std::string text;       // one clause, e.g. "if h1's CPU rises above 80 % (now 43 %, +7.4 GHz)"
    double amount = 0.0;    // the number in it that is missing or too much …
    std::string_view unit;  // … in "MHz", "bytes", "bytes/s", "s", "W", "moves" or "hosts"; empty = there is none
};

// What a decision was made from, and the decision. Refers to all three.
struct Circumstances {
    const PolicyInput& input;
    const Decision& decision;
    const PolicyLevels& levels;
};

// Whom a reason was given to.
struct Subject {
    VmId vm;      // none: a host
    HostId host;  // the VM's host now, or the host
};

// Never empty; any one of the conditions is enough for the reason not to hold. Another reason may hold then.
[[nodiscard]] std::vector<Condition> what_would_change(const Reason& reason, const Subject& subject,
                                                       const Circumstances& circumstances);

// The reason without its numbers, said of several VMs or hosts, e.g. "the host is neither hot nor worth emptying".
[[nodiscard]] std::string_view in_general(ReasonCode code);

// What is said of a VM that does not move, by the plan or else by the proposal; nothing if it moves.
[[nodiscard]] std::optional<Stay> stay_in(const Decision& decision, VmId vm);

}  // namespace ballast
