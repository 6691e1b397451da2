// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/watts_meter.hpp"

#include <charconv>
#include <cmath>
#include <fstream>
#include <utility>

namespace ballast {

namespace {

constexpr double watts_max = 1e6;
constexpr double microwatts_per_watt = 1e6;
constexpr std::string_view blanks = " \t\r\n";

std::optional<double> number(std::string_view text) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

// Without the blanks around it.
std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

Result<double> read_hwmon(const std::string& path) {
    std::ifstream in(path);
    double microwatts = 0.0;
    if (!(in >> microwatts)) return fail(ErrorKind::failed, path + ": cannot be read as a number");
    const double watts = microwatts / microwatts_per_watt;
    if (!(watts >= 0.0 && watts <= watts_max)) return fail(ErrorKind::failed, path + ": not microwatts of a host");
    return watts;
}

}  // namespace

Result<double> parse_watts(std::string_view text) {
    constexpr std::string_view dcmi = "Instantaneous power reading:";
    std::string_view word = trimmed(text);
    if (const std::size_t at = text.find(dcmi); at != std::string_view::npos) {
        word = text.substr(at + dcmi.size());
        word = trimmed(word.substr(0, word.find('\n')));
        word = word.substr(0, word.find_first_of(blanks));
    }
    const std::optional<double> watts = number(word);
    if (!watts || *watts < 0.0 || *watts > watts_max) {
        return fail(ErrorKind::failed, "\"" + std::string(trimmed(text).substr(0, 60)) + "\" says no watts");
    }
    return *watts;
}

WattsMeter::WattsMeter(WattsOptions options, RunForOutput run)
    : options_(std::move(options)), run_(std::move(run)), rapl_(options_.powercap) {}

Result<std::optional<HostWatts>> WattsMeter::read(double monotonic_s) {
    std::optional<Error> first;
    const auto failed = [&](const Error& error) {
        if (!first) first = error;
    };
    if (!options_.command.empty()) {
        const Result<double> watts = run_(options_.command, options_.timeout_s).and_then(parse_watts);
        if (watts) return HostWatts{*watts, WattsSource::command};
        failed(watts.error());
    }
    if (!options_.hwmon.empty()) {
        const Result<double> watts = read_hwmon(options_.hwmon);
        if (watts) return HostWatts{*watts, WattsSource::hwmon};
        failed(watts.error());
    }
    if (!options_.powercap.empty()) {
        const Result<std::optional<double>> watts = rapl_.watts(monotonic_s);
        if (watts && *watts) return HostWatts{**watts + options_.rest_watts, WattsSource::rapl};
        if (watts) return std::nullopt;
        failed(watts.error());
    }
    return first ? Result<std::optional<HostWatts>>(tl::unexpected(*first)) : std::nullopt;
}

}  // namespace ballast
