// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/power_reader.hpp"

namespace ballast::toml_io {

std::optional<HostPower> read_power(TableReader& table) {
    const std::string name = table.text("power_table");
    const std::vector<double> watts = table.numbers("power_watts");
    HostPower power;
    power.sleep_watts = table.number("sleep_watts", power.sleep_watts, {0.0, 1e5});
    power.boot_s = table.number("boot_s", power.boot_s, {0.0, 86'400.0});
    power.boot_watts = table.number("boot_watts", power.boot_watts, {0.0, 1e5});
    power.suspend_s = table.number("suspend_s", power.suspend_s, {0.0, 86'400.0});
    power.controllable = table.boolean("power_control", power.controllable);
    if (!table.has("power_table") && !table.has("power_watts")) return std::nullopt;
    if (table.has("power_table") && table.has("power_watts")) {
        table.error("power_watts", "give either power_table or power_watts, not both");
        return std::nullopt;
    }
    const Result<PowerCurve> curve = watts.empty() ? find_power_curve(name) : PowerCurve::make(watts);
    if (!curve) {
        table.error(watts.empty() ? "power_table" : "power_watts", curve.error().message);
        return std::nullopt;
    }
    power.curve = *curve;
    return power;
}

}  // namespace ballast::toml_io
