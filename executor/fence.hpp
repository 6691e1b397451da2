// SPDX-License-Identifier: Apache-2.0
// Making sure that a host which does not answer is off, so that a guest which stands still on the other one may go on.
// It ends everything that runs there, and Ballast has nothing of its own to do it with: the operator's program does.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/ports/hypervisor.hpp"
#include "executor/start_gate.hpp"

namespace ballast {

struct FenceAnswer {
    bool off = false;  // the host is off or cut off for certain, and stays so; false: not known
    std::string text;  // one line: who was asked, and what came of it
};

// Puts a host out of action, or finds it so. May block for as long as its maker says. A second time does no harm.
using Fence = std::function<FenceAnswer(const HostEndpoint&)>;

// Which migrations are worth a host that does not answer, and with it whatever else may run there.
enum class FenceUse : std::uint8_t {
    never,
    guest_stopped,  // whose guest stands still on the host that answers, and goes on there once the other is off
    host_unknown,   // also those whose guest runs there: to be sure that it runs once, and to close the record
};

// What came of it when a host was to be fenced.
enum class FenceResult : std::uint8_t {
    done,     // it is off
    failed,   // the program was asked, and whether the host is off is not known
    refused,  // nobody was asked: the gate is closed, it may be Ballast's own machine, the journal cannot be written
};
[[nodiscard]] std::string_view name(FenceResult result);

// Told of every host that was to be fenced, by the thread that settles.
using FenceSink = std::function<void(FenceResult)>;

struct FenceOptions {
    Fence ask;       // may be empty: no host is fenced
    StartGate gate;  // why no host may be fenced now; may be empty
    FenceSink told;  // may be empty
    FenceUse use = FenceUse::guest_stopped;
    // For so long a host that was off and is silent counts as off; then somebody may have switched it on. Seconds.
    double believed_s = 180.0;
};

}  // namespace ballast
