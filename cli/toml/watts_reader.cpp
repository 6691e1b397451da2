// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/watts_reader.hpp"

#include <cstddef>
#include <string_view>

#include "cli/toml/prometheus_access_reader.hpp"

namespace ballast::toml_io {

namespace {

std::string with_host(std::string text, const std::string& host) {
    constexpr std::string_view place = "{host}";
    for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at + host.size())) {
        text.replace(at, place.size(), host);
    }
    return text;
}

}  // namespace

WattsOptions read_watts(TableReader table, const WattsOptions& otherwise) {
    WattsOptions watts = otherwise;
    if (table.has("command")) watts.command = table.texts("command");
    watts.hwmon = table.text("hwmon", otherwise.hwmon);
    watts.powercap = table.text("powercap", otherwise.powercap);
    watts.rest_watts = table.number("rest_watts", otherwise.rest_watts, {0.0, 1e5});
    watts.timeout_s = table.number("timeout_s", otherwise.timeout_s, {0.1, 600.0});
    if (!watts.command.empty() && watts.command.front().empty()) {
        table.error("command", "\"command\" must begin with a program");
    }
    table.finish();
    return watts;
}

WattsOptions for_host(WattsOptions options, const std::string& host) {
    for (std::string& word : options.command) word = with_host(word, host);
    options.hwmon = with_host(options.hwmon, host);
    options.powercap = with_host(options.powercap, host);
    return options;
}

PrometheusSettings read_prometheus(TableReader table) {
    PrometheusSettings settings;
    PrometheusOptions& client = settings.access.client;
    client.url = table.required_text("url");
    while (client.url.ends_with('/')) client.url.pop_back();
    if (!client.url.starts_with("http://") && !client.url.starts_with("https://")) {
        table.error("url", "\"url\" begins with http:// or https://, such as \"http://127.0.0.1:9090\"");
    }
    read_prometheus_access(table, settings.access);
    settings.host_label = table.text("host_label", settings.host_label);
    settings.watts = table.text("watts", settings.watts);
    PressureQueries& pressure = settings.pressure;
    pressure.cpu_stall = table.text("cpu_stall", pressure.cpu_stall);
    pressure.memory_stall = table.text("memory_stall", pressure.memory_stall);
    pressure.io_stall = table.text("io_stall", pressure.io_stall);
    pressure.swap_bytes_per_s = table.text("swap_bytes_per_s", pressure.swap_bytes_per_s);
    table.finish();
    return settings;
}

EnergyFactors read_energy_factors(TableReader table) {
    EnergyFactors factors;
    factors.price_per_kwh = table.number("price_per_kwh", 0.0, {0.0, 1e9});
    factors.currency = table.text("currency");
    factors.co2e_grams_per_kwh = table.number("co2e_grams_per_kwh", 0.0, {0.0, 1e5});
    if (factors.price_per_kwh > 0.0 && factors.currency.empty()) {
        table.error("price_per_kwh", "a \"price_per_kwh\" needs a \"currency\", such as \"EUR\"");
    }
    table.finish();
    return factors;
}

}  // namespace ballast::toml_io
