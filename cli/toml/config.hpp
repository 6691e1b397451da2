// SPDX-License-Identifier: Apache-2.0
// The cluster's configuration file (ballast.toml): hosts, rules, telemetry, policies, execution. Every key is explained
// in configs/ballast.toml.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "cli/goal.hpp"
#include "cli/toml/prometheus_settings.hpp"
#include "control/acting_limits.hpp"
#include "core/models/migration_model.hpp"
#include "core/result.hpp"
#include "executor/power/options.hpp"
#include "executor/runner.hpp"
#include "metrics/collector_options.hpp"
#include "metrics/energy/energy_monitor.hpp"
#include "metrics/listener_options.hpp"

namespace ballast {

// How `ballast run` goes where the command line does not say otherwise.
struct LoopSettings {
    std::string goal;             // empty = the command line says
    std::string mode = "advise";  // "advise" or "auto"
    ActingLimits limits;          // of what mode auto does
};

struct Config {
    LoopSettings loop;
    CollectorOptions collector;  // hosts, rules, sampling
    RunOptions run;              // how migrations are carried out
    std::map<std::string, power::PowerOptions>
        power;  // how hosts are put to sleep and woken; those that can be, by name
    std::string journal = "/var/lib/ballast/journal.db";
    std::string hold = "/run/ballast/hold";  // while this file exists nothing new is begun
    MigrationModel migration;                // what the policies believe a migration costs
    std::map<std::string, std::string> policies = GoalSettings{}.policies;  // by goal
    ListenerOptions metrics_listener;                                       // address empty = no exporter
    bool metrics_per_vm = false;                                            // with series of every VM
    std::optional<PrometheusSettings> prometheus;                           // absent = none is asked
    EnergyOptions energy;  // how hosts' power is measured, what energy costs
};

// Reads and validates a configuration. Errors: usage, "file:line:column: problem".
[[nodiscard]] Result<Config> load_config(const std::string& path);
[[nodiscard]] Result<Config> parse_config(std::string_view text, const std::string& name);

}  // namespace ballast
