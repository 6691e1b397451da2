// SPDX-License-Identifier: Apache-2.0
// What VMs are expected to need soon, as learnt from the same hours of the days and weeks before.
#pragma once

#include <cstddef>
#include <vector>

#include "core/ids.hpp"

namespace ballast {

struct Outlook {
    static constexpr std::size_t steps = 5;  // now, and in a quarter, a half, three quarters of an hour and an hour
    static constexpr double step_s = 900.0;

    std::vector<float> mhz;            // by VM, `steps` of each: CPU. A VM of which nothing is known: all the same
    std::vector<float> deviation_mhz;  // by VM: by how much such expectations were wrong so far, in the mean

    // How much more than now it is expected to need, in MHz; may be negative.
    [[nodiscard]] double rise_mhz(VmId vm, std::size_t step) const {
        return static_cast<double>(mhz[vm.index() * steps + step]) - static_cast<double>(mhz[vm.index() * steps]);
    }
};

}  // namespace ballast
