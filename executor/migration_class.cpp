// SPDX-License-Identifier: Apache-2.0
#include "executor/migration_class.hpp"

#include <algorithm>

namespace ballast {

namespace {

constexpr double bytes_per_gib = 1024.0 * 1024.0 * 1024.0;

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool selects(const MigrationClass& which, const VmSpec& vm) {
    return has(which.vms, vm.name) || std::any_of(vm.labels.begin(), vm.labels.end(), [&](const std::string& label) {
               return has(which.vm_labels, label);
           });
}

}  // namespace

MigrationControl control_for(const VmSpec& vm, std::span<const MigrationClass> classes,
                             const MigrationSettings& otherwise) {
    const auto found = std::find_if(classes.begin(), classes.end(), [&](const auto& c) { return selects(c, vm); });
    const MigrationSettings& settings = found == classes.end() ? otherwise : found->settings;
    MigrationControl control = settings.control;
    control.timeout_s =
        settings.timeout_s_per_gib > 0.0
            ? std::max(settings.timeout_s_min, settings.timeout_s_per_gib * vm.memory_bytes / bytes_per_gib)
            : 0.0;
    return control;
}

}  // namespace ballast
