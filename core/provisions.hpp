// SPDX-License-Identifier: Apache-2.0
// What VMs need of a host beside room, and which hosts have it: strings "kind:what", such as
// "storage:nas1:/export/vms", "network:br0" or "hugepages:2048" (KiB). A host that lists nothing of a kind is not known
// to lack it: every need of that kind passes there, and the executor's pre-flight has the last word.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/host.hpp"
#include "core/ids.hpp"
#include "core/vm.hpp"

namespace ballast {

// "storage" of "storage:nas1:/export/vms"; empty if it is not of the form "kind:what".
[[nodiscard]] std::string_view kind_of_need(std::string_view need);

class Provisions {
  public:
    Provisions() = default;
    // O(total length of all needs and provisions * log different needs).
    Provisions(std::span<const HostSpec> hosts, std::span<const VmSpec> vms);

    // The VM's first need, in alphabetical order, that the host is known not to provide; nullptr if there is none.
    // O(1) for a VM without needs, otherwise O(needs * log provisions).
    [[nodiscard]] const std::string* missing(VmId vm, HostId host) const {
        if (needs_.empty() || needs_[vm.index()].empty()) return nullptr;
        return first_missing(needs_[vm.index()], provided_[host.index()]);
    }

  private:
    struct Provided {
        std::vector<std::uint32_t> needs;  // sorted
        std::vector<std::uint32_t> kinds;  // of which it lists something, sorted
    };
    [[nodiscard]] const std::string* first_missing(std::span<const std::uint32_t> needs,
                                                   const Provided& provided) const;

    std::vector<std::string> names_;                 // of the different needs, sorted
    std::vector<std::uint32_t> kind_;                // by need
    std::vector<std::vector<std::uint32_t>> needs_;  // by VM, sorted; empty if no VM needs anything
    std::vector<Provided> provided_;                 // by host; likewise
};

}  // namespace ballast
