// SPDX-License-Identifier: Apache-2.0
#include "simulator/experiment/pareto_svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "simulator/report/html.hpp"

namespace ballast {

namespace {

constexpr double width = 860.0;
constexpr double panel_height = 440.0;
constexpr double left = 90.0, right = 180.0, top = 50.0, bottom = 60.0;  // room around a panel's axes
constexpr int ticks = 5;

std::string number(double value, const char* format = "%.2f") {
    std::array<char, 400> buffer{};
    std::snprintf(buffer.data(), buffer.size(), format, value);
    return buffer.data();
}

// One axis: values to places on the paper.
struct Axis {
    double from = 0.0, to = 1.0;    // values
    double begin = 0.0, end = 1.0;  // places
    [[nodiscard]] double at(double value) const { return begin + (value - from) / (to - from) * (end - begin); }
};

// Holds every interval, with some air.
Axis make_axis(const std::vector<const SweepGroup*>& groups, Estimate SweepGroup::*figure, double begin, double end) {
    Axis axis{HUGE_VAL, -HUGE_VAL, begin, end};
    for (const SweepGroup* group : groups) {
        const Estimate& estimate = group->*figure;
        const double reach = estimate.half_width.value_or(0.0);
        axis.from = std::min(axis.from, estimate.mean - reach);
        axis.to = std::max(axis.to, estimate.mean + reach);
    }
    double air = (axis.to - axis.from) * 0.06;
    if (!(air > 0.0)) air = std::max(std::fabs(axis.to) * 0.1, 1e-9);
    axis.from -= air;
    axis.to += air;
    return axis;
}

std::string text(double x, double y, std::string_view anchor, std::string_view content, std::string_view more = "") {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + std::string(anchor) + "\"" +
           std::string(more) + ">" + escape_html(content) + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, std::string_view kind) {
    return "<line class=\"" + std::string(kind) + "\" x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" +
           number(x2) + "\" y2=\"" + number(y2) + "\"/>\n";
}

std::string draw_axes(const Axis& x, const Axis& y) {
    std::string svg;
    for (int i = 0; i <= ticks; ++i) {
        const double share = static_cast<double>(i) / ticks;
        const double energy = x.from + (x.to - x.from) * share;
        const double slav = y.from + (y.to - y.from) * share;
        svg += line(x.at(energy), y.begin, x.at(energy), y.end, "grid");
        svg += line(x.begin, y.at(slav), x.end, y.at(slav), "grid");
        svg += text(x.at(energy), y.begin + 18.0, "middle", number(energy, "%.4g"));
        svg += text(x.begin - 8.0, y.at(slav) + 4.0, "end", number(slav * 1e5, "%.4g"));
    }
    svg += text((x.begin + x.end) / 2.0, y.begin + 42.0, "middle", "energy, kWh");
    const double middle = (y.begin + y.end) / 2.0;
    svg += text(24.0, middle, "middle", "SLA violations (SLAV), 0.00001",
                " transform=\"rotate(-90 24 " + number(middle) + ")\"");
    return svg;
}

// The staircase of what the front reaches.
std::string draw_front(std::vector<const SweepGroup*> groups, const Axis& x, const Axis& y) {
    std::erase_if(groups, [](const SweepGroup* group) { return !group->on_front; });
    std::sort(groups.begin(), groups.end(),
              [](const SweepGroup* a, const SweepGroup* b) { return a->energy_kwh.mean < b->energy_kwh.mean; });
    std::string path = "<path class=\"front\" d=\"";
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const std::string at = number(x.at(groups[i]->energy_kwh.mean));
        path += i == 0 ? "M" + at + " " : "H" + at + " V";
        path += number(y.at(groups[i]->slav.mean)) + " ";
    }
    return path + "\"/>\n";
}

std::string draw_point(const SweepGroup& group, const Axis& x, const Axis& y) {
    const double px = x.at(group.energy_kwh.mean);
    const double py = y.at(group.slav.mean);
    std::string svg;
    if (const auto reach = group.energy_kwh.half_width) {
        svg += line(x.at(group.energy_kwh.mean - *reach), py, x.at(group.energy_kwh.mean + *reach), py, "bar");
    }
    if (const auto reach = group.slav.half_width) {
        svg += line(px, y.at(group.slav.mean - *reach), px, y.at(group.slav.mean + *reach), "bar");
    }
    svg += "<circle class=\"" + std::string(group.on_front ? "best" : "other") + "\" cx=\"" + number(px) + "\" cy=\"" +
           number(py) + "\" r=\"4.5\"><title>" + escape_html(group.policy) + ": " +
           number(group.energy_kwh.mean, "%.6g") + " kWh, SLAV " + number(group.slav.mean, "%.4g") + ", " +
           number(group.migrations.mean, "%.6g") + " migrations, " + std::to_string(group.energy_kwh.count) +
           " run(s)</title></circle>\n";
    if (group.on_front) svg += text(px + 8.0, py - 7.0, "start", group.policy, " class=\"name\"");
    return svg;
}

std::string draw_panel(const std::string& trace, const std::vector<const SweepGroup*>& groups, double offset) {
    const Axis x = make_axis(groups, &SweepGroup::energy_kwh, left, width - right);
    const Axis y = make_axis(groups, &SweepGroup::slav, offset + panel_height - bottom, offset + top);
    std::string svg = text(left, offset + 30.0, "start", trace, " class=\"head\"");
    svg += draw_axes(x, y) + draw_front(groups, x, y);
    for (const SweepGroup* group : groups) svg += draw_point(*group, x, y);
    return svg;
}

constexpr const char* style =
    "<style>text{font:12px sans-serif;fill:#333}.head{font-size:15px;font-weight:bold}.name{fill:#0b5394}"
    ".grid{stroke:#ddd}.bar{stroke:#888}.front{fill:none;stroke:#0b5394;stroke-width:1.5;stroke-dasharray:5 3}"
    ".best{fill:#0b5394}.other{fill:#fff;stroke:#777}</style>\n";

}  // namespace

std::string to_svg(const Merged& merged) {
    std::vector<std::pair<std::string, std::vector<const SweepGroup*>>> panels;
    for (const SweepGroup& group : merged.groups) {
        if (panels.empty() || panels.back().first != group.trace) panels.push_back({group.trace, {}});
        panels.back().second.push_back(&group);
    }
    const double height = 30.0 + panel_height * static_cast<double>(panels.size());
    const std::string size = number(width, "%.0f") + " " + number(height, "%.0f");
    std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + "\" width=\"" +
                      number(width, "%.0f") + "\" height=\"" + number(height, "%.0f") + "\">\n" + style +
                      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
    svg += text(left, 24.0, "start",
                merged.name + " (preset " + merged.preset + "): dashed, what no other policy beats in both");
    double offset = 30.0;
    for (const auto& [trace, groups] : panels) {
        svg += draw_panel(trace, groups, offset);
        offset += panel_height;
    }
    return svg + "</svg>\n";
}

std::string to_html(const Merged& merged) {
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
           "<meta name=\"viewport\" content=\"width=device-width\">"
           "<style>svg{max-width:100%;height:auto}</style><title>" +
           escape_html(merged.name) + "</title></head><body>\n" + to_svg(merged) + "</body></html>\n";
}

}  // namespace ballast
