// SPDX-License-Identifier: Apache-2.0
#include "metrics/libvirt/host_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "metrics/libvirt/capabilities_xml.hpp"
#include "metrics/libvirt/domain_xml.hpp"
#include "metrics/libvirt/host_lists.hpp"

namespace ballast {

namespace {

// A definition is read again after this time: devices can be plugged into a running guest.
constexpr auto definition_age_max = std::chrono::minutes(5);

struct Free {
    void operator()(char* text) const { std::free(text); }
};
using LibvirtText = std::unique_ptr<char, Free>;

struct StatsFree {
    void operator()(virDomainStatsRecordPtr* records) const { virDomainStatsRecordListFree(records); }
};

}  // namespace

LibvirtHostReader::LibvirtHostReader(std::string uri, bool with_node_cpu)
    : uri_(std::move(uri)), with_node_cpu_(with_node_cpu) {}

Result<HostReading> LibvirtHostReader::read() {
    if (!connection_) {
        Result<virt::Connection> connection = virt::open(uri_, virt::Access::read_only);
        if (!connection) return tl::unexpected(connection.error());
        connection_ = std::move(*connection);
        if (Status ok = read_host_facts(); !ok) {
            connection_.reset();
            return tl::unexpected(ok.error());
        }
    }
    Result<HostReading> reading = read_connected();
    if (!reading && reading.error().kind == ErrorKind::unreachable) connection_.reset();
    return reading;
}

Status LibvirtHostReader::read_host_facts() {
    virNodeInfo node{};
    if (virNodeGetInfo(connection_.get(), &node) != 0) return tl::unexpected(virt::last_error("node information"));
    const LibvirtText xml(virConnectGetCapabilities(connection_.get()));
    if (!xml) return tl::unexpected(virt::last_error("capabilities"));
    Result<HostCapabilities> capabilities = parse_capabilities_xml(xml.get());
    if (!capabilities) return tl::unexpected(capabilities.error());
    unsigned long version = 0;
    if (virConnectGetVersion(connection_.get(), &version) != 0) {
        return tl::unexpected(virt::last_error("hypervisor version"));
    }

    // libvirt's MHz is the frequency of the moment, which depends on load and governor: the time stamp counter's is
    // better, and where there is none the first figure is kept, so that capacity does not change with each connection.
    const double known_mhz = facts_.mhz_per_cpu;
    facts_ = HostFacts{};
    facts_.uuid = capabilities->uuid;
    facts_.cpus = node.cpus;
    facts_.memory_bytes = static_cast<double>(node.memory) * 1024.0;
    facts_.cpu = capabilities->cpu;
    facts_.hypervisor_version = version;
    lists_read_at_.reset();
    host_xml_ = virt::HostXml{};
    if (auto described = virt::parse_host(xml.get())) host_xml_ = std::move(*described);
    facts_.cpu_ids = host_xml_.cpus;
    facts_.numa_nodes = host_xml_.nodes;
    facts_.mhz_per_cpu = capabilities->tsc_mhz > 0.0 ? capabilities->tsc_mhz
                         : known_mhz > 0.0           ? known_mhz
                                                     : static_cast<double>(node.mhz);
    return {};
}

Result<HostReading> LibvirtHostReader::read_connected() {
    if (Status ok = read_lists(); !ok) return tl::unexpected(ok.error());
    HostReading reading;
    reading.facts = facts_;
    if (with_node_cpu_) {
        Result<std::uint64_t> busy = read_node_busy_ns();
        if (!busy) return tl::unexpected(busy.error());
        reading.node_busy_ns = *busy;
    }
    if (Status ok = read_guests(reading); !ok) return tl::unexpected(ok.error());
    Result<std::vector<ShutOffGuest>> shut_off = read_shut_off();
    if (!shut_off) return tl::unexpected(shut_off.error());
    reading.shut_off = std::move(*shut_off);
    return reading;
}

Result<std::uint64_t> LibvirtHostReader::read_node_busy_ns() const {
    int count = 0;
    constexpr int all = VIR_NODE_CPU_STATS_ALL_CPUS;
    if (virNodeGetCPUStats(connection_.get(), all, nullptr, &count, 0) != 0 || count <= 0) {
        return tl::unexpected(virt::last_error("node CPU statistics"));
    }
    std::vector<virNodeCPUStats> stats(static_cast<std::size_t>(count));
    if (virNodeGetCPUStats(connection_.get(), all, stats.data(), &count, 0) != 0) {
        return tl::unexpected(virt::last_error("node CPU statistics"));
    }
    std::uint64_t busy_ns = 0;
    for (const virNodeCPUStats& stat : stats) {
        const std::string_view field = static_cast<const char*>(stat.field);
        if (field == VIR_NODE_CPU_STATS_KERNEL || field == VIR_NODE_CPU_STATS_USER) busy_ns += stat.value;
    }
    return busy_ns;
}

Result<std::vector<ShutOffGuest>> LibvirtHostReader::read_shut_off() const {
    virDomainPtr* domains = nullptr;
    const int count = virConnectListAllDomains(connection_.get(), &domains, VIR_CONNECT_LIST_DOMAINS_INACTIVE);
    if (count < 0) return tl::unexpected(virt::last_error("list of defined guests"));
    std::vector<ShutOffGuest> guests;
    for (int i = 0; i < count; ++i) {
        const virt::Domain domain(domains[i]);
        std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
        const char* name = virDomainGetName(domain.get());
        if (name == nullptr || virDomainGetUUIDString(domain.get(), uuid.data()) != 0) continue;
        guests.push_back({name, uuid.data()});
    }
    std::free(static_cast<void*>(domains));
    return guests;
}

Status LibvirtHostReader::read_guests(HostReading& reading) {
    virDomainStatsRecordPtr* raw = nullptr;
    constexpr unsigned flags = VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
    const int count = virConnectGetAllDomainStats(connection_.get(), domain_stats_wanted, &raw, flags);
    if (count < 0) return tl::unexpected(virt::last_error("guest statistics"));
    reading.at_s = std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
    const std::unique_ptr<virDomainStatsRecordPtr, StatsFree> records(raw);

    std::set<std::string> seen;
    for (int i = 0; i < count; ++i) {
        const virDomainStatsRecord& record = *raw[i];
        char uuid[VIR_UUID_STRING_BUFLEN] = {};
        const char* name = virDomainGetName(record.dom);
        if (name == nullptr || virDomainGetUUIDString(record.dom, static_cast<char*>(uuid)) != 0) {
            return tl::unexpected(virt::last_error("identity of a guest"));
        }
        const int id = static_cast<int>(virDomainGetID(record.dom));
        const DomainStats stats = read_domain_stats(record);
        GuestReading guest;
        guest.name = name;
        guest.uuid = static_cast<const char*>(uuid);
        guest.state = stats.state;
        guest.incarnation = static_cast<std::uint64_t>(id);
        guest.resident_bytes = stats.resident_bytes;
        guest.ballooned_bytes = stats.ballooned_bytes;
        guest.facts = definition(record.dom, guest.uuid, id, stats);
        guest.counters = stats.counters;
        // A guest that ended between the two calls has neither definition nor memory any more.
        if (guest.facts.memory_bytes <= 0.0) continue;
        seen.insert(guest.uuid);
        reading.guests.push_back(std::move(guest));
    }
    std::erase_if(definitions_, [&](const auto& entry) { return !seen.contains(entry.first); });
    return {};
}

void LibvirtHostReader::add_ties_and_needs(virDomainPtr domain, const char* xml, GuestFacts& facts) const {
    const Result<virt::DomainXml> described = virt::parse_domain(xml);
    if (!described) return;
    if (facts.immovable_because.empty()) {
        facts.immovable_because = tie_of(*described, virDomainSnapshotNum(domain, 0));
    }
    const auto& pools = lists_.pools;
    facts.needs =
        needs_of(*described, pools ? std::span<const virt::PoolXml>(*pools) : std::span<const virt::PoolXml>());
    facts.cpus = described->cpus;
    facts.numa_nodes = described->nodes;
}

// Networks, interfaces and pools come and go without the host's libvirt being restarted. A list that this libvirt has
// no driver for is not told; only silence is an error.
Status LibvirtHostReader::read_lists() {
    const Clock::time_point now = Clock::now();
    if (lists_read_at_ && now - *lists_read_at_ < definition_age_max) return {};
    Result<HostLists> lists = read_host_lists(connection_.get());
    if (!lists) return tl::unexpected(lists.error());
    lists_ = std::move(*lists);
    facts_.provides = provided_by(host_xml_, lists_);
    lists_read_at_ = now;
    return {};
}

const GuestFacts& LibvirtHostReader::definition(virDomainPtr domain, const std::string& uuid, int id,
                                                const DomainStats& stats) {
    Definition& known = definitions_[uuid];
    const Clock::time_point now = Clock::now();
    if (known.facts.memory_bytes > 0.0 && known.domain_id == id && now - known.read_at < definition_age_max) {
        return known.facts;
    }
    known = Definition{id, now, {}};
    const LibvirtText xml(virDomainGetXMLDesc(domain, 0));
    Result<DomainFacts> facts = xml ? parse_domain_xml(xml.get()) : tl::unexpected(virt::last_error("definition"));
    if (facts) {
        known.facts = std::move(facts->guest);
        add_ties_and_needs(domain, xml.get(), known.facts);
    } else {
        // What is known of it from the statistics is enough to count it, not to move it.
        known.facts.vcpus = std::max(1U, stats.vcpus);
        known.facts.memory_bytes = stats.memory_max_bytes;
        known.facts.immovable_because = facts.error().message;
        known.read_at -= definition_age_max;
    }
    return known.facts;
}

}  // namespace ballast
