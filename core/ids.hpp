// SPDX-License-Identifier: Apache-2.0
// Tagged indices: a HostId cannot be passed where a VmId is meant. An id is the position in the Cluster that issued
// it and has no meaning outside of that Cluster; names and UUIDs are what crosses files and processes.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace ballast {

template <typename Tag>
class Id {
  public:
    constexpr Id() = default;  // the "none" id
    constexpr explicit Id(std::size_t index) : value_(static_cast<std::uint32_t>(index)) {}

    [[nodiscard]] constexpr bool valid() const { return value_ != none; }
    [[nodiscard]] constexpr std::size_t index() const { return value_; }

    friend constexpr auto operator<=>(Id, Id) = default;

  private:
    static constexpr std::uint32_t none = 0xFFFF'FFFFU;
    std::uint32_t value_ = none;
};

using HostId = Id<struct HostTag>;
using VmId = Id<struct VmTag>;
using RuleId = Id<struct RuleTag>;
using ActionId = Id<struct ActionTag>;

}  // namespace ballast
