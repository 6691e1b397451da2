// SPDX-License-Identifier: Apache-2.0
#include "metrics/collected_provisions.hpp"

#include <algorithm>
#include <string_view>

#include "core/provisions.hpp"

namespace ballast {

namespace {

constexpr std::string_view cpus_kind = "cpus";
constexpr std::string_view nodes_kind = "numa-nodes";
constexpr std::string_view name_kind = "name ";

enum class Answer : std::uint8_t { yes, no, not_told };

std::set<std::string, std::less<>> kinds_of_the_operator(const CollectorOptions& options) {
    std::set<std::string, std::less<>> kinds;
    for (const HostOptions& host : options.hosts) {
        for (const std::string& thing : host.provides) kinds.emplace(kind_of_need(thing));
    }
    for (const VmOptions& vm : options.vms) {
        for (const std::string& need : vm.needs) kinds.emplace(kind_of_need(need));
    }
    return kinds;
}

Answer answer_of(const IdSet& ids, std::string_view what) {
    const auto wanted = IdSet::parse(what);
    if (ids.empty() || !wanted) return Answer::not_told;
    return ids.contains(*wanted) ? Answer::yes : Answer::no;
}

// A host that defines no VM of that name tells nothing of it: there is room for one.
Answer answer_of_name(const HostReading& host, std::string_view name, std::string_view uuid) {
    for (const ShutOffGuest& defined : host.shut_off) {
        if (defined.name == name) return defined.uuid == uuid ? Answer::yes : Answer::no;
    }
    return Answer::not_told;
}

Answer answer_of(const std::optional<HostReading>& host, std::string_view need) {
    if (!host) return Answer::not_told;
    const std::string_view kind = kind_of_need(need);
    const std::string_view what = need.substr(std::min(need.size(), kind.size() + 1));
    if (kind == cpus_kind) return answer_of(host->facts.cpu_ids, what);
    if (kind == nodes_kind) return answer_of(host->facts.numa_nodes, what);
    if (kind.starts_with(name_kind)) return answer_of_name(*host, kind.substr(name_kind.size()), what);
    const auto told = host->facts.provides.find(kind);
    if (told == host->facts.provides.end()) return Answer::not_told;
    return told->second.contains(what) ? Answer::yes : Answer::no;
}

std::vector<std::string> wishes(const GuestReading& guest) {
    std::vector<std::string> needs = guest.facts.needs;
    if (!guest.facts.cpus.empty()) needs.push_back(std::string(cpus_kind) + ":" + guest.facts.cpus.text());
    if (!guest.facts.numa_nodes.empty()) {
        needs.push_back(std::string(nodes_kind) + ":" + guest.facts.numa_nodes.text());
    }
    return needs;
}

}  // namespace

CollectedProvisions::CollectedProvisions(const CollectorOptions& options,
                                         std::span<const std::optional<HostReading>> hosts,
                                         std::span<const Placed> guests)
    : needs_(guests.size()), provides_(hosts.size()) {
    const auto operators = kinds_of_the_operator(options);
    std::set<std::string> defined;  // names of definitions on any host
    for (const auto& host : hosts) {
        if (!host) continue;
        for (const ShutOffGuest& guest : host->shut_off) defined.insert(guest.name);
    }
    std::set<std::string> all;
    for (std::size_t g = 0; g < guests.size(); ++g) {
        const GuestReading& guest = *guests[g].guest;
        for (std::string& need : wishes(guest)) {
            if (operators.contains(kind_of_need(need))) continue;
            if (answer_of(hosts[guests[g].host], need) == Answer::yes) needs_[g].push_back(std::move(need));
        }
        // A kind ends at the first colon, so that a name with one cannot be told so.
        if (defined.contains(guest.name) && guest.name.find(':') == std::string::npos && !guest.uuid.empty()) {
            needs_[g].push_back(std::string(name_kind) + guest.name + ":" + guest.uuid);
        }
        all.insert(needs_[g].begin(), needs_[g].end());
    }
    for (std::size_t h = 0; h < hosts.size(); ++h) {
        std::map<std::string, bool, std::less<>> told;  // kind -> has some of it
        for (const std::string& need : all) {
            const Answer answer = answer_of(hosts[h], need);
            if (answer == Answer::not_told) continue;
            told[std::string(kind_of_need(need))] |= answer == Answer::yes;
            if (answer == Answer::yes) provides_[h].push_back(need);
        }
        for (const auto& [kind, has_some] : told) {
            if (!has_some) provides_[h].push_back(kind + ":/none");
        }
    }
}

}  // namespace ballast
