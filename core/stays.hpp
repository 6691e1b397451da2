// SPDX-License-Identifier: Apache-2.0
// Which VMs stay where they are, and why. Most of a million VMs stay for one of few reasons (often that of their host),
// so a reason is kept once, and a VM has four bytes that say which.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <vector>

#include "core/check.hpp"
#include "core/ids.hpp"
#include "core/reason.hpp"

namespace ballast {

// A VM that stays where it is, and why. `best` is the destination that came closest, if one was looked at.
struct Stay {
    VmId vm;
    Reason reason;
    HostId best;
};

using WhyId = Id<struct WhyTag>;

// At most one Stay per VM. Iterated in id order; the Stays are made on the way and are values.
class Stays {
  public:
    class Iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Stay;
        using difference_type = std::ptrdiff_t;
        using pointer = const Stay*;
        using reference = Stay;

        Iterator(const Stays& stays, std::size_t vm) : stays_(&stays), vm_(stays.next(vm)) {}
        [[nodiscard]] Stay operator*() const {
            const Why& why = stays_->whys_[stays_->why_of_[vm_].index()];
            return {VmId(vm_), why.reason, why.best};
        }
        Iterator& operator++() {
            vm_ = stays_->next(vm_ + 1);
            return *this;
        }
        friend bool operator==(const Iterator&, const Iterator&) = default;

      private:
        const Stays* stays_;
        std::size_t vm_;
    };

    Stays() = default;
    Stays(std::initializer_list<Stay> stays) {
        for (const Stay& stay : stays) insert(stay);
    }

    // Makes place for the VMs with ids below `vm_count`.
    void reserve(std::size_t vm_count) {
        if (why_of_.size() < vm_count) why_of_.resize(vm_count);
    }
    // A reason to be given with set().
    [[nodiscard]] WhyId add(const Reason& reason, HostId best = {}) {
        whys_.push_back({reason, best});
        return WhyId(whys_.size() - 1);
    }
    // Replaces what was said of this VM before.
    void set(VmId vm, WhyId why) {
        BALLAST_CHECK(vm.valid(), "a VM stays");
        reserve(vm.index() + 1);
        size_ += why_of_[vm.index()].valid() ? 0U : 1U;
        why_of_[vm.index()] = why;
    }
    void insert(const Stay& stay) { set(stay.vm, add(stay.reason, stay.best)); }
    void erase(VmId vm) {
        if (!contains(vm)) return;
        why_of_[vm.index()] = {};
        --size_;
    }

    [[nodiscard]] bool contains(VmId vm) const { return vm.index() < why_of_.size() && why_of_[vm.index()].valid(); }
    // What is said of this VM, if it stays.
    [[nodiscard]] std::optional<Stay> find(VmId vm) const {
        if (!contains(vm)) return std::nullopt;
        return *Iterator(*this, vm.index());
    }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] Iterator begin() const { return {*this, 0}; }
    [[nodiscard]] Iterator end() const { return {*this, why_of_.size()}; }

  private:
    struct Why {
        Reason reason;
        HostId best;
    };

    // The first VM at or after `vm` that stays.
    [[nodiscard]] std::size_t next(std::size_t vm) const {
        while (vm < why_of_.size() && !why_of_[vm].valid()) ++vm;
        return vm;
    }

    std::vector<Why> whys_;
    std::vector<WhyId> why_of_;  // by VM; none = it does not stay
    std::size_t size_ = 0;
};

}  // namespace ballast
