// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/import/trace_builder.hpp"

#include <algorithm>
#include <cmath>

#include "core/check.hpp"
#include "simulator/trace/binary_format.hpp"
#include "simulator/trace/binary_writer.hpp"
#include "simulator/trace/source.hpp"

namespace ballast {

namespace {

constexpr std::int64_t bucket_intervals = 24;
constexpr std::uint32_t full_weight = 255;  // of a sample that covers its interval
constexpr double time_s_max = 1e15;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

tl::unexpected<Error> bad(const char* reason) { return fail(ErrorKind::usage, reason); }

}  // namespace

Result<TraceBuilder> TraceBuilder::create(const TraceBuilderOptions& options) {
    BALLAST_CHECK(options.interval_s > 0.0 && std::isfinite(options.interval_s), "not an interval");
    Result<SpillFile> spill = SpillFile::create(options.temporary_folder, options.buffer_bytes);
    if (!spill) return tl::unexpected(spill.error());
    return TraceBuilder(options, std::move(*spill));
}

Result<TraceBuilder::VmIndex> TraceBuilder::vm(std::string_view name) {
    if (const auto known = index_.find(name); known != index_.end()) return known->second;
    if (!trace_format::is_name(name)) return bad("a VM's name is empty, too long or has control characters");
    if (vms_.size() == trace_format::vms_max) return bad("more than 8388608 VMs; import fewer of them");
    const auto index = static_cast<VmIndex>(vms_.size());
    vms_.emplace_back();
    index_.emplace(names_.emplace_back(name), index);
    return index;
}

std::optional<TraceBuilder::VmIndex> TraceBuilder::find(std::string_view name) const {
    const auto known = index_.find(name);
    return known == index_.end() ? std::nullopt : std::optional(known->second);
}

void TraceBuilder::set_size(VmIndex vm, std::uint32_t vcpus, double cpu_mhz, double memory_bytes) {
    Vm& v = vms_[vm];
    v.vcpus = std::max(v.vcpus, vcpus);
    v.cpu_mhz = std::max(v.cpu_mhz, cpu_mhz);
    v.memory_bytes = std::max(v.memory_bytes, memory_bytes);
}

void TraceBuilder::set_life(VmIndex vm, double from_s, double until_s) {
    vms_[vm].life_from_s = from_s;
    vms_[vm].life_until_s = until_s;
}

Status TraceBuilder::add(VmIndex vm, double time_s, double duration_s, double percent) {
    if (!(percent >= 0.0) || !std::isfinite(percent)) return bad("a negative CPU use");
    if (!(std::abs(time_s) <= time_s_max)) return bad("the time is out of range");
    if (!(duration_s >= 0.0) || duration_s > 1000.0 * options_.interval_s) return bad("the period is out of range");
    if (time_s < options_.from_s || time_s >= options_.until_s) {
        ++summary_.samples_outside;
        return {};
    }
    ++summary_.samples;
    if (percent > 100.0) ++summary_.samples_above_100;
    const std::uint16_t steps = trace_format::to_steps(static_cast<float>(std::min(percent, 100.0)));
    const double width = options_.interval_s;
    const double end_s = time_s + duration_s;
    auto interval = static_cast<std::int64_t>(std::floor(time_s / width));
    if (duration_s == 0.0) return add_to_interval(vm, interval, 0.0, steps);
    for (; static_cast<double>(interval) * width < end_s; ++interval) {
        const double begin = std::max(time_s, static_cast<double>(interval) * width);
        const double share = (std::min(end_s, static_cast<double>(interval + 1) * width) - begin) / width;
        if (Status ok = add_to_interval(vm, interval, share, steps); !ok) return ok;
    }
    return {};
}

Status TraceBuilder::set_constant(VmIndex vm, double from_s, double until_s, double percent) {
    if (!(percent >= 0.0 && percent <= 100.0)) return bad("a CPU use outside 0 to 100 %");
    if (!(std::abs(from_s) <= time_s_max && std::abs(until_s) <= time_s_max && from_s <= until_s)) {
        return bad("the life is out of range");
    }
    ++summary_.samples;
    const double from = std::max(from_s, options_.from_s);
    const double until = std::min(until_s, options_.until_s);
    if (from > until || from >= options_.until_s || until < options_.from_s) {
        --summary_.samples;
        ++summary_.samples_outside;
        return {};
    }
    const auto first = static_cast<std::int64_t>(std::floor(from / options_.interval_s));
    const auto end = static_cast<std::int64_t>(std::ceil(until / options_.interval_s));
    vms_[vm].constant_steps = trace_format::to_steps(static_cast<float>(percent));
    return extend(vm, first, std::max(first, end - 1));
}

// The VM lives, and the trace lasts, from `first` to `last` at least.
Status TraceBuilder::extend(VmIndex vm, std::int64_t first, std::int64_t last) {
    if (std::max(last_, last) - std::min(first_, first) >= intervals_max) {
        return bad("the time is more than 1048576 intervals away from others; is it in another unit?");
    }
    first_ = std::min(first_, first);
    last_ = std::max(last_, last);
    vms_[vm].first_sampled = std::min(vms_[vm].first_sampled, first);
    vms_[vm].last_sampled = std::max(vms_[vm].last_sampled, last);
    return {};
}

Status TraceBuilder::add_to_interval(VmIndex vm, std::int64_t interval, double share, std::uint16_t steps) {
    if (Status ok = extend(vm, interval, interval); !ok) return ok;
    const std::int64_t bucket = floor_div(interval, bucket_intervals);
    const auto weight = static_cast<std::uint32_t>(std::lround(share * full_weight));
    return spill_.add(bucket, {vm, static_cast<std::uint8_t>(interval - bucket * bucket_intervals),
                               static_cast<std::uint8_t>(std::clamp(weight, 1U, full_weight)), steps});
}

// The rows of the trace, made of the samples of one bucket at a time.
class TraceBuilder::Rows {
  public:
    Rows(const TraceBuilder& builder, const std::vector<VmIndex>& kept, TraceBuilderSummary& summary)
        : builder_(builder),
          summary_(summary),
          place_(builder.vms_.size(), 0),
          sums_(kept.size() * bucket_intervals),
          weights_(kept.size() * bucket_intervals),
          row_(kept.size()),
          held_(kept.size(), 0),
          last_(kept.size(), 0),
          seen_(kept.size(), false),
          constant_(kept.size(), 0) {
        for (std::size_t k = 0; k < kept.size(); ++k) {
            place_[kept[k]] = static_cast<VmIndex>(k);
            constant_[k] = builder.vms_[kept[k]].constant_steps;
        }
    }

