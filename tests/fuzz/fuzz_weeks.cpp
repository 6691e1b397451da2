// SPDX-License-Identifier: Apache-2.0
// Whatever file of usual weeks is read can be written again, and says the same. The input is what stands before the
// checksum, so that the checksum does not keep the fuzzer out.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "metrics/load_calendar_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(ballast::load_calendar_from_text(text));
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3U;
    char end[32];
    std::snprintf(end, sizeof end, "end %llx\n", static_cast<unsigned long long>(hash));
    const auto calendar = ballast::load_calendar_from_text(text + end);
    if (!calendar) return 0;
    for (const auto& [uuid, week] : calendar->weeks()) static_cast<void>(week.expected_mhz(1.7e9));
    const std::string written = ballast::to_text(*calendar);
    const auto again = ballast::load_calendar_from_text(written);
    if (!again || ballast::to_text(*again) != written) __builtin_trap();
    return 0;
}
