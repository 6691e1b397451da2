// SPDX-License-Identifier: Apache-2.0
// Every migration of a replay, in the order in which they began.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "simulator/observer.hpp"

namespace ballast {

struct SimulatedMove {
    double started_s = 0.0;         // since the begin of the replay
    std::optional<double> ended_s;  // none: it was aborted, or is under way at the end
    bool aborted = false;           // a host failed, or the VM ended
    std::string vm;
    std::string from;
    std::string to;
};

class MoveLog : public Observer {
  public:
    explicit MoveLog(std::shared_ptr<const Inventory> inventory) : inventory_(std::move(inventory)) {}

    void on_migration_start(const Migration& migration) override {
        under_way_.push_back({migration.vm, moves.size()});
        moves.push_back({migration.started_s, std::nullopt, false, inventory_->vms()[migration.vm.index()].name,
                         inventory_->hosts()[migration.from.index()].name,
                         inventory_->hosts()[migration.to.index()].name});
    }
    void on_migration_end(const Migration& migration) override {
        end(migration.vm).ended_s = migration.started_s + migration.cost.duration_s;
    }
    void on_migration_abort(const Migration& migration) override { end(migration.vm).aborted = true; }

    std::vector<SimulatedMove> moves;

  private:
    struct UnderWay {
        VmId vm;
        std::size_t index;
    };
    SimulatedMove& end(VmId vm) {
        const auto found =
            std::find_if(under_way_.begin(), under_way_.end(), [&](const UnderWay& u) { return u.vm == vm; });
        const std::size_t index = found->index;
        under_way_.erase(found);
        return moves[index];
    }

    std::shared_ptr<const Inventory> inventory_;
    std::vector<UnderWay> under_way_;
};

}  // namespace ballast
