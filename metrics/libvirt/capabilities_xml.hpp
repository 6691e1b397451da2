// SPDX-License-Identifier: Apache-2.0
// A host's self-description as libvirt prints it: <capabilities>. Pure functions over text that is not trusted.
#pragma once

#include <string>
#include <string_view>

#include "core/host.hpp"
#include "core/result.hpp"

namespace ballast {

struct HostCapabilities {
    std::string uuid;      // of the machine; empty = not told
    HostCpu cpu;           // parts that are not told are empty
    double tsc_mhz = 0.0;  // frequency of the time stamp counter, the nominal one of any recent x86; 0 = not told
};

// Reads what virConnectGetCapabilities returns. Error `failed` for what is no such document.
[[nodiscard]] Result<HostCapabilities> parse_capabilities_xml(std::string_view xml);

}  // namespace ballast
