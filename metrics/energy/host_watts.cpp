// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/host_watts.hpp"

namespace ballast {

std::string_view name(WattsSource source) {
    switch (source) {
        case WattsSource::command: return "command";
        case WattsSource::hwmon: return "hwmon";
        case WattsSource::rapl: return "rapl";
        case WattsSource::prometheus: return "prometheus";
        case WattsSource::calibrated: return "calibrated";
        case WattsSource::model: return "model";
    }
    return "?";
}

std::optional<HostWatts> host_watts(const Cluster& cluster, HostId host, const std::optional<HostWatts>& measured,
                                    const std::optional<PowerCurve>& calibrated) {
    if (measured) return measured;
    const std::optional<HostPower>& power = cluster.spec(host).power;
    if (!power || !cluster.state(host).reachable) return std::nullopt;
    const PowerCurve& curve = calibrated ? *calibrated : power->curve;
    switch (cluster.state(host).power) {
        case PowerState::on:
            return HostWatts{curve.watts(cluster.cpu_utilisation(host)),
                             calibrated ? WattsSource::calibrated : WattsSource::model};
        case PowerState::asleep: return HostWatts{power->sleep_watts, WattsSource::model};
        case PowerState::waking:
        case PowerState::going_to_sleep:
            return HostWatts{power->boot_watts > 0.0 ? power->boot_watts : curve.peak_watts(), WattsSource::model};
    }
    return std::nullopt;
}

}  // namespace ballast
