// SPDX-License-Identifier: Apache-2.0
// The usual weeks of VMs as text, to be kept over a restart. Format: docs/formats/weeks.md.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "metrics/load_calendar.hpp"

namespace ballast {

// Numbers are written with the shortest digits that read back as the same. O(VMs).
[[nodiscard]] std::string to_text(const LoadCalendar& calendar);

// Usage error, with the line, for text that is not whole (a cut or changed file does not have its checksum) or of
// another version.
[[nodiscard]] Result<LoadCalendar> load_calendar_from_text(std::string_view text);

}  // namespace ballast
