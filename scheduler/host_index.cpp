// SPDX-License-Identifier: Apache-2.0
#include "scheduler/host_index.hpp"

#include <algorithm>
#include <numeric>

namespace ballast {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

// What is looked for, and the best so far.
struct HostIndex::Search {
    UnitId unit;
    HostId from;
    Level level;
    ResourceVector need;
    std::size_t begin = 0;
    std::size_t position = none;
    double peak = infinity;  // of lowest_peak()
    Reason reason;           // of closest()
};

// A host on its way to its block.
struct HostIndex::Load {
    double cpu;
    double memory;
    std::size_t position;
};

HostIndex::HostIndex(const Placement& placement, const Feasibility& feasibility, std::span<const HostId> hosts,
                     Blocks blocks)
    : placement_(placement),
      feasibility_(feasibility),
      hosts_(hosts.begin(), hosts.end()),
      shown_(hosts.size(), 1),
      slots_(hosts.size()),
      slot_of_(hosts.size()) {
    const std::size_t block_count = (hosts_.size() + block - 1) / block;
    while (leaves_ < block_count) leaves_ *= 2;
    std::iota(slots_.begin(), slots_.end(), std::size_t{0});
    if (blocks == Blocks::by_load) arrange_by_load();
    for (std::size_t s = 0; s < slots_.size(); ++s) slot_of_[slots_[s]] = s;
    nodes_.assign(2 * leaves_, nothing());
    for (std::size_t b = 0; b < block_count; ++b) nodes_[leaves_ + b] = summary(b);
    for (std::size_t n = leaves_ - 1; n > 0; --n) nodes_[n] = both(nodes_[2 * n], nodes_[2 * n + 1]);
}

void HostIndex::arrange_by_load() {
    std::vector<Load> loads;
    loads.reserve(hosts_.size());
    for (std::size_t p = 0; p < hosts_.size(); ++p) {
        loads.push_back(
            {placement_.utilisation(hosts_[p], Resource::cpu), placement_.utilisation(hosts_[p], Resource::memory), p});
    }
    halve(loads, leaves_);
    for (std::size_t s = 0; s < loads.size(); ++s) slots_[s] = loads[s].position;
}

// `hosts` are below a node with so many leaves.
void HostIndex::halve(std::span<Load> hosts, std::size_t leaves) {
    if (leaves == 1) return;
    const std::size_t half = leaves / 2 * block;
    if (hosts.size() > half) {
        const auto spread = [&](double Load::*of) {
            const auto [low, high] = std::minmax_element(hosts.begin(), hosts.end(),
                                                         [&](const Load& a, const Load& b) { return a.*of < b.*of; });
            return (*high).*of - (*low).*of;
        };
        double Load::*const by = spread(&Load::cpu) > spread(&Load::memory) ? &Load::cpu : &Load::memory;
        std::nth_element(
            hosts.begin(), hosts.begin() + static_cast<std::ptrdiff_t>(half), hosts.end(),
            [&](const Load& a, const Load& b) { return a.*by != b.*by ? a.*by < b.*by : a.position < b.position; });
        halve(hosts.subspan(half), leaves / 2);
        hosts = hosts.first(half);
    }
    halve(hosts, leaves / 2);
}

HostIndex::Node HostIndex::nothing() {
    return {ResourceVector(infinity, infinity, infinity, infinity), ResourceVector(), none, 0};
}

HostIndex::Node HostIndex::both(const Node& a, const Node& b) {
    Node node;
    for (const Resource r : all_resources) {
        node.used_min[r] = std::min(a.used_min[r], b.used_min[r]);
        node.usable_max[r] = std::max(a.usable_max[r], b.usable_max[r]);
    }
    node.first = std::min(a.first, b.first);
    node.last = std::max(a.last, b.last);
    return node;
}

HostIndex::Node HostIndex::summary(std::size_t block_index) const {
    Node node = nothing();
    const std::size_t end = std::min((block_index + 1) * block, hosts_.size());
    for (std::size_t s = block_index * block; s < end; ++s) {
        const std::size_t p = slots_[s];
        node.first = std::min(node.first, p);
        node.last = std::max(node.last, p);
        if (shown_[p] == 0) continue;
        const ResourceVector& used = placement_.used(hosts_[p]);
        const ResourceVector& usable = placement_.usable(hosts_[p]);
        for (const Resource r : all_resources) {
            node.used_min[r] = std::min(node.used_min[r], used[r]);
            node.usable_max[r] = std::max(node.usable_max[r], usable[r] > 0.0 ? usable[r] : infinity);
        }
    }
    return node;
}

void HostIndex::refresh(std::size_t block_index) {
    std::size_t n = leaves_ + block_index;
    nodes_[n] = summary(block_index);
    for (n /= 2; n > 0; n /= 2) nodes_[n] = both(nodes_[2 * n], nodes_[2 * n + 1]);
}

void HostIndex::show(std::size_t position, bool shown) {
    shown_[position] = shown ? 1 : 0;
    refresh(slot_of_[position] / block);
}

// No host in the node has room.
bool HostIndex::hopeless(const Node& node, const Search& search) {
    return std::any_of(all_resources.begin(), all_resources.end(), [&](Resource r) {
        return !fits(r, node.used_min[r] + search.need[r], node.usable_max[r] * search.level[r]);
    });
}

double HostIndex::peak_bound(const Node& node, const ResourceVector& need) const {
    double peak = 0.0;
    for (const Resource r : all_resources) {
        peak = std::max(peak, placement_.weights()[r] * ((node.used_min[r] + need[r]) / node.usable_max[r]));
    }
    return peak;
}

// Every host in the node refuses for lack of a resource and is farther from a yes than the best so far (or as far).
bool HostIndex::farther(const Node& node, const Search& search, bool or_equal) {
    if (search.position == none || search.reason.code != ReasonCode::resource_fit) return false;
    for (const Resource r : all_resources) {
        if (r > search.reason.resource) break;
        const double after = node.used_min[r] + search.need[r];
        const double limit = node.usable_max[r] * search.level[r];
        if (fits(r, after, limit)) continue;
        if (r < search.reason.resource) return true;  // lacking an earlier resource is farther
        const double theirs = after * search.reason.limit;
        const double ours = search.reason.value * limit;
        if (or_equal ? theirs >= ours : theirs > ours) return true;
    }
    return false;
}

template <typename F>
void HostIndex::each_in(std::size_t leaf, const Search& search, F f) const {
    const std::size_t first = (leaf - leaves_) * block;
    const std::size_t end = std::min(first + block, hosts_.size());
    for (std::size_t s = first; s < end; ++s) {
        const std::size_t p = slots_[s];
        if (shown_[p] != 0 && hosts_[p] != search.from) f(p, hosts_[p]);
    }
}

void HostIndex::find_first(std::size_t node, Search& search) const {
    if (nodes_[node].first >= search.position || nodes_[node].last < search.begin) return;
    if (hopeless(nodes_[node], search)) return;
    if (node >= leaves_) {
        each_in(node, search, [&](std::size_t p, HostId host) {
            if (p < search.begin || p >= search.position) return;
            if (!feasibility_.arriving(search.unit, search.need, host, search.level)) search.position = p;
        });
        return;
    }
    const std::size_t left = 2 * node;
    const bool right_first = nodes_[left + 1].first < nodes_[left].first;
    find_first(right_first ? left + 1 : left, search);
    find_first(right_first ? left : left + 1, search);
}

void HostIndex::find_lowest(std::size_t node, double bound, Search& search) const {
    if (hopeless(nodes_[node], search)) return;
    if (bound > search.peak || (bound == search.peak && nodes_[node].first > search.position)) return;
    if (node >= leaves_) {
        each_in(node, search, [&](std::size_t p, HostId host) {
            const double peak = placement_.peak_utilisation(host, search.need);
            if (peak > search.peak || (peak == search.peak && p > search.position)) return;
            if (feasibility_.arriving(search.unit, search.need, host, search.level)) return;
            search.position = p;
            search.peak = peak;
        });
        return;
    }
    const std::size_t left = 2 * node;
    const double left_bound = peak_bound(nodes_[left], search.need);
    const double right_bound = peak_bound(nodes_[left + 1], search.need);
    const bool tie = right_bound == left_bound && nodes_[left + 1].first < nodes_[left].first;
    const bool right_first = right_bound < left_bound || tie;
    if (right_first) find_lowest(left + 1, right_bound, search);
    find_lowest(left, left_bound, search);
    if (!right_first) find_lowest(left + 1, right_bound, search);
}

void HostIndex::find_closest(std::size_t node, Search& search) const {
    if (farther(nodes_[node], search, nodes_[node].first > search.position)) return;
    if (node >= leaves_) {
        each_in(node, search, [&](std::size_t p, HostId host) {
            const auto refused = feasibility_.arriving(search.unit, search.need, host, search.level);
            if (!refused) return;
            if (search.position != none) {
                const bool tie = !Feasibility::closer(search.reason, *refused);
                if (!Feasibility::closer(*refused, search.reason) && !(tie && p < search.position)) return;
            }
            search.position = p;
            search.reason = *refused;
        });
        return;
    }
    // The half that promises more first, by the resource that decides.
    const Resource r = search.position == none ? Resource::cpu : search.reason.resource;
    const std::size_t left = 2 * node;
    const auto promise = [&](std::size_t n) {
        return (nodes_[n].used_min[r] + search.need[r]) / nodes_[n].usable_max[r];
    };
    const bool right_first = promise(left + 1) < promise(left);
    find_closest(right_first ? left + 1 : left, search);
    find_closest(right_first ? left : left + 1, search);
}

std::size_t HostIndex::first_fit(UnitId unit, HostId from, const Level& level, std::size_t begin) const {
    Search search{unit, from, level, feasibility_.need(unit), begin, none, infinity, {}};
    find_first(1, search);
    return search.position;
}

std::size_t HostIndex::lowest_peak(UnitId unit, HostId from, const Level& level) const {
    Search search{unit, from, level, feasibility_.need(unit), 0, none, infinity, {}};
    find_lowest(1, 0.0, search);
    return search.position;
}

HostIndex::Refusal HostIndex::closest(UnitId unit, HostId from, const Level& level) const {
    Search search{unit, from, level, feasibility_.need(unit), 0, none, infinity, {}};
    find_closest(1, search);
    return {search.position, search.reason};
}

}  // namespace ballast
