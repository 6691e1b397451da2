// SPDX-License-Identifier: Apache-2.0
// Which VMs are migrated how. A database that writes a lot needs other means than a web server.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/ports/migration_control.hpp"
#include "core/vm.hpp"

namespace ballast {

struct MigrationSettings {
    MigrationControl control;          // but for its timeout, which is
    double timeout_s_per_gib = 150.0;  // of the VM's memory; 0 = never
    double timeout_s_min = 300.0;      // and at least this
};

struct MigrationClass {
    std::string name;
    std::vector<std::string> vms;        // by name
    std::vector<std::string> vm_labels;  // or who has one of these
    MigrationSettings settings;
};

// As the first class that selects the VM says, or else as `otherwise` does. O(classes).
[[nodiscard]] MigrationControl control_for(const VmSpec& vm, std::span<const MigrationClass> classes,
                                           const MigrationSettings& otherwise);

}  // namespace ballast
