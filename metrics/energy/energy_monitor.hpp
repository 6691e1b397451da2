// SPDX-License-Identifier: Apache-2.0
// Everything about watts and joules at each look of the loop: what hosts draw and how that is known, the calibration of
// their power tables, the account of what was drawn and saved, and all of it as metrics.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/ports/clock.hpp"
#include "core/snapshot.hpp"
#include "metrics/energy/energy_account.hpp"
#include "metrics/energy/power_calibration.hpp"
#include "metrics/energy/watts_meter.hpp"
#include "metrics/energy/watts_poller.hpp"
#include "metrics/sample_family.hpp"

namespace ballast {

// What energy costs. Zero = not said, and then not shown.
struct EnergyFactors {
    double price_per_kwh = 0.0;
    std::string currency;  // "EUR"; not empty if there is a price
    double co2e_grams_per_kwh = 0.0;
};

struct EnergyOptions {
    std::map<std::string, WattsOptions> meters;  // by host (name)
    WattsOfMany many;                            // null = nobody measures them all
    double interval_s = 10.0;                    // between two measurements
    EnergyFactors factors;
};

class EnergyMonitor {
  public:
    static constexpr double gap_s_max = 900.0;  // between two looks; a plan that is carried out takes minutes
    // Of an idle host whose table was never compared with a measurement: machines of one type differ by about so much.
    static constexpr double table_error_ratio = 0.1;

    // `clock` must outlive it.
    EnergyMonitor(EnergyOptions options, RunForOutput run, Clock& clock);

    // Measures in other ways and with other factors from now on; what was counted and calibrated stays. Waits for
    // commands under way, at most for their timeout.
    void adopt(EnergyOptions options);

    void look(const Snapshot& snapshot);
    void migrated(double bytes_sent) { account_.migrated(bytes_sent); }
    // The host (by name) was found asleep just now, or began to wake so many seconds ago.
    void switched(const std::string& host, double seconds_ago) {
        account_.switched(host, clock_.monotonic_s() - seconds_ago);
    }

    // What cannot be measured now, and why, as WattsPoller has it.
    [[nodiscard]] std::map<std::string, std::string> problems() const { return poller_->problems(); }

    // As of the last look(). `per_vm`: also the share of every VM. O(hosts + VMs).
    [[nodiscard]] std::vector<SampleFamily> families(const Snapshot& snapshot, bool per_vm) const;
    [[nodiscard]] const EnergyTotals& totals() const { return account_.totals(); }

  private:
    [[nodiscard]] HostDraw draw(const Cluster& cluster, HostId host);
    void add_host_families(const Cluster& cluster, std::vector<SampleFamily>& families) const;
    void add_totals(std::vector<SampleFamily>& families) const;
    void add_factors(std::vector<SampleFamily>& families) const;
    void add_vms(const Cluster& cluster, std::vector<SampleFamily>& families) const;

    EnergyOptions options_;
    RunForOutput run_;
    Clock& clock_;
    EnergyAccount account_{gap_s_max};
    std::map<std::string, PowerCalibration> calibrations_;  // by host (name)
    std::vector<HostDraw> draws_;                           // of the last look, by host
    std::unique_ptr<WattsPoller> poller_;                   // never null
};

}  // namespace ballast
