// SPDX-License-Identifier: Apache-2.0
// What VMs need and hosts provide (core/provisions.hpp), taken from what hosts and guests tell of themselves, so that
// planning does not propose a move that cannot be made. Pure.
//
// A need counts only if the VM's own host is seen to provide it: then the host is known to tell such things truly.
// A host that tells nothing of a kind lists nothing of it, and every need of that kind passes there. Of a kind that it
// does tell, only what some VM needs is listed, or "KIND:/none": a large cluster's snapshot stays small.
// A kind that the configuration names on any host or VM is the operator's, and nothing is collected of it: the names
// may be other ones.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "metrics/collector_options.hpp"
#include "metrics/host_reading.hpp"

namespace ballast {

class CollectedProvisions {
  public:
    struct Placed {
        const GuestReading* guest;
        std::size_t host;
    };
    // `hosts`: what each host told last, nothing of those that never answered. O(needs * hosts).
    CollectedProvisions(const CollectorOptions& options, std::span<const std::optional<HostReading>> hosts,
                        std::span<const Placed> guests);

    [[nodiscard]] const std::vector<std::string>& needs(std::size_t guest) const { return needs_[guest]; }
    [[nodiscard]] const std::vector<std::string>& provides(std::size_t host) const { return provides_[host]; }

  private:
    std::vector<std::vector<std::string>> needs_;     // by guest
    std::vector<std::vector<std::string>> provides_;  // by host
};

}  // namespace ballast
