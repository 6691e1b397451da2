// SPDX-License-Identifier: Apache-2.0
// Kinds of needs and provisions as libvirt tells them. Pure functions; docs/preflight.md, "What planning knows of
// this", is for people.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "metrics/host_reading.hpp"
#include "virt/xml/domain_xml.hpp"
#include "virt/xml/host_xml.hpp"
#include "virt/xml/pool_xml.hpp"

namespace ballast {

// Lists that a host's libvirt gave; absent = it did not give them.
struct HostLists {
    std::optional<std::set<std::string, std::less<>>> networks;    // active ones
    std::optional<std::set<std::string, std::less<>>> interfaces;  // bridges and devices
    std::optional<std::vector<virt::PoolXml>> pools;               // active ones
};

// What the host tells, by kind.
[[nodiscard]] Provided provided_by(const virt::HostXml& host, const HostLists& lists);
// What the guest needs of a host; `pools` of the host that it runs on.
[[nodiscard]] std::vector<std::string> needs_of(const virt::DomainXml& domain, std::span<const virt::PoolXml> pools);
// What keeps the guest from being migrated anywhere; empty if nothing does.
[[nodiscard]] std::string tie_of(const virt::DomainXml& domain, int snapshots);

}  // namespace ballast
