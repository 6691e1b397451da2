// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/rule_reader.hpp"

#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ballast::toml_io {

namespace {

// The one of `values` whose name() is the text of `key`.
template <typename T, std::size_t N>
T read_one_of(TableReader& table, const char* key, const T (&values)[N], const std::string& text) {
    std::string known;
    for (const T value : values) {
        if (name(value) == text) return value;
        known += (known.empty() ? "" : ", ") + std::string(name(value));
    }
    table.error(key, "unknown " + std::string(key) + " \"" + text + "\"; known: " + known);
    return values[0];
}

// Minutes of "22:00".
std::optional<int> parse_clock(std::string_view text) {
    const auto digit = [&](std::size_t i) { return std::isdigit(static_cast<unsigned char>(text[i])) != 0; };
    if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
    const int hours = (text[0] - '0') * 10 + text[1] - '0';
    const int minutes = (text[3] - '0') * 10 + text[4] - '0';
    if (hours > 23 || minutes > 59) return std::nullopt;
    return hours * 60 + minutes;
}

WeeklyWindow read_window(TableReader& table) {
    WeeklyWindow window;
    if (table.has("days")) {
        window.days = 0;
        for (const std::string& text : table.texts("days")) {
            const std::optional<int> day = find_weekday(text);
            if (!day) table.error("days", "\"" + text + "\" is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun");
            window.days = static_cast<std::uint8_t>(window.days | (1U << day.value_or(0)));
        }
        if (window.days == 0) table.error("days", "\"days\" must name at least one day");
    }
    if (table.has("between")) {
        const std::vector<std::string> between = table.texts("between");
        const auto opens = between.size() == 2 ? parse_clock(between[0]) : std::nullopt;
        const auto closes = between.size() == 2 ? parse_clock(between[1]) : std::nullopt;
        if (!opens || !closes) table.error("between", "\"between\" must be two times, such as [\"22:00\", \"06:00\"]");
        window.opens_min = opens.value_or(0);
        window.closes_min = closes.value_or(0);
    }
    if (table.has("utc_offset")) {
        const std::string text = table.text("utc_offset");
        const bool sign = !text.empty() && (text[0] == '+' || text[0] == '-');
        const auto offset = sign ? parse_clock(std::string_view(text).substr(1)) : std::nullopt;
        if (!offset) table.error("utc_offset", "\"utc_offset\" must be such as \"+01:00\" or \"-05:30\"");
        window.utc_offset_min = sign && text[0] == '-' ? -offset.value_or(0) : offset.value_or(0);
    }
    return window;
}

RuleException read_exception(TableReader table) {
    RuleException exception;
    exception.vm = table.required_text("vm");
    exception.until_s = table.time("until");
    exception.because = table.text("because");
    table.finish();
    return exception;
}

}  // namespace

RuleSpec read_rule(TableReader table) {
    RuleSpec rule;
    rule.name = table.required_text("name");
    rule.kind = read_one_of(table, "kind", all_rule_kinds, table.required_text("kind"));
    rule.vms = table.texts("vms");
    rule.vm_labels = table.texts("vm_labels");
    rule.hosts = table.texts("hosts");
    rule.host_labels = table.texts("host_labels");
    rule.cpu_model = table.text("cpu_model");
    rule.at_most = static_cast<std::uint32_t>(table.whole("at_most", rule.at_most, 1, 1'000'000));
    if (table.has("per")) rule.per = read_one_of(table, "per", all_fault_domains, table.text("per"));
    rule.weight = table.number("weight", 0.0, {1e-6, 1e6});
    rule.from_s = table.time("from");
    rule.until_s = table.time("until");
    for (TableReader& exception : table.tables("except")) rule.except.push_back(read_exception(exception));
    rule.window = read_window(table);
    table.finish();
    return rule;
}

}  // namespace ballast::toml_io
