// SPDX-License-Identifier: Apache-2.0
#include "scheduler/policy_options.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/check.hpp"

namespace ballast {

namespace {

std::string number(double value) {
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    BALLAST_CHECK(error == std::errc{}, "a double has at most 24 characters");
    return {buffer.data(), end};
}

std::optional<double> parse_number(std::string_view text) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

bool is_whole(std::string_view unit) { return unit == "count" || unit == "samples"; }

std::string known_keys(const PolicyHelp& policy) {
    std::string keys;
    for (const PolicyOptionHelp& option : policy.options) {
        keys += (keys.empty() ? "" : ", ") + std::string(option.key);
    }
    return keys;
}

Result<double> parse_value(const PolicyOptionHelp& option, std::string_view text, const std::string& who) {
    const std::string where = who + "option \"" + std::string(option.key) + "\": ";
    const auto value = parse_number(text);
    if (!value) return fail(ErrorKind::usage, where + "\"" + std::string(text) + "\" is not a number");
    if (*value < option.min || *value > option.max) {
        return fail(ErrorKind::usage, where + number(*value) + " is out of range; " + number(option.min) + " to " +
                                          number(option.max) + " (" + std::string(option.unit) + ") is possible");
    }
    if (is_whole(option.unit) && *value != std::floor(*value)) {
        return fail(ErrorKind::usage, where + number(*value) + " is not a whole number");
    }
    return *value;
}

}  // namespace

Result<std::vector<double>> parse_policy_options(const PolicyHelp& policy, std::string_view text) {
    const std::string who = "policy \"" + std::string(policy.name) + "\": ";
    std::vector<double> values;
    for (const PolicyOptionHelp& option : policy.options) values.push_back(option.default_value);
    std::vector<bool> given(values.size(), false);
    for (bool more = !text.empty(); more;) {
        const std::size_t comma = text.find(',');
        const std::string_view item = text.substr(0, comma);
        more = comma != std::string_view::npos;
        if (more) text.remove_prefix(comma + 1);

        const std::size_t equals = item.find('=');
        if (equals == std::string_view::npos) {
            return fail(ErrorKind::usage, who + "\"" + std::string(item) + "\" is not an option; write key=value");
        }
        const std::string_view key = item.substr(0, equals);
        std::size_t row = 0;
        while (row < values.size() && policy.options[row].key != key) ++row;
        if (row == values.size()) {
            return fail(ErrorKind::usage,
                        who + "there is no option \"" + std::string(key) + "\"; there are: " + known_keys(policy));
        }
        if (given[row]) return fail(ErrorKind::usage, who + "option \"" + std::string(key) + "\" is given twice");
        given[row] = true;
        const Result<double> value = parse_value(policy.options[row], item.substr(equals + 1), who);
        if (!value) return tl::unexpected(value.error());
        values[row] = *value;
    }
    return values;
}

std::string policy_specification(const PolicyHelp& policy, std::span<const double> values) {
    BALLAST_CHECK(values.size() == policy.options.size(), "one value per option");
    std::string text(policy.name);
    for (std::size_t i = 0; i < values.size(); ++i) {
        text += (i == 0 ? ":" : ",") + std::string(policy.options[i].key) + "=" + number(values[i]);
    }
    return text;
}

std::optional<double> option_in(std::string_view specification, std::string_view key) {
    std::size_t begin = specification.find(':');
    while (begin != std::string_view::npos) {
        const std::size_t end = specification.find(',', ++begin);
        const std::string_view item = specification.substr(begin, end == std::string_view::npos ? end : end - begin);
        const std::size_t equals = item.find('=');
        if (equals != std::string_view::npos && item.substr(0, equals) == key) {
            return parse_number(item.substr(equals + 1));
        }
        begin = end;
    }
    return std::nullopt;
}

}  // namespace ballast
