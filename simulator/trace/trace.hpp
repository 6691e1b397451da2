// SPDX-License-Identifier: Apache-2.0
// Recorded load over time: what the simulator replays. One CPU sample per VM and interval; a sample holds for the whole
// interval that it begins.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace ballast {

struct Trace {
    std::string name;  // of the recording, for tables and results
    double interval_s = 0.0;
    std::vector<std::string> vm_names;
    // CPU use in percent of what the VM was given, interval-major: the samples of one interval lie together, in VM
    // order, because the replay reads one interval at a time. Finite, 0 to 100.
    std::vector<float> cpu_percent;

    [[nodiscard]] std::size_t vm_count() const { return vm_names.size(); }
    [[nodiscard]] std::size_t interval_count() const {
        return vm_names.empty() ? 0 : cpu_percent.size() / vm_names.size();
    }
    // The samples of one interval, one per VM.
    [[nodiscard]] std::span<const float> interval(std::size_t index) const {
        return std::span(cpu_percent).subspan(index * vm_count(), vm_count());
    }
};

}  // namespace ballast
