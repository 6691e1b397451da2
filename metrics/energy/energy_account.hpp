// SPDX-License-Identifier: Apache-2.0
// What the hosts have drawn since the program began, and what that would have been if Ballast had left them alone.
//
// Drawn: the mean of the watts at two looks in a row times the seconds between them, under the source of the second. A
// host without watts at either look, and a gap of more than `gap_s_max`, count nothing: what was not seen is not made
// up; the seconds of such gaps are counted.
//
// Avoided: while a host is asleep, the difference between what it would draw awake and idle and what it draws. When it
// fell asleep or began to wake is what switched() says, because a plan that switches hosts may take minutes between two
// looks; for switches of which nothing was said, only the time between two looks that both see it asleep counts. The
// VMs' own (dynamic) watts are taken to be the same wherever they run, so they do not appear. Spent:
// what a host draws above idle while it falls asleep or boots (by its power table, once per switch, because a boot is
// shorter than the time between looks), and the joules of migrations (core/models/migration_model.hpp).
//   saved = avoided - spent
// `avoided_at_least` is the same with the idle watts lowered by their uncertainty: what can be claimed with a model
// that is off by so much.
//
// Worked example: 93 W idle, sleep 8 W, uncertainty 10 %: after 100 s asleep 8,500 J are avoided, at least
// (83.7 - 8) * 100 = 7,570 J; then it boots for 180 s at 143 W: (143 - 93) * 180 = 9,000 J spent.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/models/migration_model.hpp"
#include "metrics/energy/host_watts.hpp"

namespace ballast {

// One host at one look.
struct HostDraw {
    std::optional<HostWatts> watts;
    std::optional<double> idle_watts;  // awake and idle; absent = not known
    double idle_error_watts = 0.0;     // by which idle_watts may be off; not negative
};

struct EnergyTotals {
    std::map<std::string, std::map<WattsSource, double>> joules;  // by host (name) and source
    double avoided_joules = 0.0;
    double avoided_at_least_joules = 0.0;
    double switching_joules = 0.0;  // spent
    double migration_joules = 0.0;  // spent
    double gap_s = 0.0;             // between looks that were too far apart to be counted
};

class EnergyAccount {
  public:
    explicit EnergyAccount(double gap_s_max) : gap_s_max_(gap_s_max) {}

    // One look: `draws` has one entry per host of `cluster`, in id order; `monotonic_s` does not go back.
    // O(hosts log hosts).
    void look(double monotonic_s, const Cluster& cluster, const std::vector<HostDraw>& draws);
    // The host (by name) fell asleep, or began to wake, at this time; counts with the look that is next, if that sees
    // it so.
    void switched(const std::string& host, double monotonic_s) { switched_s_[host] = monotonic_s; }
    // A migration that sent so many bytes; NaN (not measured) counts as none.
    void migrated(double bytes_sent);

    [[nodiscard]] const EnergyTotals& totals() const { return totals_; }

  private:
    struct Last {
        HostDraw draw;
        bool asleep = false;
    };
    struct Span {
        double begin_s = 0.0;  // monotonic
        double end_s = 0.0;
    };
    void add(const std::string& host, const Last& before, const Last& now, Span between);
    void avoid(const HostDraw& now, double watts_asleep, double seconds);
    void charge_switch(const HostPower& power, const Last& before, const Last& now);

    double gap_s_max_;
    std::optional<double> last_s_;
    std::map<std::string, Last> last_;          // by host name
    std::map<std::string, double> switched_s_;  // since the last look, by host name
    EnergyTotals totals_;
};

}  // namespace ballast