    Status load(std::int64_t bucket) {
        std::ranges::fill(sums_, 0U);
        std::ranges::fill(weights_, std::uint16_t{0});
        bool overflow = false;
        Status ok = builder_.spill_.read(bucket, [&](std::span<const SpilledSample> samples) {
            for (const SpilledSample& sample : samples) {
                const std::size_t cell = sample.interval * row_.size() + place_[sample.vm];
                if (weights_[cell] + sample.weight > std::numeric_limits<std::uint16_t>::max()) {
                    overflow = true;
                    continue;
                }
                weights_[cell] = static_cast<std::uint16_t>(weights_[cell] + sample.weight);
                sums_[cell] += sample.weight * std::uint32_t{sample.steps};
            }
        });
        if (ok && overflow) {
            return fail(ErrorKind::usage,
                        "a VM has more than 65535 samples in one interval; give a shorter --interval");
        }
        return ok;
    }

    // Interval `in_bucket` of the loaded bucket, which is interval `interval` of the trace.
    const std::vector<std::uint16_t>& make(std::int64_t in_bucket, std::size_t interval, const TraceInfo& info) {
        const std::size_t first = static_cast<std::size_t>(in_bucket) * row_.size();
        for (std::size_t v = 0; v < row_.size(); ++v) {
            const bool lives = interval >= info.vms[v].first_interval && interval < info.vms[v].end_interval;
            const std::uint32_t weight = weights_[first + v];
            if (weight > 0) {
                last_[v] = static_cast<std::uint16_t>((sums_[first + v] + weight / 2) / weight);
                held_[v] = 0;
                seen_[v] = true;
                row_[v] = last_[v];
            } else if (lives && constant_[v] > 0) {
                row_[v] = constant_[v];
            } else if (lives && seen_[v] && held_[v] < builder_.options_.hold_intervals_max) {
                ++held_[v];
                ++summary_.held;
                row_[v] = last_[v];
            } else {
                row_[v] = 0;
                if (lives) ++summary_.unsampled;
            }
        }
        return row_;
    }

