// SPDX-License-Identifier: Apache-2.0
#include "cli/prometheus_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

namespace ballast {

namespace {

constexpr std::uint64_t steps_per_answer_max = 256;
constexpr double vcpus_max = 65'536.0;

std::string with_interval(std::string expression, double interval_s) {
    constexpr std::string_view place = "$interval";
    const std::string length = fmt::format("{}ms", std::llround(interval_s * 1000.0));
    for (std::size_t at = expression.find(place); at != std::string::npos; at = expression.find(place, at)) {
        expression.replace(at, place.size(), length);
    }
    return expression;
}

using Points = std::vector<PrometheusPoint>;
using PointsByVm = std::map<std::string, Points>;

std::optional<double> value_at(const PointsByVm& of, const std::string& vm, double unix_time_s) {
    const auto points = of.find(vm);
    if (points == of.end()) return std::nullopt;
    const auto point = std::lower_bound(points->second.begin(), points->second.end(), unix_time_s,
                                        [](const PrometheusPoint& p, double time) { return p.unix_time_s < time; });
    if (point == points->second.end() || point->unix_time_s != unix_time_s) return std::nullopt;
    return point->value;
}

double largest(const PointsByVm& of, const std::string& vm) {
    const auto points = of.find(vm);
    double most = 0.0;
    if (points == of.end()) return most;
    for (const PrometheusPoint& point : points->second) most = std::max(most, point.value);
    return most;
}

// Asks and adds piece after piece.
class PrometheusImport {
  public:
    PrometheusImport(const RangeQuery& ask, const VmLoadQueries& queries, double interval_s, TraceBuilder& builder)
        : ask_(ask), queries_(queries), interval_s_(interval_s), builder_(builder) {}

    // By query, then by VM.
    struct Load {
        PointsByVm cpu, memory, network, disk, vcpus, memory_bytes, cpu_mhz;
    };

    // Of the intervals that end at these times and between them.
    Result<Load> fetch(double first_s, double last_s) {
        Load load;
        const std::array<std::pair<const std::string*, PointsByVm*>, 7> all = {{
            {&queries_.cpu_percent, &load.cpu},
            {&queries_.memory_percent, &load.memory},
            {&queries_.network_bytes_per_s, &load.network},
            {&queries_.disk_bytes_per_s, &load.disk},
            {&queries_.vcpus, &load.vcpus},
            {&queries_.memory_bytes, &load.memory_bytes},
            {&queries_.cpu_mhz, &load.cpu_mhz},
        }};
        for (const auto& [expression, of] : all) {
            if (expression->empty()) continue;
            Result<PointsByVm> answer = ask(*expression, first_s, last_s, interval_s_);
            if (!answer) return tl::unexpected(answer.error());
            *of = std::move(*answer);
        }
        return load;
    }

    Status add(const Load& load) {
        for (const auto& [vm, points] : load.cpu) {
            if (Status ok = add(vm, points, load); !ok) return ok;
        }
        return {};
    }

    [[nodiscard]] std::uint64_t samples() const { return samples_; }

  private:
    Status add(const std::string& name, const Points& points, const Load& load) {
        const Result<TraceBuilder::VmIndex> vm = builder_.vm(name);
        if (!vm) return tl::unexpected(vm.error());
        const double vcpus = std::clamp(largest(load.vcpus, name), 0.0, vcpus_max);
        builder_.set_size(*vm, static_cast<std::uint32_t>(vcpus), largest(load.cpu_mhz, name),
                          largest(load.memory_bytes, name));
        for (const PrometheusPoint& point : points) {
            OtherUse others;
            others[TraceColumn::memory] = value_at(load.memory, name, point.unix_time_s);
            others[TraceColumn::network] = value_at(load.network, name, point.unix_time_s);
            others[TraceColumn::disk_io] = value_at(load.disk, name, point.unix_time_s);
            const Status ok = builder_.add(*vm, point.unix_time_s - interval_s_, interval_s_, point.value, others);
            if (!ok)
                return fail(ErrorKind::failed,
                            fmt::format("{} at {}: {}", name, point.unix_time_s, ok.error().message));
            ++samples_;
        }
        return {};
    }

    // The answer, by VM. Prometheus gives the points of a series in the order of their times.
    Result<PointsByVm> ask(const std::string& expression, double first_s, double last_s, double step_s) {
        Result<std::vector<PrometheusSeries>> answer =
            ask_(with_interval(expression, interval_s_), first_s, last_s, step_s);
        if (!answer) return tl::unexpected(answer.error());
        PointsByVm by_vm;
        for (PrometheusSeries& series : *answer) {
            const auto label = series.labels.find(queries_.vm_label);
            if (label == series.labels.end()) {
                return fail(ErrorKind::failed, fmt::format("the query {} gives a series without the label \"{}\"",
                                                           expression, queries_.vm_label));
            }
            if (!by_vm.emplace(label->second, std::move(series.points)).second) {
                return fail(ErrorKind::failed, fmt::format("the query {} gives several series of {}; sum them by {}",
                                                           expression, label->second, queries_.vm_label));
            }
        }
        return by_vm;
    }

    const RangeQuery& ask_;
    const VmLoadQueries& queries_;
    double interval_s_;
    TraceBuilder& builder_;
    std::uint64_t samples_ = 0;
};

}  // namespace

Status import_from_prometheus(
    const RangeQuery& ask, const VmLoadQueries& queries, const ImportSpan& span, TraceBuilder& builder,
    const std::function<void(std::uint64_t intervals_done, std::uint64_t intervals)>& progress) {
    // Whole intervals: the first one begins at or after from_s, the last one ends at or before until_s.
    const double first = std::ceil(span.from_s / span.interval_s) + 1.0;
    const double last = std::floor(span.until_s / span.interval_s);
    if (!(first <= last)) return fail(ErrorKind::usage, "no whole interval lies between --from and --until");
    if (last - first >= static_cast<double>(TraceBuilder::intervals_max)) {
        return fail(ErrorKind::usage, "between --from and --until lie more intervals than a trace can have");
    }
    const auto intervals = static_cast<std::uint64_t>(last - first) + 1;
    PrometheusImport import(ask, queries, span.interval_s, builder);
    std::uint64_t steps = steps_per_answer_max;
    for (std::uint64_t done = 0; done < intervals;) {
        const double from = first + static_cast<double>(done);
        const double until = std::min(from + static_cast<double>(steps) - 1.0, last);
        const auto load = import.fetch(from * span.interval_s, until * span.interval_s);
        if (!load && load.error().kind == ErrorKind::failed && steps > 1) {
            steps /= 2;  // perhaps it was too much at once, for Prometheus or for us
            continue;
        }
        if (!load) return tl::unexpected(load.error());
        if (Status ok = import.add(*load); !ok) return ok;
        done += steps;
        if (progress) progress(std::min(done, intervals), intervals);
    }
    if (import.samples() > 0) return {};
    return fail(ErrorKind::failed,
                "nothing is recorded there; do the queries fit the exporter (--queries), and is the interval at least "
                "twice that of the scrapes?");
}

}  // namespace ballast
