// SPDX-License-Identifier: Apache-2.0
#include "scheduler/rule_search.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "scheduler/disjoint_sets.hpp"

namespace ballast {

namespace {

// VMs that run on one host, and the hosts they may run on.
struct Item {
    std::vector<VmId> vms;
    std::vector<HostId> own_hosts;  // what pins and forbids leave, if there are any
    std::span<const HostId> hosts;
};

// An anti-affinity rule, over items.
struct Apart {
    const Rule* rule;
    std::map<std::size_t, std::uint32_t> vms_of;  // by item: how many of its VMs the rule is about
};

struct OutOfSteps {};

class Search {
  public:
    Search(const Cluster& cluster, std::span<const VmId> vms, std::span<const RuleId> rules, std::uint64_t& steps)
        : cluster_(cluster), vms_(vms), steps_(steps) {
        for (const RuleId id : rules) rules_.push_back(&cluster.rule(id));
        for (std::size_t h = 0; h < cluster.host_count(); ++h) all_hosts_.emplace_back(h);
    }

    // Throws OutOfSteps.
    bool run() {
        make_items();
        if (items_.size() > items_max) throw OutOfSteps{};
        make_aparts();
        for (const Item& item : items_) {
            if (item.hosts.empty()) return false;
        }
        for (const Apart& apart : aparts_) {
            if (!fits_alone(apart) || !can_be_matched(apart)) return false;
        }
        return place(0);
    }

  private:
    static constexpr std::size_t items_max = 5000;  // the search is recursive

    void take_step() {
        if (steps_ == 0) throw OutOfSteps{};
        --steps_;
    }
    [[nodiscard]] std::optional<std::size_t> position(VmId vm) const {
        const auto it = std::lower_bound(vms_.begin(), vms_.end(), vm);
        if (it == vms_.end() || *it != vm) return std::nullopt;
        return static_cast<std::size_t>(it - vms_.begin());
    }
    [[nodiscard]] std::uint32_t domain(HostId host, const Apart& apart) const {
        return cluster_.inventory().domain(host, apart.rule->per);
    }

    void make_items() {
        DisjointSets sets(vms_.size());
        for (const Rule* rule : rules_) {
            if (rule->kind != RuleKind::affinity) continue;
            std::optional<std::size_t> first;
            for (const VmId vm : rule->vms) {
                const auto at = position(vm);
                if (at && first) sets.join(*first, *at);
                if (at && !first) first = at;
            }
        }
        std::map<std::size_t, Item> by_root;
        for (std::size_t v = 0; v < vms_.size(); ++v) by_root[sets.root(v)].vms.push_back(vms_[v]);
        for (auto& [root, item] : by_root) {
            items_.push_back(std::move(item));
        }
        for (Item& item : items_) find_hosts(item);
        std::stable_sort(items_.begin(), items_.end(),
                         [](const Item& a, const Item& b) { return a.hosts.size() < b.hosts.size(); });
    }

    void find_hosts(Item& item) {
        item.hosts = all_hosts_;
        for (const Rule* rule : rules_) {
            if (rule->kind != RuleKind::pin && rule->kind != RuleKind::forbid) continue;
            const bool concerned = std::any_of(item.vms.begin(), item.vms.end(), [&](VmId vm) {
                return std::binary_search(rule->vms.begin(), rule->vms.end(), vm);
            });
            if (!concerned) continue;
            if (item.hosts.data() == all_hosts_.data()) item.own_hosts = all_hosts_;
            std::erase_if(item.own_hosts, [&](HostId host) {
                take_step();
                const bool listed = std::binary_search(rule->hosts.begin(), rule->hosts.end(), host);
                return listed == (rule->kind == RuleKind::forbid);
            });
            item.hosts = item.own_hosts;
        }
    }

