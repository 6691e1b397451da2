// SPDX-License-Identifier: Apache-2.0
#include "simulator/report/comparison.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "core/resources.hpp"
#include "simulator/report/html.hpp"
#include "simulator/report/labels.hpp"

namespace ballast {

namespace {

constexpr double bytes_per_gib = 1024.0 * bytes_per_mib;
constexpr double seconds_per_hour = 3600.0;

struct Column {
    std::string title;
    std::string unit;
    std::string help;
    int digits;
    std::function<double(const ReportRun&)> value;
    std::function<std::string(const ReportRun&)> note = {};  // shown small, under the number
};

std::string delta_text(double value, double baseline) {
    if (baseline <= 0.0) return "";
    const double percent = (value / baseline - 1.0) * 100.0;
    return (percent > 0.0 ? "+" : "") + grouped(percent, 1) + "\u00A0%";
}

std::vector<Column> energy_columns(std::span<const ReportRun> runs, const std::optional<Tariff>& tariff) {
    const auto delta = [runs](const ReportRun& r) {
        const ReportRun& base = baseline_of(runs, r.result.trace);
        return &r == &base ? std::string() : delta_text(r.result.energy_kwh, base.result.energy_kwh);
    };
    std::vector<Column> columns = {{"Energy", "kWh", "Energy of all hosts that have a power model", 2,
                                    [](const ReportRun& r) { return r.result.energy_kwh; }, delta}};
    if (tariff) {
        columns.push_back({"Cost", tariff->currency, "Energy times the tariff", 2,
                           [t = *tariff](const ReportRun& r) { return t.cost(r.result.energy_kwh); }});
    }
    return columns;
}

std::vector<Column> service_columns() {
    return {
        {"Overloaded", "% of host time", "SLATAH: share of active host time in which more CPU is asked than there is",
         3, [](const ReportRun& r) { return r.result.sla.slatah * 100.0; }},
        {"Lost in moves", "% of CPU", "PDM: CPU not given to VMs while they migrate, over all CPU asked", 4,
         [](const ReportRun& r) { return r.result.sla.pdm * 100.0; }},
        {"SLAV", "10⁻⁶", "SLATAH × PDM", 2, [](const ReportRun& r) { return r.result.sla.slav * 1e6; }},
        {"Not served", "% of CPU", "CPU asked and not given, over all CPU asked", 4,
         [](const ReportRun& r) { return r.result.sla.overall * 100.0; }},
        {"Contention", "VM h", "Time VMs wanted CPU on a host that was asked for more than it could give", 2,
         [](const ReportRun& r) { return r.result.contention_vm_hours; }},
        {"Worst host", "h", "The host that was overloaded for the longest time", 2,
         [](const ReportRun& r) { return r.timeline.worst_host.overloaded_s / seconds_per_hour; },
         [](const ReportRun& r) { return r.timeline.worst_host.name; }}};
}

std::vector<Column> effort_columns() {
    return {{"Migrations", "", "Live migrations started", 0,
             [](const ReportRun& r) { return static_cast<double>(r.result.migrations); }},
            {"Moved", "GiB", "Bytes sent by the migrations that ended", 1,
             [](const ReportRun& r) { return r.result.migration_bytes / bytes_per_gib; }},
            {"Downtime", "s", "Guests paused by migrations, all added up", 1,
             [](const ReportRun& r) { return r.result.downtime_s; }},
            {"Shutdowns", "hosts", "Hosts sent to sleep", 0,
             [](const ReportRun& r) { return static_cast<double>(r.result.host_shutdowns); }},
            {"Starts", "hosts", "Hosts woken up", 0,
             [](const ReportRun& r) { return static_cast<double>(r.result.host_starts); }}};
}

std::vector<Column> all_columns(std::span<const ReportRun> runs, const std::optional<Tariff>& tariff) {
    std::vector<Column> columns = energy_columns(runs, tariff);
    for (auto* more : {&service_columns, &effort_columns}) {
        for (Column& column : more()) columns.push_back(std::move(column));
    }
    return columns;
}

std::string header(const Column& column) {
    return "<th role=\"columnheader\" scope=\"col\">" + column.title + " <small>" + escape_html(column.unit) +
           "</small></th>";
}

// The bar under the number is the value's share of the column's largest.
std::string cell(const Column& column, const ReportRun& run, double largest) {
    const double value = column.value(run);
    const double share = largest > 0.0 ? std::clamp(value / largest, 0.0, 1.0) : 0.0;
    const std::string note = column.note ? escape_html(column.note(run)) : "";
    return "<td role=\"cell\" data-value=\"" + std::to_string(value) + "\" data-title=\"" + column.title +
           "\" style=\"--share:" + grouped(share * 100.0, 1) + "%\"><b>" + grouped(value, column.digits) +
           "</b> <span class=\"unit\">" + escape_html(column.unit) + "</span><i></i>" +
           (note.empty() ? "" : "<small>" + note + "</small>") + "</td>";
}

std::string options_text(const SimulationResult& result) {
    std::string text;
    for (const auto& [key, value] : result.options) text += (text.empty() ? "" : ", ") + key + "=" + value;
    return text;
}

std::string duration_text(double seconds) {
    if (seconds >= 48.0 * seconds_per_hour) return grouped(seconds / (24.0 * seconds_per_hour), 1) + " days";
    return grouped(seconds / seconds_per_hour, 1) + " h";
}

}  // namespace

std::string facts_html(std::span<const ReportRun> runs, const std::optional<Tariff>& tariff) {
    std::set<std::string> facts;
    for (const ReportRun& run : runs) {
        const SimulationResult& r = run.result;
        // The last point of a time line may stand for less, so this rounds up.
        const double length_s = run.timeline.point_s * static_cast<double>(run.timeline.power_w.size());
        facts.insert("<b>" + escape_html(r.trace) + "</b>: " + grouped(static_cast<double>(r.hosts), 0) + " hosts, " +
                     grouped(static_cast<double>(r.vms), 0) + " VMs, " + duration_text(length_s) + " in " +
                     grouped(static_cast<double>(r.intervals), 0) + " intervals");
    }
    std::string html;
    for (const std::string& fact : facts) html += "<p class=\"facts\">" + fact + "</p>\n";
    if (tariff) {
        html += "<p class=\"facts\">Tariff: " + grouped(tariff->price_per_kwh, 4) + " " +
                escape_html(tariff->currency) + " per kWh</p>\n";
    }
    return html;
}

std::string finding_html(std::span<const ReportRun> runs, const std::optional<Tariff>& tariff) {
    if (runs.empty()) return "";
    const ReportRun& base = baseline_of(runs, runs.front().result.trace);
    std::size_t best = 0;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        if (runs[r].result.trace != base.result.trace) return "";  // energy compares only between runs of one load
        if (runs[r].result.energy_kwh < runs[best].result.energy_kwh) best = r;
    }
    const SimulationResult& before = base.result;
    const SimulationResult& after = runs[best].result;
    const double saved_kwh = before.energy_kwh - after.energy_kwh;
    if (saved_kwh <= 0.0) return "";
    const std::vector<std::string> labels = run_labels(runs);
    const std::string& base_label = labels[static_cast<std::size_t>(&base - runs.data())];
    std::string html = "<p class=\"finding\"><b>" + escape_html(labels[best]) + "</b> needs the least energy: <b>" +
                       grouped(saved_kwh / before.energy_kwh * 100.0, 1) + "\u00A0% less</b> than " +
                       escape_html(base_label) + " (" + grouped(saved_kwh, 2) + "\u00A0kWh";
    if (tariff) html += ", " + grouped(tariff->cost(saved_kwh), 2) + "\u00A0" + escape_html(tariff->currency);
    return html + "). Hosts were overloaded for " + grouped(after.sla.slatah * 100.0, 2) +
           "\u00A0% of their active time, against " + grouped(before.sla.slatah * 100.0, 2) + "\u00A0%.</p>\n";
}

