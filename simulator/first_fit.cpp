// SPDX-License-Identifier: Apache-2.0
#include "simulator/first_fit.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/resources.hpp"

namespace ballast {

FirstFit::FirstFit(std::vector<Room> hosts) : hosts_(std::move(hosts)) {
    while (leaves_ < hosts_.size()) leaves_ *= 2;
    constexpr double none = -std::numeric_limits<double>::infinity();
    nodes_.assign(2 * leaves_, Free{none, none});
    for (std::size_t h = 0; h < hosts_.size(); ++h) nodes_[leaves_ + h] = free_of(hosts_[h]);
    for (std::size_t i = leaves_; i-- > 1;) {
        const Free& left = nodes_[2 * i];
        const Free& right = nodes_[2 * i + 1];
        nodes_[i] = {std::max(left.cpu_mhz, right.cpu_mhz), std::max(left.memory_bytes, right.memory_bytes)};
    }
}

// A little more than what fits() allows, so that rounding hides no host.
FirstFit::Free FirstFit::free_of(const Room& room) {
    constexpr double none = -std::numeric_limits<double>::infinity();
    if (!room.open) return {none, none};
    constexpr double slack = 1.0 + 2.0 * fit_tolerance;
    return {room.cpu_mhz_max * slack - room.cpu_mhz_used, room.memory_bytes_max * slack - room.memory_bytes_used};
}

bool FirstFit::takes(std::size_t host, double cpu_mhz, double memory_bytes) const {
    const Room& room = hosts_[host];
    return room.open && fits(Resource::cpu, room.cpu_mhz_used + cpu_mhz, room.cpu_mhz_max) &&
           fits(Resource::memory, room.memory_bytes_used + memory_bytes, room.memory_bytes_max);
}

HostId FirstFit::find(double cpu_mhz, double memory_bytes, HostId from) const {
    const auto hopeful = [&](std::size_t node) {
        return nodes_[node].cpu_mhz >= cpu_mhz && nodes_[node].memory_bytes >= memory_bytes;
    };
    if (from.index() >= hosts_.size()) return {};
    // The ranges from `from` on, from left to right: down into a hopeful one, past one that is not.
    for (std::size_t node = leaves_ + from.index();;) {
        if (hopeful(node)) {
            if (node >= leaves_) {
                if (takes(node - leaves_, cpu_mhz, memory_bytes)) return HostId(node - leaves_);
            } else {
                node *= 2;
                continue;
            }
        }
        while (node % 2 == 1) node /= 2;  // the last of its parent's; 0 above the root
        if (node == 0) return {};
        ++node;
    }
}

void FirstFit::take(HostId host, double cpu_mhz, double memory_bytes) {
    Room& room = hosts_[host.index()];
    room.cpu_mhz_used += cpu_mhz;
    room.memory_bytes_used += memory_bytes;
    std::size_t node = leaves_ + host.index();
    nodes_[node] = free_of(room);
    for (node /= 2; node > 0; node /= 2) {
        const Free& left = nodes_[2 * node];
        const Free& right = nodes_[2 * node + 1];
        nodes_[node] = {std::max(left.cpu_mhz, right.cpu_mhz), std::max(left.memory_bytes, right.memory_bytes)};
    }
}

}  // namespace ballast
