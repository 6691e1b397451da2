// SPDX-License-Identifier: Apache-2.0
#include "scheduler/host_index.hpp"

#include <algorithm>

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

HostIndex::HostIndex(const Placement& placement, const Feasibility& feasibility, std::span<const HostId> hosts)
    : placement_(placement), feasibility_(feasibility), hosts_(hosts.begin(), hosts.end()), shown_(hosts.size(), 1) {
    const std::size_t blocks = (hosts_.size() + block - 1) / block;
    while (leaves_ < blocks) leaves_ *= 2;
    nodes_.assign(2 * leaves_, nothing());
    for (std::size_t b = 0; b < blocks; ++b) nodes_[leaves_ + b] = summary(b);
    for (std::size_t n = leaves_ - 1; n > 0; --n) nodes_[n] = both(nodes_[2 * n], nodes_[2 * n + 1]);
}

HostIndex::Node HostIndex::nothing() {
    return {ResourceVector(infinity, infinity, infinity, infinity), ResourceVector()};
}

HostIndex::Node HostIndex::both(const Node& a, const Node& b) {
    Node node;
    for (const Resource r : all_resources) {
        node.used_min[r] = std::min(a.used_min[r], b.used_min[r]);
        node.usable_max[r] = std::max(a.usable_max[r], b.usable_max[r]);
    }
    return node;
}

HostIndex::Node HostIndex::summary(std::size_t block_index) const {
    Node node = nothing();
    const std::size_t end = std::min((block_index + 1) * block, hosts_.size());
    for (std::size_t p = block_index * block; p < end; ++p) {
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
    refresh(position / block);
}

// No host in the node has room.
bool HostIndex::hopeless(const Node& node, const Search& search) {
    return std::any_of(all_resources.begin(), all_resources.end(), [&](Resource r) {
        return !fits(r, node.used_min[r] + search.need[r], node.usable_max[r] * search.level[r]);
    });
}

double HostIndex::peak_bound(const Node& node, const ResourceVector& need) {
    double peak = 0.0;
    for (const Resource r : all_resources) peak = std::max(peak, (node.used_min[r] + need[r]) / node.usable_max[r]);
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

std::size_t HostIndex::first_position(std::size_t node) const {
    while (node < leaves_) node *= 2;
    return (node - leaves_) * block;
}

template <typename F>
void HostIndex::each_in(std::size_t leaf, const Search& search, F f) const {
    const std::size_t first = (leaf - leaves_) * block;
    const std::size_t end = std::min(first + block, hosts_.size());
    for (std::size_t p = std::max(first, search.begin); p < end; ++p) {
        if (shown_[p] != 0 && hosts_[p] != search.from) f(p, hosts_[p]);
    }
}

void HostIndex::find_first(std::size_t node, Search& search) const {
    if (search.position != none || hopeless(nodes_[node], search)) return;
    if (node >= leaves_) {
        each_in(node, search, [&](std::size_t p, HostId host) {
            if (search.position == none && !feasibility_.arriving(search.unit, search.need, host, search.level))
                search.position = p;
        });
        return;
    }
    const std::size_t second = 2 * node + 1;
    if (first_position(second) > search.begin) find_first(2 * node, search);
    find_first(second, search);
}

void HostIndex::find_lowest(std::size_t node, Search& search) const {
    if (hopeless(nodes_[node], search)) return;
    const double bound = peak_bound(nodes_[node], search.need);
    if (bound > search.peak || (bound == search.peak && first_position(node) > search.position)) return;
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
    const bool right_first = peak_bound(nodes_[left + 1], search.need) < peak_bound(nodes_[left], search.need);
    find_lowest(right_first ? left + 1 : left, search);
    find_lowest(right_first ? left : left + 1, search);
}

void HostIndex::find_closest(std::size_t node, Search& search) const {
    if (farther(nodes_[node], search, first_position(node) > search.position)) return;
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
    find_lowest(1, search);
    return search.position;
}

HostIndex::Refusal HostIndex::closest(UnitId unit, HostId from, const Level& level) const {
    Search search{unit, from, level, feasibility_.need(unit), 0, none, infinity, {}};
    find_closest(1, search);
    return {search.position, search.reason};
}

}  // namespace ballast
