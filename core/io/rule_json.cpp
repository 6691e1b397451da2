// SPDX-License-Identifier: Apache-2.0
#include "core/io/rule_json.hpp"

#include <cmath>
#include <cstdint>
#include <optional>

namespace ballast::json {

namespace {

Json write_time(const std::optional<double>& unix_s) { return unix_s ? Json(*unix_s) : Json(nullptr); }

std::optional<double> read_time(const Node& node, const char* key) {
    return node.has(key) ? std::optional(node.at(key).number()) : std::nullopt;
}

Json write(const WeeklyWindow& window) {
    Json days = Json::array();
    for (std::size_t d = 0; d < weekday_names.size(); ++d) {
        if (((window.days >> d) & 1) != 0) days.push_back(weekday_names[d]);
    }
    return {{"days", days},
            {"opens_min", window.opens_min},
            {"closes_min", window.closes_min},
            {"utc_offset_min", window.utc_offset_min}};
}

int read_minutes(const Node& node, int min) {
    const double minutes = node.number();
    if (minutes < min || minutes >= minutes_per_day || minutes != std::floor(minutes)) {
        node.error("minutes of a day are expected");
    }
    return static_cast<int>(minutes);
}

WeeklyWindow read_window(const Node& node) {
    WeeklyWindow window;
    window.days = 0;
    for (const Node& item : node.at("days").items()) {
        const std::optional<int> day = find_weekday(item.text());
        if (!day) item.error("one of Mon, Tue, Wed, Thu, Fri, Sat, Sun is expected");
        window.days = static_cast<std::uint8_t>(window.days | (1U << *day));
    }
    if (window.days == 0) node.at("days").error("at least one day is expected");
    window.opens_min = read_minutes(node.at("opens_min"), 0);
    window.closes_min = read_minutes(node.at("closes_min"), 0);
    window.utc_offset_min = read_minutes(node.at("utc_offset_min"), 1 - minutes_per_day);
    return window;
}

}  // namespace

Json write(const RuleSpec& rule) {
    Json except = Json::array();
    for (const RuleException& exception : rule.except) {
        except.push_back(
            {{"vm", exception.vm}, {"until_unix_s", write_time(exception.until_s)}, {"because", exception.because}});
    }
    return {{"kind", name(rule.kind)},
            {"name", rule.name},
            {"vms", rule.vms},
            {"vm_labels", rule.vm_labels},
            {"hosts", rule.hosts},
            {"host_labels", rule.host_labels},
            {"cpu_model", rule.cpu_model},
            {"at_most", rule.at_most},
            {"per", name(rule.per)},
            {"weight", rule.weight},
            {"from_unix_s", write_time(rule.from_s)},
            {"until_unix_s", write_time(rule.until_s)},
            {"except", except},
            {"window", write(rule.window)}};
}

RuleSpec read_rule(const Node& node) {
    RuleSpec rule;
    rule.kind = one_of(node.at("kind"), all_rule_kinds);
    rule.name = node.at("name").text();
    rule.vms = node.at("vms").texts();
    rule.vm_labels = node.texts_if_any("vm_labels");
    rule.hosts = node.at("hosts").texts();
    rule.host_labels = node.texts_if_any("host_labels");
    rule.cpu_model = node.at("cpu_model").text();
    if (node.has("at_most")) {
        const std::uint64_t at_most = node.at("at_most").whole();
        if (at_most > 1'000'000) node.at("at_most").error("1 to 1000000 is expected");
        rule.at_most = static_cast<std::uint32_t>(at_most);
    }
    if (node.has("per")) rule.per = one_of(node.at("per"), all_fault_domains);
    if (node.has("weight")) rule.weight = node.at("weight").number();
    rule.from_s = read_time(node, "from_unix_s");
    rule.until_s = read_time(node, "until_unix_s");
    if (node.has("except")) {
        for (const Node& item : node.at("except").items()) {
            rule.except.push_back({item.at("vm").text(), read_time(item, "until_unix_s"), item.at("because").text()});
        }
    }
    if (node.has("window")) rule.window = read_window(node.at("window"));
    return rule;
}

}  // namespace ballast::json
