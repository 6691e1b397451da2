// SPDX-License-Identifier: Apache-2.0
// Reads one host through libvirt. Keeps its connection and what hardly ever changes (capabilities, definitions).
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metrics/host_reading.hpp"
#include "metrics/libvirt/domain_stats.hpp"
#include "metrics/libvirt/provisions.hpp"
#include "metrics/poller.hpp"
#include "virt/connection.hpp"
#include "virt/xml/host_xml.hpp"

namespace ballast {

class LibvirtHostReader final : public HostReader {
  public:
    // `with_node_cpu`: read the node's own CPU counters too.
    LibvirtHostReader(std::string uri, bool with_node_cpu);

    // Connects first if there is no connection; drops a connection that failed, so that the next call makes a new one.
    // One round trip for all guests' statistics, one for the definitions' names, and one for each guest that is new.
    [[nodiscard]] Result<HostReading> read() override;

  private:
    using Clock = std::chrono::steady_clock;

    struct Definition {
        int domain_id = 0;
        Clock::time_point read_at;
        GuestFacts facts;
    };

    [[nodiscard]] Result<HostReading> read_connected();
    [[nodiscard]] Status read_host_facts();
    [[nodiscard]] Result<std::uint64_t> read_node_busy_ns() const;
    [[nodiscard]] Status read_lists();
    [[nodiscard]] Result<std::vector<ShutOffGuest>> read_shut_off() const;
    void add_ties_and_needs(virDomainPtr domain, const char* xml, GuestFacts& facts) const;
    [[nodiscard]] Status read_guests(HostReading& reading);
    [[nodiscard]] const GuestFacts& definition(virDomainPtr domain, const std::string& uuid, int id,
                                               const DomainStats& stats);

    std::string uri_;
    bool with_node_cpu_;
    virt::Connection connection_;
    HostFacts facts_;         // of the current connection
    virt::HostXml host_xml_;  // likewise
    HostLists lists_;
    std::optional<Clock::time_point> lists_read_at_;  // none: read them
    std::map<std::string, Definition> definitions_;   // by UUID, of the guests seen last
};

}  // namespace ballast
