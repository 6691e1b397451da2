// SPDX-License-Identifier: Apache-2.0
#include "metrics/libvirt/capabilities_xml.hpp"

#include <pugixml.hpp>

#include "metrics/libvirt/xml_values.hpp"

namespace ballast {

Result<HostCapabilities> parse_capabilities_xml(std::string_view xml) {
    const auto bad = [](const std::string& what) {
        return fail(ErrorKind::failed, "the host's capabilities cannot be used: " + what);
    };
    if (xml.size() > xml_bytes_max) return bad("they are too long");
    pugi::xml_document document;
    const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size());
    if (!parsed) return bad(parsed.description());
    const pugi::xml_node host = document.child("capabilities").child("host");
    if (!host) return bad("no <host>");

    HostCapabilities capabilities;
    capabilities.uuid = host.child_value("uuid");
    const pugi::xml_node cpu = host.child("cpu");
    capabilities.cpu.arch = cpu.child_value("arch");
    capabilities.cpu.vendor = cpu.child_value("vendor");
    capabilities.cpu.model = cpu.child_value("model");
    const pugi::xml_node tsc = cpu.find_child_by_attribute("counter", "name", "tsc");
    if (const auto hertz = parse_count(tsc.attribute("frequency").value())) {
        capabilities.tsc_mhz = static_cast<double>(*hertz) / 1e6;
    }
    return capabilities;
}

}  // namespace ballast
