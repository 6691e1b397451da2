// SPDX-License-Identifier: Apache-2.0
#include "simulator/plan_run.hpp"

#include <algorithm>
#include <utility>

namespace ballast {

PlanRun::PlanRun(Plan plan)
    : actions_(std::move(plan.actions)), open_after_(actions_.size()), unblocks_(actions_.size()) {
    for (std::size_t a = 0; a < actions_.size(); ++a) {
        open_after_[a] = actions_[a].after.size();
        for (const ActionId before : actions_[a].after) unblocks_[before.index()].push_back(a);
        if (open_after_[a] == 0) ready_.push_back(a);
    }
}

void PlanRun::step(Engine& engine, std::size_t migrations_per_host_max) {
    std::erase_if(running_, [&](std::size_t a) {
        if (holds(actions_[a], engine)) {
            finish(a);
            return true;
        }
        if (!broken(actions_[a], engine)) return false;
        ++failed_;
        return true;
    });
    // An action with nothing to do unblocks others at once; hence the loop.
    for (bool progress = true; progress;) {
        progress = false;
        std::vector<std::size_t> candidates;
        candidates.swap(ready_);
        std::sort(candidates.begin(), candidates.end());
        for (const std::size_t a : candidates) {
            switch (start(actions_[a], engine, migrations_per_host_max)) {
                case Start::started: running_.push_back(a); break;
                case Start::not_yet: ready_.push_back(a); break;
                case Start::nothing_to_do:
                    finish(a);
                    progress = true;
                    break;
            }
        }
    }
}

bool PlanRun::holds(const Action& action, const Engine& engine) {
    switch (action.kind) {
        case ActionKind::migrate: return engine.host_of(action.vm) == action.host && !engine.migrating(action.vm);
        case ActionKind::power_on: return engine.power(action.host) == PowerState::on;
        case ActionKind::power_off:
            return engine.power(action.host) == PowerState::asleep && !engine.failed(action.host);
    }
    return false;
}

bool PlanRun::broken(const Action& action, const Engine& engine) {
    if (action.kind == ActionKind::migrate) return !engine.migrating(action.vm);
    return engine.failed(action.host);
}

PlanRun::Start PlanRun::start(const Action& action, Engine& engine, std::size_t migrations_per_host_max) {
    if (holds(action, engine)) return Start::nothing_to_do;
    switch (action.kind) {
        case ActionKind::migrate: {
            const auto has_slot = [&](HostId host) { return engine.migrations_at(host) < migrations_per_host_max; };
            const bool there = engine.host_of(action.vm) == action.from && !engine.migrating(action.vm);
            if (!there || !has_slot(action.from) || !has_slot(action.host)) return Start::not_yet;
            if (!engine.can_receive(action.host, action.vm)) return Start::not_yet;
            engine.start_migration(action.vm, action.host);
            return Start::started;
        }
        case ActionKind::power_on:
            if (engine.power(action.host) != PowerState::asleep || engine.failed(action.host)) return Start::not_yet;
            engine.start_waking(action.host);
            return Start::started;
        case ActionKind::power_off:
            if (engine.power(action.host) != PowerState::on || !engine.empty(action.host)) return Start::not_yet;
            engine.start_sleeping(action.host);
            return Start::started;
    }
    return Start::not_yet;
}

void PlanRun::finish(std::size_t action) {
    ++done_;
    for (const std::size_t next : unblocks_[action]) {
        if (--open_after_[next] == 0) ready_.push_back(next);
    }
}

}  // namespace ballast
