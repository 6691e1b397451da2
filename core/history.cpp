// SPDX-License-Identifier: Apache-2.0
#include "core/history.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace ballast {

namespace {

// Appends to what may be shared, and forgets what is older than a day when that is at least half of it.
template <typename Event>
void append(std::shared_ptr<std::vector<Event>>& events, const Event& event) {
    if (!events) events = std::make_shared<std::vector<Event>>();
    if (events.use_count() > 1) events = std::make_shared<std::vector<Event>>(*events);
    const auto is_old = [&](const Event& e) { return e.time_s < event.time_s - History::day_s; };
    const std::size_t half = events->size() / 2;
    if (events->size() > 1 && is_old((*events)[half])) std::erase_if(*events, is_old);
    events->push_back(event);
}

}  // namespace

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

void History::add(const PastMove& move) {
    BALLAST_CHECK(move.vm.index() < vm_count(), "a move of a VM of this history");
    append(moves_, move);
    if (!move.failed && move.time_s > last_move_s(move.vm)) set_last_move(move.vm, move.time_s);
}

void History::add(const PastSwitch& change) { append(switches_, change); }

void History::set_outlook(Outlook outlook) {
    BALLAST_CHECK(outlook.mhz.size() == vm_count() * Outlook::steps && outlook.deviation_mhz.size() == vm_count(),
                  "an outlook of the VMs of this history");
    outlook_ = std::make_shared<const Outlook>(std::move(outlook));
}

std::span<const double> History::row(std::size_t age) const {
    BALLAST_CHECK(age < count_, "no sample is that old");
    const std::size_t index = (next_ + samples_max_ - 1 - age) % samples_max_;
    return *rows_[index];
}

}  // namespace ballast