    void make_aparts() {
        aparts_of_.resize(items_.size());
        for (const Rule* rule : rules_) {
            if (rule->kind != RuleKind::anti_affinity) continue;
            Apart apart{rule, {}};
            for (std::size_t i = 0; i < items_.size(); ++i) {
                for (const VmId vm : items_[i].vms) {
                    take_step();
                    if (std::binary_search(rule->vms.begin(), rule->vms.end(), vm)) ++apart.vms_of[i];
                }
            }
            for (const auto& [item, vms] : apart.vms_of) aparts_of_[item].push_back(aparts_.size());
            aparts_.push_back(std::move(apart));
        }
        in_domain_.resize(aparts_.size());
    }

    static bool fits_alone(const Apart& apart) {
        return std::all_of(apart.vms_of.begin(), apart.vms_of.end(),
                           [&](const auto& item) { return item.second <= apart.rule->at_most; });
    }

    // Every item counts as one VM, so that a matching is necessary, not sufficient.
    bool can_be_matched(const Apart& apart) {
        std::map<std::uint32_t, std::vector<std::size_t>> taken;  // by domain: the items it takes
        for (const auto& [item, vms] : apart.vms_of) {
            if (take_free(apart, item, taken)) continue;
            std::set<std::uint32_t> seen;
            if (!augment(apart, item, taken, seen)) return false;
        }
        return true;
    }
    bool take_free(const Apart& apart, std::size_t item, std::map<std::uint32_t, std::vector<std::size_t>>& taken) {
        for (const HostId host : items_[item].hosts) {
            take_step();
            std::vector<std::size_t>& here = taken[domain(host, apart)];
            if (here.size() >= apart.rule->at_most) continue;
            here.push_back(item);
            return true;
        }
        return false;
    }
    bool augment(const Apart& apart, std::size_t item, std::map<std::uint32_t, std::vector<std::size_t>>& taken,
                 std::set<std::uint32_t>& seen) {
        for (const HostId host : items_[item].hosts) {
            take_step();
            const std::uint32_t d = domain(host, apart);
            if (!seen.insert(d).second) continue;
            std::vector<std::size_t>& here = taken[d];
            if (here.size() < apart.rule->at_most) {
                here.push_back(item);
                return true;
            }
            for (std::size_t& other : here) {
                if (!augment(apart, other, taken, seen)) continue;
                other = item;
                return true;
            }
        }
        return false;
    }

    // Items before `item` are placed.
    bool place(std::size_t item) {
        if (item == items_.size()) return true;
        if (aparts_of_[item].empty()) return place(item + 1);
        for (const HostId host : items_[item].hosts) {
            take_step();
            if (!may_go(item, host)) continue;
            count(item, host, true);
            if (place(item + 1)) return true;
            count(item, host, false);
        }
        return false;
    }
    bool may_go(std::size_t item, HostId host) {
        return std::all_of(aparts_of_[item].begin(), aparts_of_[item].end(), [&](std::size_t a) {
            const Apart& apart = aparts_[a];
            return in_domain_[a][domain(host, apart)] + apart.vms_of.at(item) <= apart.rule->at_most;
        });
    }
    void count(std::size_t item, HostId host, bool comes) {
        for (const std::size_t a : aparts_of_[item]) {
            std::uint32_t& vms = in_domain_[a][domain(host, aparts_[a])];
            vms = comes ? vms + aparts_[a].vms_of.at(item) : vms - aparts_[a].vms_of.at(item);
        }
    }

    const Cluster& cluster_;
    std::span<const VmId> vms_;  // sorted
    std::uint64_t& steps_;
    std::vector<const Rule*> rules_;
    std::vector<HostId> all_hosts_;
    std::vector<Item> items_;
    std::vector<Apart> aparts_;
    std::vector<std::vector<std::size_t>> aparts_of_;                // by item
    std::vector<std::map<std::uint32_t, std::uint32_t>> in_domain_;  // by apart and domain: VMs placed there
};

}  // namespace

Keepable can_be_kept(const Cluster& cluster, std::span<const VmId> vms, std::span<const RuleId> rules,
                     std::uint64_t& steps) {
    try {
        return Search(cluster, vms, rules, steps).run() ? Keepable::yes : Keepable::no;
    } catch (const OutOfSteps&) {
        return Keepable::not_decided;
    }
}

}  // namespace ballast
