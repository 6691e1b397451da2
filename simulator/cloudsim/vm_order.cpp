// SPDX-License-Identifier: Apache-2.0
#include "simulator/cloudsim/vm_order.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "core/random.hpp"

namespace ballast::cloudsim {

namespace {

std::string upper_cased(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

}  // namespace

std::vector<std::uint32_t> vm_order(const TraceInfo& trace, const Options& options) {
    std::vector<std::uint32_t> order(trace.vms.size());
    std::iota(order.begin(), order.end(), 0u);
    std::vector<std::string> keys;
    keys.reserve(order.size());
    for (const TraceVm& vm : trace.vms) {
        keys.push_back(options.vm_order == VmOrder::name ? vm.name : upper_cased(vm.name));
    }
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return keys[a] != keys[b] ? keys[a] < keys[b] : trace.vms[a].name < trace.vms[b].name;
    });
    if (options.vm_order == VmOrder::shuffled) {
        Rng random(options.seed);
        for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    }
    return order;
}

}  // namespace ballast::cloudsim
