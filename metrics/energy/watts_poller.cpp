// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/watts_poller.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace ballast {

namespace {

struct Reading {
    HostWatts watts;
    double monotonic_s = 0.0;
};

struct Metered {
    std::string host;
    WattsMeter meter;  // used by one thread at a time
};

}  // namespace

struct WattsPoller::Impl {
    Impl(double interval, WattsOfMany of_many, Clock& the_clock)
        : interval_s(interval), many(std::move(of_many)), clock(the_clock) {}

    void measure(Metered& metered) {
        const double at_s = clock.monotonic_s();
        const Result<std::optional<HostWatts>> watts = metered.meter.read(at_s);
        const std::scoped_lock lock(mutex);
        if (!watts) {
            problems[metered.host] = watts.error().message;
            return;
        }
        problems.erase(metered.host);
        if (*watts) readings[metered.host] = {**watts, at_s};
    }

    void measure_many() {
        const double at_s = clock.monotonic_s();
        const Result<std::map<std::string, double>> watts = many();
        const std::scoped_lock lock(mutex);
        if (!watts) {
            problems[""] = watts.error().message;
            return;
        }
        problems.erase("");
        for (const auto& [host, value] : *watts) {
            if (value >= 0.0) readings_of_many[host] = {{value, WattsSource::prometheus}, at_s};
        }
    }

    // All hosts once, several at a time.
    void round(const std::stop_token& stop) {
        if (many) measure_many();
        std::atomic<std::size_t> next = 0;
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < std::min(threads_max, hosts.size()); ++i) {
            threads.emplace_back([this, &next, &stop] {
                for (std::size_t h = next++; h < hosts.size() && !stop.stop_requested(); h = next++) measure(hosts[h]);
            });
        }
    }

    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            round(stop);
            std::unique_lock lock(mutex);
            ended.wait_for(lock, stop, std::chrono::duration<double>(interval_s), [] { return false; });
        }
    }

    // Of one of the two maps; the mutex is held.
    [[nodiscard]] std::optional<HostWatts> fresh(const std::map<std::string, Reading>& from,
                                                 const std::string& host) const {
        const auto reading = from.find(host);
        const double stale_after_s = std::max(stale_after_intervals * interval_s, stale_after_s_min);
        if (reading == from.end() || clock.monotonic_s() - reading->second.monotonic_s > stale_after_s) {
            return std::nullopt;
        }
        return reading->second.watts;
    }

    double interval_s;
    WattsOfMany many;
    Clock& clock;
    std::vector<Metered> hosts;
    mutable std::mutex mutex;
    std::condition_variable_any ended;
    std::map<std::string, Reading> readings;
    std::map<std::string, Reading> readings_of_many;
    std::map<std::string, std::string> problems;
    std::jthread thread;  // last: it uses all of the above
};

WattsPoller::WattsPoller(const std::map<std::string, WattsOptions>& options, double interval_s, const RunForOutput& run,
                         WattsOfMany many, Clock& clock)
    : impl_(std::make_unique<Impl>(interval_s, std::move(many), clock)) {
    for (const auto& [host, ways] : options) {
        if (ways.any()) impl_->hosts.push_back({host, WattsMeter(ways, run)});
    }
    if (impl_->hosts.empty() && !impl_->many) return;
    impl_->thread = std::jthread([raw = impl_.get()](const std::stop_token& stop) { raw->run(stop); });
}

WattsPoller::~WattsPoller() = default;

std::optional<HostWatts> WattsPoller::fresh(const std::string& host) const {
    const std::scoped_lock lock(impl_->mutex);
    const std::optional<HostWatts> own = impl_->fresh(impl_->readings, host);
    return own ? own : impl_->fresh(impl_->readings_of_many, host);
}

bool WattsPoller::measures(const std::string& host) const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->readings_of_many.contains(host) ||
           std::any_of(impl_->hosts.begin(), impl_->hosts.end(), [&](const Metered& m) { return m.host == host; });
}

std::map<std::string, std::string> WattsPoller::problems() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->problems;
}

}  // namespace ballast
