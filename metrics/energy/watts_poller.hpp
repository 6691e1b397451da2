// SPDX-License-Identifier: Apache-2.0
// Measures the watts of all hosts again and again, in threads of its own: a management controller takes seconds to
// answer, and the loop must not wait for it. What it measured last is there at once, as long as it is fresh.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/ports/clock.hpp"
#include "metrics/energy/watts_meter.hpp"

namespace ballast {

// The watts of many hosts (by name) at once, from somebody who measures them all. May take seconds.
using WattsOfMany = std::function<Result<std::map<std::string, double>>()>;

class WattsPoller {
  public:
    static constexpr std::size_t threads_max = 16;
    static constexpr double stale_after_intervals = 3.0;
    static constexpr double stale_after_s_min = 60.0;  // many slow controllers take their time

    // Starts to measure, every `interval_s` or as often as that can be done. `clock` must outlive it. `options` by host
    // (name); those that name no way are not measured. `many`, which may be null, counts for hosts without a fresh
    // reading of their own.
    WattsPoller(const std::map<std::string, WattsOptions>& options, double interval_s, const RunForOutput& run,
                WattsOfMany many, Clock& clock);
    // Ends; waits for commands under way, at most for their timeout.
    ~WattsPoller();
    WattsPoller(const WattsPoller&) = delete;
    WattsPoller& operator=(const WattsPoller&) = delete;

    // The newest reading that is not stale. Thread-safe.
    [[nodiscard]] std::optional<HostWatts> fresh(const std::string& host) const;
    // Whether it has a way to measure this host, be it that it fails now. Thread-safe.
    [[nodiscard]] bool measures(const std::string& host) const;
    // Hosts that are to be measured and were not at the last try, with the reason; under "" what is wrong with the one
    // who measures them all. Thread-safe.
    [[nodiscard]] std::map<std::string, std::string> problems() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ballast