std::string comparison_html(std::span<const ReportRun> runs, const std::optional<Tariff>& tariff) {
    const std::vector<std::string> labels = run_labels(runs);
    const std::vector<Column> columns = all_columns(runs, tariff);
    std::string html =
        "<table role=\"table\" id=\"comparison\"><thead role=\"rowgroup\"><tr role=\"row\">"
        "<th role=\"columnheader\" scope=\"col\">Policy</th>";
    for (const Column& column : columns) html += header(column);
    html += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
    std::vector<double> largest(columns.size());
    for (const ReportRun& run : runs) {
        for (std::size_t c = 0; c < columns.size(); ++c) largest[c] = std::max(largest[c], columns[c].value(run));
    }
    for (std::size_t r = 0; r < runs.size(); ++r) {
        html += "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\" title=\"" +
                escape_html(options_text(runs[r].result)) + "\">" + escape_html(labels[r]) + "</th>";
        for (std::size_t c = 0; c < columns.size(); ++c) html += cell(columns[c], runs[r], largest[c]);
        html += "</tr>\n";
    }
    return html + "</tbody></table>\n";
}

std::string glossary_html(std::span<const ReportRun> runs, const std::optional<Tariff>& tariff) {
    std::string html = "<details><summary>What the columns mean</summary><dl>\n";
    for (const Column& column : all_columns(runs, tariff)) {
        html += "<dt>" + column.title + "</dt><dd>" + column.help + "</dd>\n";
    }
    return html + "</dl></details>\n";
}

}  // namespace ballast
