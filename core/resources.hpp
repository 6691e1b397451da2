// SPDX-License-Identifier: Apache-2.0
// Resource quantities: a small fixed vector with one unit per component.
//
//   cpu      MHz: busy cores times the core's nominal frequency; the field's way to compare unequal hosts
//   memory   bytes
//   network  bytes per second, both directions added
//   disk_io  bytes per second, reads and writes added
//
// The components are doubles: bytes stay exact to 2^53 (8 PiB), and demand is a measured quantity anyway.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace ballast {

enum class Resource : std::uint8_t { cpu, memory, network, disk_io };

inline constexpr std::size_t resource_count = 4;
inline constexpr std::array<Resource, resource_count> all_resources = {Resource::cpu, Resource::memory,
                                                                       Resource::network, Resource::disk_io};

[[nodiscard]] std::string_view name(Resource resource);  // "cpu", "memory", "network", "disk I/O"

inline constexpr double bytes_per_mib = 1024.0 * 1024.0;

class ResourceVector {
  public:
    constexpr ResourceVector() = default;
    constexpr ResourceVector(double cpu_mhz, double memory_bytes, double network_bytes_per_s = 0.0,
                             double disk_bytes_per_s = 0.0)
        : values_{cpu_mhz, memory_bytes, network_bytes_per_s, disk_bytes_per_s} {}

    [[nodiscard]] constexpr double operator[](Resource r) const { return values_[static_cast<std::size_t>(r)]; }
    [[nodiscard]] constexpr double& operator[](Resource r) { return values_[static_cast<std::size_t>(r)]; }

    [[nodiscard]] constexpr double cpu_mhz() const { return values_[0]; }
    [[nodiscard]] constexpr double memory_bytes() const { return values_[1]; }
    [[nodiscard]] constexpr double network_bytes_per_s() const { return values_[2]; }
    [[nodiscard]] constexpr double disk_bytes_per_s() const { return values_[3]; }

    constexpr ResourceVector& operator+=(const ResourceVector& other) {
        for (std::size_t i = 0; i < resource_count; ++i) values_[i] += other.values_[i];
        return *this;
    }
    constexpr ResourceVector& operator-=(const ResourceVector& other) {
        for (std::size_t i = 0; i < resource_count; ++i) values_[i] -= other.values_[i];
        return *this;
    }
    friend constexpr ResourceVector operator+(ResourceVector a, const ResourceVector& b) { return a += b; }
    friend constexpr ResourceVector operator-(ResourceVector a, const ResourceVector& b) { return a -= b; }
    friend constexpr bool operator==(const ResourceVector&, const ResourceVector&) = default;

    // Every component finite and not negative: what a demand or a capacity must be.
    [[nodiscard]] constexpr bool is_quantity() const {
        bool all = true;
        for (const double value : values_) all &= value >= 0.0 && value <= std::numeric_limits<double>::max();
        return all;
    }

  private:
    std::array<double, resource_count> values_{};
};

// Tolerance of every fit test, relative to the capacity: sums of demands are rounded, and a host that is exactly full
// must not count as overfull for the last bit.
inline constexpr double fit_tolerance = 1e-9;

// True if `used` is within `capacity`. A capacity of zero in `network` or `disk_io` means "not measured" and never
// binds; in `cpu` and `memory` the cluster builder refuses it.
[[nodiscard]] constexpr bool fits(Resource resource, double used, double capacity) {
    if (capacity == 0.0 && (resource == Resource::network || resource == Resource::disk_io)) return true;
    return used <= capacity * (1.0 + fit_tolerance);
}

}  // namespace ballast
