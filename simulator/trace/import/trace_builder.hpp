// SPDX-License-Identifier: Apache-2.0
// Makes a trace of samples that come in any order: one per VM and time, at irregular times, in more files than fit into
// memory. Memory grows with the number of VMs, not with the length of the recording: 24 intervals of all VMs at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.hpp"
#include "simulator/trace/import/spill_file.hpp"
#include "simulator/trace/source.hpp"

namespace ballast {

// What a sample says beside CPU, in the units of TraceColumn; nothing = nothing.
using OtherUse = ByColumn<std::optional<double>>;

struct TraceBuilderOptions {
    double interval_s = 300.0;
    // Samples outside [from, until) are left out; in the recording's own seconds.
    double from_s = -std::numeric_limits<double>::infinity();
    double until_s = std::numeric_limits<double>::infinity();
    // In an interval without a sample the last one holds on, for at most so many intervals in a row; then it is 0.
    std::size_t hold_intervals_max = 1;
    std::string temporary_folder = ".";
    std::size_t buffer_bytes = std::size_t{64} << 20;
};

struct TraceBuilderSummary {
    std::size_t vms = 0;
    std::size_t vms_without_samples = 0;  // known by name only: not in the trace
    std::size_t intervals = 0;
    std::uint64_t samples = 0;            // that came in
    std::uint64_t samples_outside = 0;    // not within [from, until)
    std::uint64_t samples_above_100 = 0;  // of CPU, taken as 100 %; memory is, too, and is not counted
    std::uint64_t held = 0;               // VM-intervals whose CPU use is that of the sample before
    std::uint64_t unsampled = 0;          // VM-intervals of a VM's life whose CPU use is 0 for want of a sample
    ByColumn<bool> recorded;              // columns of which there was a sample: those the trace has
    std::uint64_t file_bytes = 0;
};

class TraceBuilder {
  public:
    using VmIndex = std::uint32_t;
    // Recordings longer than this are refused: usually times in another unit.
    static constexpr std::int64_t intervals_max = std::int64_t{1} << 20;

    [[nodiscard]] static Result<TraceBuilder> create(const TraceBuilderOptions& options);

    // The VM of this name, new or known; VMs are in the trace in the order of their first mention. Errors: usage, the
    // reason alone: not a name the format can hold, too many VMs.
    [[nodiscard]] Result<VmIndex> vm(std::string_view name);
    [[nodiscard]] std::optional<VmIndex> find(std::string_view name) const;
    // What the recording says about its size; 0 = nothing. Of several calls the largest values stay.
    void set_size(VmIndex vm, std::uint32_t vcpus, double cpu_mhz, double memory_bytes);
    // It lived in [from_s, until_s), and at any rate from its first sample to its last.
    void set_life(VmIndex vm, double from_s, double until_s);

    // For a recording of lives without load: `percent` as long as it lives, wherever there is no sample of it. Errors:
    // as add().
    [[nodiscard]] Status set_constant(VmIndex vm, double from_s, double until_s, double percent);

    // `percent` of CPU at `time_s`, or on average from then on for `duration_s`, in which case it counts in every
    // interval as much as it covers of it. Several samples of an interval are averaged, each column's by themselves.
    // Errors: usage, the reason alone: a negative value, a rate or a time that is out of range.
    [[nodiscard]] Status add(VmIndex vm, double time_s, double duration_s, double percent, const OtherUse& others = {});

    // Writes the trace. To be called once. `progress`, if given, is called after every interval. Errors: usage, there
    // is nothing to write; failed, `path` cannot be written.
    [[nodiscard]] Result<TraceBuilderSummary> write(
        const std::string& name, const std::string& path,
        const std::function<void(std::size_t intervals_done, std::size_t intervals)>& progress = {});

  private:
    struct Vm {
        std::int64_t first_sampled = std::numeric_limits<std::int64_t>::max();
        std::int64_t last_sampled = std::numeric_limits<std::int64_t>::min();
        double life_from_s = std::numeric_limits<double>::infinity();
        double life_until_s = -std::numeric_limits<double>::infinity();
        std::uint32_t vcpus = 0;
        double cpu_mhz = 0.0;
        double memory_bytes = 0.0;
        std::uint16_t constant_steps = 0;
    };
    struct Codes {
        std::uint16_t cpu = 0;
        ByColumn<std::optional<std::uint16_t>> others;
    };
    class Bucket;

    TraceBuilder(const TraceBuilderOptions& options, SpillFile spill) : options_(options), spill_(std::move(spill)) {}
    [[nodiscard]] Status extend(VmIndex vm, std::int64_t first, std::int64_t last);
    [[nodiscard]] static Result<Codes> to_codes(double percent, const OtherUse& others);
    [[nodiscard]] Status add_to_interval(VmIndex vm, std::int64_t interval, double share, const Codes& codes);
    [[nodiscard]] TraceInfo make_info(const std::string& name, std::vector<VmIndex>& kept);

    TraceBuilderOptions options_;
    SpillFile spill_;
    std::deque<std::string> names_;  // stays where it is: the index below has views of it
    std::unordered_map<std::string_view, VmIndex> index_;
    std::vector<Vm> vms_;
    std::int64_t first_ = std::numeric_limits<std::int64_t>::max();  // interval with a sample
    std::int64_t last_ = std::numeric_limits<std::int64_t>::min();
    TraceBuilderSummary summary_;
};

}  // namespace ballast
