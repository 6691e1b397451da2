// SPDX-License-Identifier: Apache-2.0
// Whatever snapshot can be read can be decided upon, and what is decided passes the checker.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/io/json.hpp"
#include "scheduler/engine.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto snapshot = ballast::snapshot_from_json(text);
    if (!snapshot) return 0;
    static_cast<void>(ballast::plan_from_json(text, snapshot->cluster));
    const ballast::MigrationModel model;
    for (const char* name : {"spread", "consolidate"}) {
        const auto policy = ballast::make_policy(name);
        ballast::Rng rng(1);
        const auto decision = ballast::decide({snapshot->cluster, snapshot->history, model}, **policy, rng);
        if (!decision) __builtin_trap();
        const std::string plan = ballast::to_json(decision->plan, snapshot->cluster, name);
        if (!ballast::plan_from_json(plan, snapshot->cluster)) __builtin_trap();
    }
    return 0;
}
