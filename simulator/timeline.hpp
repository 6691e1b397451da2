// SPDX-License-Identifier: Apache-2.0
// What a run looked like over time. Kept only when a report is asked for, and bounded: a long recording has several
// intervals per point, a large cluster several hosts per row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ballast {

// The host that was overloaded for the longest time; of equals the one with the lowest id.
struct WorstHost {
    std::string name;  // empty: none was ever overloaded
    double overloaded_s = 0.0;
    double active_s = 0.0;  // on, with something asked of it
};

struct Timeline {
    static constexpr std::size_t points_max = 1440;  // 30 days of 5-minute intervals: half an hour per point
    static constexpr std::size_t rows_max = 400;
    static constexpr std::uint8_t off = 255;

    double point_s = 0.0;                     // of one point; the last one may stand for less
    std::vector<double> power_w;              // mean over the point, all hosts
    std::vector<std::uint32_t> hosts_on;      // at the end of the point
    std::vector<std::uint32_t> migrations;    // started in the point
    std::vector<double> sla_violation;        // SLATAH of the point alone: overloaded share of active host time, 0..1
    std::vector<double> contention_vm_hours;  // VMs wanting CPU that other VMs got
    // Mean CPU utilisation of hosts, point-major, 0..100 %; `off` = off all the time. A row stands for hosts_per_row
    // hosts with consecutive ids (the last for less) and is the mean of those that were on.
    std::vector<std::uint8_t> host_percent;
    std::size_t rows = 0;
    std::size_t hosts_per_row = 1;
    std::vector<std::string> row_names;  // the host, or the first and the last of the row's hosts
    WorstHost worst_host;
};

// A stretch of time in which nothing changed on a host.
struct TimelineStretch {
    std::size_t host = 0;
    double duration_s = 0.0;
    double power_w = 0.0;
    bool on = false;
    double utilisation = 0.0;  // CPU given over CPU capacity, 0..1; counts while it is on
    bool active = false;       // on, with something asked of it
    bool overloaded = false;   // active, and asked for more than it can give
};

// Adds up a Timeline, one interval after the other. O(1) per call, O(rows) at the end of a point.
class TimelineBuilder {
  public:
    TimelineBuilder(std::vector<std::string> host_names, double interval_s, std::size_t interval_count);

    void add(const TimelineStretch& stretch);
    void add_energy(double joules) { point_.joules += joules; }  // beyond that of the stretches
    void add_migration() { ++point_.migrations; }
    void add_contention(double vm_s) { point_.contention_vm_s += vm_s; }
    void end_interval(std::size_t hosts_on);

    [[nodiscard]] Timeline finish();  // ends a point that is not full; once, last of all

  private:
    struct Point {
        double joules = 0.0;
        double active_s = 0.0;
        double overloaded_s = 0.0;
        double contention_vm_s = 0.0;
        std::uint32_t migrations = 0;
        std::uint32_t hosts_on = 0;
        std::size_t intervals = 0;
    };
    struct Row {
        double on_s = 0.0;
        double utilisation_s = 0.0;  // utilisation times seconds
    };
    struct HostTimes {
        double active_s = 0.0;
        double overloaded_s = 0.0;
    };

    void end_point();
    [[nodiscard]] WorstHost worst_host() const;

    std::vector<std::string> host_names_;
    double interval_s_;
    std::size_t intervals_per_point_;
    Timeline timeline_;
    Point point_;
    std::vector<Row> rows_;
    std::vector<HostTimes> hosts_;
};

}  // namespace ballast
