// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/import/trace_builder.hpp"

#include <algorithm>
#include <cmath>

#include "core/check.hpp"
#include "simulator/trace/binary_format.hpp"
#include "simulator/trace/binary_writer.hpp"
#include "simulator/trace/import/column_rows.hpp"
#include "simulator/trace/sample_codes.hpp"

namespace ballast {

namespace {

constexpr std::uint32_t full_weight = 255;  // of a sample that covers its interval
// Rows of a bucket in the spill file: its intervals of CPU, then those of each TraceColumn.
constexpr std::size_t cpu_rows = 0;
constexpr std::size_t rows_of(TraceColumn column) {
    return (static_cast<std::size_t>(column) + 1) * static_cast<std::size_t>(bucket_intervals);
}
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

Result<TraceBuilder::Codes> TraceBuilder::to_codes(double percent, const OtherUse& others) {
    if (!(percent >= 0.0) || !std::isfinite(percent)) return bad("a negative CPU use");
    Codes codes;
    codes.cpu = trace_format::to_steps(static_cast<float>(std::min(percent, 100.0)));
    for (const TraceColumn column : trace_columns) {
        if (!others[column]) continue;
        const double value = *others[column];
        if (!(value >= 0.0) || !std::isfinite(value)) return bad("a negative use of memory, network or disk");
        if (column == TraceColumn::memory) {
            codes.others[column] = trace_format::to_steps(static_cast<float>(std::min(value, 100.0)));
        } else {
            if (value > static_cast<double>(trace_format::rate_max)) return bad("a rate is out of range");
            codes.others[column] = trace_format::to_rate_code(value);
        }
    }
    return codes;
}

Status TraceBuilder::add(VmIndex vm, double time_s, double duration_s, double percent, const OtherUse& others) {
    const Result<Codes> codes = to_codes(percent, others);
    if (!codes) return tl::unexpected(codes.error());
    if (!(std::abs(time_s) <= time_s_max)) return bad("the time is out of range");
    if (!(duration_s >= 0.0) || duration_s > 1000.0 * options_.interval_s) return bad("the period is out of range");
    if (time_s < options_.from_s || time_s >= options_.until_s) {
        ++summary_.samples_outside;
        return {};
    }
    ++summary_.samples;
    if (percent > 100.0) ++summary_.samples_above_100;
    const double width = options_.interval_s;
    const double end_s = time_s + duration_s;
    auto interval = static_cast<std::int64_t>(std::floor(time_s / width));
    if (duration_s == 0.0) return add_to_interval(vm, interval, 0.0, *codes);
    for (; static_cast<double>(interval) * width < end_s; ++interval) {
        const double begin = std::max(time_s, static_cast<double>(interval) * width);
        const double share = (std::min(end_s, static_cast<double>(interval + 1) * width) - begin) / width;
        if (Status ok = add_to_interval(vm, interval, share, *codes); !ok) return ok;
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

Status TraceBuilder::add_to_interval(VmIndex vm, std::int64_t interval, double share, const Codes& codes) {
    if (Status ok = extend(vm, interval, interval); !ok) return ok;
    const std::int64_t bucket = floor_div(interval, bucket_intervals);
    const auto in_bucket = static_cast<std::size_t>(interval - bucket * bucket_intervals);
    const auto covered = static_cast<std::uint32_t>(std::lround(share * full_weight));
    const auto weight = static_cast<std::uint8_t>(std::clamp(covered, 1U, full_weight));
    const auto spill = [&](std::size_t rows, std::uint16_t code) {
        return spill_.add(bucket, {vm, static_cast<std::uint8_t>(rows + in_bucket), weight, code});
    };
    if (Status ok = spill(cpu_rows, codes.cpu); !ok) return ok;
    for (const TraceColumn column : trace_columns) {
        if (!codes.others[column]) continue;
        summary_.recorded[column] = true;
        if (Status ok = spill(rows_of(column), *codes.others[column]); !ok) return ok;
    }
    return {};
}

// All columns of the trace, one bucket at a time.
class TraceBuilder::Bucket {
  public:
    Bucket(const TraceBuilder& builder, const std::vector<VmIndex>& kept)
        : builder_(builder),
          place_(builder.vms_.size(), 0),
          constant_(kept.size(), 0),
          cpu_(kept.size(), builder.options_.hold_intervals_max) {
        for (std::size_t k = 0; k < kept.size(); ++k) {
            place_[kept[k]] = static_cast<VmIndex>(k);
            constant_[k] = builder.vms_[kept[k]].constant_steps;
        }
        for (const TraceColumn column : trace_columns) {
            if (!builder.summary_.recorded[column]) continue;
            others_[column].emplace(kept.size(), builder.options_.hold_intervals_max);
        }
    }

    Status load(std::int64_t bucket) {
        cpu_.clear();
        for (const TraceColumn column : trace_columns) {
            if (others_[column]) others_[column]->clear();
        }
        bool all = true;
        Status ok = builder_.spill_.read(bucket, [&](std::span<const SpilledSample> samples) {
            for (const SpilledSample& sample : samples) all = add(sample) && all;
        });
        if (ok && !all) {
            return fail(ErrorKind::usage,
                        "a VM has more than 65535 samples in one interval; give a shorter --interval");
        }
        return ok;
    }

    CodedInterval make(std::size_t in_bucket, std::size_t interval, const TraceInfo& info) {
        const auto steps = [](std::uint64_t mean) { return static_cast<std::uint16_t>(mean); };
        const auto rate = [](std::uint64_t mean) { return trace_format::to_rate_code(static_cast<double>(mean)); };
        const auto nothing = [](std::size_t) { return std::uint16_t{0}; };
        CodedInterval coded;
        coded.cpu = cpu_.make(in_bucket, interval, info, steps, [&](std::size_t v) { return constant_[v]; });
        for (const TraceColumn column : trace_columns) {
            if (!others_[column]) continue;
            coded.others[column] = column == TraceColumn::memory
                                       ? others_[column]->make(in_bucket, interval, info, steps, nothing)
                                       : others_[column]->make(in_bucket, interval, info, rate, nothing);
        }
        return coded;
    }

    [[nodiscard]] std::uint64_t held() const { return cpu_.held_count; }
    [[nodiscard]] std::uint64_t unsampled() const { return cpu_.unsampled_count; }

  private:
    bool add(const SpilledSample& sample) {
        const std::size_t v = place_[sample.vm];
        const std::size_t in_bucket = sample.row % bucket_intervals;
        const std::size_t rows = sample.row - in_bucket;
        if (rows == cpu_rows) return cpu_.add(in_bucket, v, sample.weight, sample.code);
        const auto column = static_cast<TraceColumn>(rows / bucket_intervals - 1);
        const std::uint64_t value = column == TraceColumn::memory ? sample.code : trace_format::to_rate(sample.code);
        return others_[column]->add(in_bucket, v, sample.weight, value);
    }

    const TraceBuilder& builder_;
    std::vector<VmIndex> place_;           // in the trace, by index in the builder
    std::vector<std::uint16_t> constant_;  // 0 = none
    ColumnRows<std::uint32_t> cpu_;
    ByColumn<std::optional<ColumnRows<std::uint64_t>>> others_;
};

// `kept`: the VMs that are in the trace, in order.
TraceInfo TraceBuilder::make_info(const std::string& name, std::vector<VmIndex>& kept) {
    TraceInfo info;
    info.name = name;
    info.interval_s = options_.interval_s;
    info.interval_count = static_cast<std::size_t>(last_ - first_ + 1);
    info.recorded = summary_.recorded;
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
    return info;
}

Result<TraceBuilderSummary> TraceBuilder::write(
    const std::string& name, const std::string& path,
    const std::function<void(std::size_t intervals_done, std::size_t intervals)>& progress) {
    if (summary_.samples == 0) {
        return fail(ErrorKind::usage, summary_.samples_outside > 0 ? "no sample lies between --from and --until"
                                                                   : "the input holds no sample");
    }
    std::vector<VmIndex> kept;
    const TraceInfo info = make_info(name, kept);
    summary_.vms = kept.size();
    summary_.vms_without_samples = vms_.size() - kept.size();
    summary_.intervals = info.interval_count;

    Result<BinaryTraceWriter> writer = BinaryTraceWriter::create(path, info);
    if (!writer) return tl::unexpected(writer.error());
    Bucket rows(*this, kept);
    for (std::int64_t interval = first_; interval <= last_; ++interval) {
        const std::int64_t bucket = floor_div(interval, bucket_intervals);
        const auto in_bucket = static_cast<std::size_t>(interval - bucket * bucket_intervals);
        if (interval == first_ || in_bucket == 0) {
            if (Status ok = rows.load(bucket); !ok) return tl::unexpected(ok.error());
        }
        const auto index = static_cast<std::size_t>(interval - first_);
        if (Status ok = writer->append(rows.make(in_bucket, index, info)); !ok) return tl::unexpected(ok.error());
        if (progress) progress(index + 1, info.interval_count);
    }
    if (Status ok = writer->finish(); !ok) return tl::unexpected(ok.error());
    summary_.held = rows.held();
    summary_.unsampled = rows.unsampled();
    summary_.file_bytes = writer->bytes_written();
    return summary_;
}

}  // namespace ballast
