// SPDX-License-Identifier: Apache-2.0
// A plan being carried out in simulated time: which of its actions are done, under way or still waiting.
#pragma once

#include <cstddef>
#include <vector>

#include "core/plan.hpp"
#include "simulator/engine.hpp"

namespace ballast {

class PlanRun {
  public:
    explicit PlanRun(Plan plan);

    // Notes what the engine has finished since the last step, then starts in plan order what can start now: all it
    // depends on is done; a migration's VM is on its source and not in flight, the destination is on and has the
    // memory, and neither host has `migrations_per_host_max` migrations under way; a host to wake is asleep, and one to
    // send to sleep is on and empty. What cannot start waits. A migration that was aborted and a host that failed while
    // it woke or went to sleep have failed, and what depends on them never starts. Call after every event.
    // O(ready + running actions).
    void step(Engine& engine, std::size_t migrations_per_host_max);

    [[nodiscard]] bool finished() const { return done_ + failed_ == actions_.size(); }
    [[nodiscard]] std::size_t done_count() const { return done_; }
    [[nodiscard]] std::size_t failed_count() const { return failed_; }
    [[nodiscard]] std::size_t waiting_count() const { return actions_.size() - done_ - failed_ - running_.size(); }

  private:
    enum class Start : std::uint8_t { started, nothing_to_do, not_yet };

    // What the action wants is the case.
    [[nodiscard]] static bool holds(const Action& action, const Engine& engine);
    // It was under way and is not any more.
    [[nodiscard]] static bool broken(const Action& action, const Engine& engine);
    [[nodiscard]] static Start start(const Action& action, Engine& engine, std::size_t migrations_per_host_max);
    void finish(std::size_t action);  // unblocks what depends on it

    std::vector<Action> actions_;
    std::vector<std::size_t> open_after_;             // by action: how many it depends on are not done
    std::vector<std::vector<std::size_t>> unblocks_;  // by action: the actions that depend on it
    std::vector<std::size_t> ready_;                  // ascending
    std::vector<std::size_t> running_;
    std::size_t done_ = 0;
    std::size_t failed_ = 0;
};

}  // namespace ballast
