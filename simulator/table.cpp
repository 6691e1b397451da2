// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "core/resources.hpp"
#include "simulator/result.hpp"

namespace ballast {

namespace {

std::string fixed(double value, int digits) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

std::string options_text(const SimulationResult& run) {
    std::string text;
    for (const auto& [key, value] : run.options) text += (text.empty() ? "" : ",") + key + "=" + value;
    return text;
}

std::string worst_host_text(const SimulationResult& run) {
    return run.worst_host.empty() ? "-" : run.worst_host + " " + fixed(run.worst_host_overloaded_s / 3600.0, 2);
}

struct Column {
    const char* title;
    const char* unit;
    std::string (*cell)(const SimulationResult&);
    bool left = false;
};

constexpr double percent = 100.0;

const std::array columns = {
    Column{"trace", "", [](const SimulationResult& r) { return r.trace; }, true},
    Column{"policy", "", [](const SimulationResult& r) { return r.policy; }, true},
    Column{"energy", "kWh", [](const SimulationResult& r) { return fixed(r.energy_kwh, 2); }},
    Column{"migrations", "", [](const SimulationResult& r) { return std::to_string(r.migrations); }},
    Column{"back", "in 1 h", [](const SimulationResult& r) { return std::to_string(r.migrations_back); }},
    Column{"moved", "GiB",
           [](const SimulationResult& r) { return fixed(r.migration_bytes / bytes_per_mib / 1024.0, 1); }},
    Column{"downtime", "s", [](const SimulationResult& r) { return fixed(r.downtime_s, 1); }},
    Column{"SLATAH", "%", [](const SimulationResult& r) { return fixed(r.sla.slatah * percent, 3); }},
    Column{"PDM", "%", [](const SimulationResult& r) { return fixed(r.sla.pdm * percent, 4); }},
    Column{"SLAV", "1e-6", [](const SimulationResult& r) { return fixed(r.sla.slav * 1e6, 3); }},
    Column{"unserved", "%", [](const SimulationResult& r) { return fixed(r.sla.overall * percent, 4); }},
    Column{"contention", "VM h", [](const SimulationResult& r) { return fixed(r.contention_vm_hours, 2); }},
    Column{"worst host", "h overloaded", worst_host_text, true},
    Column{"off", "hosts", [](const SimulationResult& r) { return std::to_string(r.host_shutdowns); }},
    Column{"on", "hosts", [](const SimulationResult& r) { return std::to_string(r.host_starts); }},
    Column{"took", "s", [](const SimulationResult& r) { return fixed(r.wall_s, 2); }},
    Column{"options", "", options_text, true},
};

// Characters, not bytes: names may be UTF-8.
std::size_t width(const std::string& text) {
    const auto starts = [](unsigned char c) { return (c & 0xC0U) != 0x80U; };
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts));
}

using Row = std::vector<std::string>;

// `left[c]`: column c is text.
std::string render(const std::vector<Row>& rows, const std::vector<bool>& left) {
    std::vector<std::size_t> widths(left.size(), 0);
    for (const Row& row : rows) {
        for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width(row[c]));
    }
    std::string text;
    for (const Row& row : rows) {
        std::string line;
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string padding(widths[c] - width(row[c]), ' ');
            line += (c == 0 ? "" : "  ") + (left[c] ? row[c] + padding : padding + row[c]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

}  // namespace

std::string to_table(std::span<const SimulationResult> runs, const std::optional<Tariff>& tariff) {
    std::vector<bool> left;
    std::vector<Row> rows(2);
    const auto add_column = [&](const char* title, const std::string& unit, bool is_left) {
        rows[0].emplace_back(title);
        rows[1].push_back(unit);
        left.push_back(is_left);
    };
    for (const Column& column : columns) {
        add_column(column.title, column.unit, column.left);
        if (tariff && column.title == std::string_view("energy")) add_column("cost", tariff->currency, false);
    }
    for (const SimulationResult& run : runs) {
        Row& row = rows.emplace_back();
        for (const Column& column : columns) {
            row.push_back(column.cell(run));
            if (tariff && column.title == std::string_view("energy")) {
                row.push_back(fixed(tariff->cost(run.energy_kwh), 2));
            }
        }
    }
    return render(rows, left);
}

}  // namespace ballast
