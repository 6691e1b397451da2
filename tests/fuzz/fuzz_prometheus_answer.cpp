// SPDX-License-Identifier: Apache-2.0
// Whatever a Prometheus answers is read or refused, and what is read is finite.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "metrics/prometheus/answer.hpp"
#include "metrics/prometheus/host_values.hpp"

namespace {

void check(const ballast::Error& error) {
    if (error.message.find('\n') != std::string::npos) __builtin_trap();
}

void read_vector(std::string_view text) {
    const auto samples = ballast::parse_vector_answer(text);
    if (!samples) return check(samples.error());
    for (const ballast::PrometheusSample& sample : *samples) {
        if (!std::isfinite(sample.value) || !std::isfinite(sample.unix_time_s)) __builtin_trap();
    }
    static_cast<void>(ballast::values_by_host(*samples, "instance", {"h1", "h2"}));
}

void read_matrix(std::string_view text) {
    const auto all = ballast::parse_matrix_answer(text);
    if (!all) return check(all.error());
    for (const ballast::PrometheusSeries& series : *all) {
        for (const ballast::PrometheusPoint& point : series.points) {
            if (!std::isfinite(point.value) || !std::isfinite(point.unix_time_s)) __builtin_trap();
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read_vector(text);
    read_matrix(text);
    return 0;
}
