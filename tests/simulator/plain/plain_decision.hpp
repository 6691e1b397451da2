// SPDX-License-Identifier: Apache-2.0
// One decision of the plain implementation: the placement is really changed while it is looked for, and put back.
#pragma once

#include <set>
#include <vector>

#include "core/random.hpp"
#include "plain_world.hpp"
#include "simulator/cloudsim/family.hpp"

namespace ballast::plain {

struct Move {
    Vm* vm;
    Host* to;
};

class Decision {
  public:
    Decision(std::vector<Host>& hosts, const cloudsim::Options& options, const cloudsim::FamilyPolicy& policy,
             Rng& random)
        : hosts_(hosts), options_(options), policy_(policy), random_(random) {}

    [[nodiscard]] std::vector<Move> decide();
    // Where a VM that asks for `mips` goes; null = nowhere. `starting`: at the start, when memory and bandwidth bind.
    [[nodiscard]] Host* find_host(Vm& vm, double mips, const std::set<const Host*>& excluded, bool starting);

  private:
    using Hosts = std::set<const Host*>;
    using Placement = std::vector<std::vector<Vm*>>;  // per host

    [[nodiscard]] bool overloaded(const Host& host) const;
    [[nodiscard]] std::vector<double> history_of(const Host& host) const;
    [[nodiscard]] double steps_ahead(const Host& host) const;
    [[nodiscard]] Vm* select(const Host& host);
    [[nodiscard]] Vm* most_correlated(const std::vector<Vm*>& candidates) const;
    [[nodiscard]] Host* least_used(const Hosts& done);
    [[nodiscard]] bool has_room(const Host& host, const Vm& vm, double mips, bool starting) const;
    [[nodiscard]] bool asleep(const Host& host) const { return host.vms.empty() && host.used_mips == 0.0; }
    void relieve(const Hosts& overloaded_hosts, std::vector<Move>& moves);
    void empty(Hosts done, Hosts closed, std::vector<Move>& moves);
    [[nodiscard]] bool empty_one(Host& source, const Hosts& closed, std::vector<Move>& moves);
    [[nodiscard]] Hosts asleep_hosts() const;
    void restore(const Placement& saved);

    std::vector<Host>& hosts_;
    const cloudsim::Options& options_;
    const cloudsim::FamilyPolicy& policy_;
    Rng& random_;
};

}  // namespace ballast::plain
