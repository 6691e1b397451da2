// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metrics/libvirt/capabilities_xml.hpp"
#include "metrics/libvirt/domain_xml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(ballast::parse_domain_xml(text));
    static_cast<void>(ballast::parse_capabilities_xml(text));
    return 0;
}
