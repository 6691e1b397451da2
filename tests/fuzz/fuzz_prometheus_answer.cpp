// SPDX-License-Identifier: Apache-2.0
// Whatever a Prometheus answers is read or refused, and what is read is finite.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "metrics/prometheus/host_values.hpp"
#include "metrics/prometheus/vector_answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto samples = ballast::parse_vector_answer({reinterpret_cast<const char*>(data), size});
    if (!samples) {
        if (samples.error().message.find('\n') != std::string::npos) __builtin_trap();
        return 0;
    }
    for (const ballast::PrometheusSample& sample : *samples) {
        if (!std::isfinite(sample.value) || !std::isfinite(sample.unix_time_s)) __builtin_trap();
    }
    static_cast<void>(ballast::values_by_host(*samples, "instance", {"h1", "h2"}));
    return 0;
}
