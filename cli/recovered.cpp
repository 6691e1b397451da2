// SPDX-License-Identifier: Apache-2.0
#include "cli/recovered.hpp"

#include <algorithm>

#include "cli/output.hpp"
#include "cli/stop.hpp"

namespace ballast {

bool Recovered::needs_person() const {
    return std::any_of(migrations.begin(), migrations.end(),
                       [](const RecoveredMigration& m) { return m.record.state == MigrationState::needs_operator; }) ||
           std::any_of(switches.begin(), switches.end(), [](const RecoveredSwitch& s) {
               return s.record.state == SwitchState::failed || is_open(s.record.state);
           });
}

Result<Recovered> recover_all(LiveCluster& cluster, SqliteJournal& journal, Hypervisor& hypervisor, Clock& clock,
                              Parked parked) {
    const NoteSink tell = [](const std::string& text) { note(text); };
    auto migrations = recover(journal, hypervisor, clock, cluster.config().run.settle, tell, parked);
    if (!migrations) return tl::unexpected(migrations.error());
    const auto suspend_s = [&](const std::string& host) {
        for (const HostOptions& options : cluster.config().collector.hosts) {
            if (options.name == host && options.power) return options.power->suspend_s;
        }
        return 0.0;
    };
    auto switches = recover_switches(PowerPorts{cluster.power(), journal}, hypervisor, clock,
                                     cluster.config().run.power, stop_signal(), tell, suspend_s);
    if (!switches) return tl::unexpected(switches.error());
    return Recovered{std::move(*migrations), std::move(*switches)};
}

}  // namespace ballast