  private:
    const TraceBuilder& builder_;
    TraceBuilderSummary& summary_;
    std::vector<VmIndex> place_;  // in the trace, by index in the builder
    std::vector<std::uint32_t> sums_;
    std::vector<std::uint16_t> weights_;
    std::vector<std::uint16_t> row_;
    std::vector<std::size_t> held_;
    std::vector<std::uint16_t> last_;
    std::vector<bool> seen_;
    std::vector<std::uint16_t> constant_;  // 0 = none
};

Result<TraceBuilderSummary> TraceBuilder::write(
    const std::string& name, const std::string& path,
    const std::function<void(std::size_t intervals_done, std::size_t intervals)>& progress) {
    if (summary_.samples == 0) {
        return fail(ErrorKind::usage, summary_.samples_outside > 0 ? "no sample lies between --from and --until"
                                                                   : "the input holds no sample");
    }
    TraceInfo info;
    info.name = name;
    info.interval_s = options_.interval_s;
    info.interval_count = static_cast<std::size_t>(last_ - first_ + 1);
    std::vector<VmIndex> kept;
    const auto within = [&](double interval) {
        return std::clamp<double>(interval - static_cast<double>(first_), 0.0,
                                  static_cast<double>(info.interval_count));
    };
    for (VmIndex v = 0; v < vms_.size(); ++v) {
        const Vm& vm = vms_[v];
        if (vm.first_sampled > vm.last_sampled) continue;
        kept.push_back(v);
        const double from = std::min(vm.life_from_s / options_.interval_s, static_cast<double>(vm.first_sampled));
        const double until = std::max(vm.life_until_s / options_.interval_s, static_cast<double>(vm.last_sampled + 1));
        info.vms.push_back({names_[v], static_cast<std::size_t>(within(std::floor(from))),
                            static_cast<std::size_t>(within(std::ceil(until))), vm.vcpus, vm.cpu_mhz, vm.memory_bytes});
    }
    summary_.vms = kept.size();
    summary_.vms_without_samples = vms_.size() - kept.size();
    summary_.intervals = info.interval_count;

    Result<BinaryTraceWriter> writer = BinaryTraceWriter::create(path, info);
    if (!writer) return tl::unexpected(writer.error());
    Rows rows(*this, kept, summary_);
    for (std::int64_t interval = first_; interval <= last_; ++interval) {
        const std::int64_t bucket = floor_div(interval, bucket_intervals);
        const std::int64_t in_bucket = interval - bucket * bucket_intervals;
        if (interval == first_ || in_bucket == 0) {
            if (Status ok = rows.load(bucket); !ok) return tl::unexpected(ok.error());
        }
        const auto index = static_cast<std::size_t>(interval - first_);
        if (Status ok = writer->append(rows.make(in_bucket, index, info)); !ok) return tl::unexpected(ok.error());
        if (progress) progress(index + 1, info.interval_count);
    }
    if (Status ok = writer->finish(); !ok) return tl::unexpected(ok.error());
    summary_.file_bytes = writer->bytes_written();
    return summary_;
}

}  // namespace ballast
