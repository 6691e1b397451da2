// SPDX-License-Identifier: Apache-2.0
#include "core/provisions.hpp"

#include <algorithm>

namespace ballast {

namespace {

template <typename T>
void sort_unique(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

template <typename T, typename U>
std::uint32_t position(const std::vector<T>& sorted, const U& value) {
    return static_cast<std::uint32_t>(std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin());
}

bool contains(const std::vector<std::uint32_t>& sorted, std::uint32_t value) {
    return std::binary_search(sorted.begin(), sorted.end(), value);
}

}  // namespace

std::string_view kind_of_need(std::string_view need) {
    const std::size_t colon = need.find(':');
    return colon == std::string_view::npos || colon + 1 == need.size() ? std::string_view() : need.substr(0, colon);
}

Provisions::Provisions(std::span<const HostSpec> hosts, std::span<const VmSpec> vms) {
    for (const VmSpec& vm : vms) names_.insert(names_.end(), vm.needs.begin(), vm.needs.end());
    if (names_.empty()) return;
    sort_unique(names_);
    std::vector<std::string_view> kinds;
    for (const std::string& need : names_) kinds.push_back(kind_of_need(need));
    sort_unique(kinds);
    for (const std::string& need : names_) kind_.push_back(position(kinds, kind_of_need(need)));

    needs_.resize(vms.size());
    for (std::size_t v = 0; v < vms.size(); ++v) {
        for (const std::string& need : vms[v].needs) needs_[v].push_back(position(names_, need));
        sort_unique(needs_[v]);
    }
    provided_.resize(hosts.size());
    for (std::size_t h = 0; h < hosts.size(); ++h) {
        for (const std::string& thing : hosts[h].provides) {
            const std::uint32_t need = position(names_, thing);
            if (need < names_.size() && names_[need] == thing) provided_[h].needs.push_back(need);
            const std::uint32_t kind = position(kinds, kind_of_need(thing));
            if (kind < kinds.size() && kinds[kind] == kind_of_need(thing)) provided_[h].kinds.push_back(kind);
        }
        sort_unique(provided_[h].needs);
        sort_unique(provided_[h].kinds);
    }
}

const std::string* Provisions::first_missing(std::span<const std::uint32_t> needs, const Provided& provided) const {
    for (const std::uint32_t need : needs) {
        if (contains(provided.kinds, kind_[need]) && !contains(provided.needs, need)) return &names_[need];
    }
    return nullptr;
}

}  // namespace ballast
