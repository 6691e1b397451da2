// SPDX-License-Identifier: Apache-2.0
// Notices VMs that run on another host than before. What no migration of Ballast's explains was moved by somebody else
// (another balancer, an administrator): it has to rest as if Ballast had moved it, or the two would undo each other.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace ballast {

class MoveWatch {
  public:
    struct Moved {
        std::size_t from = 0;    // host it was on before
        double left_s = 0.0;     // when it was last seen there
        double noticed_s = 0.0;  // when it was first seen elsewhere
    };

    // The VM runs on this host at this time. Times ascend.
    void seen(const std::string& uuid, std::size_t host, double time_s) {
        const auto [it, is_new] = vms_.try_emplace(uuid, Watched{host, time_s, std::nullopt});
        if (is_new) return;
        Watched& vm = it->second;
        if (vm.host != host) vm.moved = Moved{vm.host, vm.time_s, time_s};
        vm.host = host;
        vm.time_s = time_s;
    }
    // The last change of host that was seen, if any was.
    [[nodiscard]] std::optional<Moved> last_move(const std::string& uuid) const {
        const auto found = vms_.find(uuid);
        return found == vms_.end() ? std::nullopt : found->second.moved;
    }
    // Forgets VMs that were last seen before this time.
    void forget_before(double time_s) {
        std::erase_if(vms_, [&](const auto& entry) { return entry.second.time_s < time_s; });
    }

  private:
    struct Watched {
        std::size_t host;
        double time_s;  // seen last
        std::optional<Moved> moved;
    };
    std::map<std::string, Watched> vms_;  // by UUID
};

}  // namespace ballast
