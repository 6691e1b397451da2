// SPDX-License-Identifier: Apache-2.0
// Numbers in libvirt's XML. The text comes from another machine and is not trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ballast {

// Longer documents are refused unread; libvirt's own limit for a domain's XML is in this order.
inline constexpr std::size_t xml_bytes_max = 8U << 20U;

// Decimal digits, blanks around them allowed; absent for anything else and for what does not fit.
[[nodiscard]] std::optional<std::uint64_t> parse_count(std::string_view text);

// A size with libvirt's unit names: "b"/"bytes", "KB" (10^3), "k"/"KiB" (2^10), "MB", "M"/"MiB" … "EB", "E"/"EiB".
// An empty unit is KiB, libvirt's default for memory. Positive, or absent.
[[nodiscard]] std::optional<double> parse_memory_bytes(std::string_view number, std::string_view unit);

}  // namespace ballast
