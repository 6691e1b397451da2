// SPDX-License-Identifier: Apache-2.0
// PlanetLab days: a folder, or a tar archive of one, with one file per VM; a file holds 288 whole numbers from 0 to
// 100, one per line: CPU use in percent every five minutes (CoMon project, March and April 2011; Beloglazov & Buyya,
// CCPE 24(13), 2012). Nothing in a file is trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "simulator/trace/trace.hpp"

namespace ballast {

inline constexpr std::size_t planetlab_samples = 288;
inline constexpr double planetlab_interval_s = 300.0;

// The samples of one file, in percent; always planetlab_samples of them. Lines end with "\n" or "\r\n", the last one
// may go without. Pure. Errors: usage, "WHERE:LINE: reason" in one line, for what is not a whole number from 0 to 100,
// and for too few or too many lines.
[[nodiscard]] Result<std::vector<std::uint8_t>> parse_planetlab_file(std::string_view bytes, std::string_view where);

// Reads a day. VM i is the i-th file by upper-cased name bytes, ties by the bytes themselves: the order in which NTFS
// lists the folder, which is behind the figures usually published for this data; results depend on it.
// Errors: usage, one line, for whatever is wrong with the path, the archive or a file.
[[nodiscard]] Result<Trace> read_planetlab_day(const std::string& path);

}  // namespace ballast
