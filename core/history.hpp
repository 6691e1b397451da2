// SPDX-License-Identifier: Apache-2.0
// What a policy may know of the past: the last samples of every VM's CPU demand, the moves of the last day, and which
// hosts slept and woke. Copies share what is kept until one of them changes, so that a snapshot's copy costs
// O(samples).
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "core/ids.hpp"
#include "core/outlook.hpp"

namespace ballast {

// A migration that is over.
struct PastMove {
    VmId vm;
    double time_s = 0.0;     // when it ended, on the clock of History::set_now()
    HostId from;             // invalid: not known, or no longer in the cluster
    HostId to;               // likewise
    bool failed = false;     // the VM stayed at `from`
    bool by_others = false;  // not made by Ballast: it was seen on another host than before
};

// A host that was put to sleep, or woken.
struct PastSwitch {
    HostId host;
    double time_s = 0.0;
    bool slept = false;  // false: woken
};

class History {
  public:
    static constexpr double day_s = 86'400.0;
    static constexpr double never = std::numeric_limits<double>::infinity();

    History() = default;
    // Keeps at most `samples_max` samples for each of `vm_count` VMs, taken every `period_s` seconds.
    History(std::size_t vm_count, std::size_t samples_max, double period_s);

    // Appends one sample per VM in MHz, dropping the oldest when full; NaN = no sample for this VM at this time. Copies
    // made before do not change.
    void push(std::span<const double> cpu_mhz_by_vm);
    // Sets the time that ages count from, on the clock of set_last_move(). 0 by default.
    void set_now(double time_s) { now_s_ = time_s; }
    // Sets when this VM last moved. -`never` by default. Copies made before do not change. O(1), or O(VMs) if the
    // history is shared with a copy.
    void set_last_move(VmId vm, double time_s);
    // The same as an age: seconds before the time of set_now().
    void set_last_move_age(VmId vm, double seconds) { set_last_move(vm, now_s_ - seconds); }
    // Adds what happened; a move that did not fail is its VM's last move if none was later. What is more than a day
    // older than what is added may be forgotten. O(1) amortised, or O(VMs + kept) if the history is shared with a copy.
    void add(const PastMove& move);
    void add(const PastSwitch& change);

    // What is expected of the VMs, one entry per VM (checked).
    void set_outlook(Outlook outlook);

    [[nodiscard]] std::size_t vm_count() const { return last_move_s_ ? last_move_s_->size() : 0; }
    [[nodiscard]] std::size_t sample_count() const { return count_; }
    [[nodiscard]] double period_s() const { return period_s_; }
    // CPU demand of `vm` in MHz, `age` samples back (0 = newest; age < sample_count()). NaN = missing.
    [[nodiscard]] double cpu_mhz(VmId vm, std::size_t age) const { return row(age)[vm.index()]; }
    // One value per VM, `age` samples back.
    [[nodiscard]] std::span<const double> row(std::size_t age) const;
    [[nodiscard]] double last_move_s(VmId vm) const { return (*last_move_s_)[vm.index()]; }
    [[nodiscard]] double last_move_age_s(VmId vm) const { return now_s_ - last_move_s(vm); }
    [[nodiscard]] double now_s() const { return now_s_; }
    // At least those of the last day that were added, in the order they were.
    [[nodiscard]] std::span<const PastMove> moves() const {
        return moves_ ? std::span<const PastMove>(*moves_) : std::span<const PastMove>();
    }
    [[nodiscard]] std::span<const PastSwitch> switches() const {
        return switches_ ? std::span<const PastSwitch>(*switches_) : std::span<const PastSwitch>();
    }
    // nullptr: nothing is known yet.
    [[nodiscard]] const Outlook* outlook() const { return outlook_.get(); }

  private:
    std::size_t samples_max_ = 0;
    double period_s_ = 0.0;
    std::size_t count_ = 0;
    std::size_t next_ = 0;                                    // row the next push writes
    std::vector<std::shared_ptr<std::vector<double>>> rows_;  // samples_max_; one that is shared is not written to
    double now_s_ = 0.0;
    std::shared_ptr<std::vector<double>> last_move_s_;   // by VM; not written to while shared; none = no VMs
    std::shared_ptr<std::vector<PastMove>> moves_;       // not written to while shared; none = empty
    std::shared_ptr<std::vector<PastSwitch>> switches_;  // likewise
    std::shared_ptr<const Outlook> outlook_;
};

}  // namespace ballast
