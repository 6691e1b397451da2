// SPDX-License-Identifier: Apache-2.0
#include "core/history.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace ballast {

History::History(std::size_t vm_count, std::size_t samples_max, double period_s)
    : samples_max_(samples_max),
      period_s_(period_s),
      rows_(samples_max),
      last_move_s_(std::make_shared<std::vector<double>>(vm_count, -never)) {
    BALLAST_CHECK(samples_max > 0, "a history keeps at least one sample");
}

void History::push(std::span<const double> cpu_mhz_by_vm) {
    BALLAST_CHECK(cpu_mhz_by_vm.size() == vm_count(), "one sample per VM");
    std::shared_ptr<std::vector<double>>& row = rows_[next_];
    if (row.use_count() == 1) {
        row->assign(cpu_mhz_by_vm.begin(), cpu_mhz_by_vm.end());
    } else {
        row = std::make_shared<std::vector<double>>(cpu_mhz_by_vm.begin(), cpu_mhz_by_vm.end());
    }
    next_ = (next_ + 1) % samples_max_;
    count_ = std::min(count_ + 1, samples_max_);
}

void History::set_last_move(VmId vm, double time_s) {
    if (last_move_s_.use_count() > 1) last_move_s_ = std::make_shared<std::vector<double>>(*last_move_s_);
    (*last_move_s_)[vm.index()] = time_s;
}

std::span<const double> History::row(std::size_t age) const {
    BALLAST_CHECK(age < count_, "no sample is that old");
    const std::size_t index = (next_ + samples_max_ - 1 - age) % samples_max_;
    return *rows_[index];
}

}  // namespace ballast
