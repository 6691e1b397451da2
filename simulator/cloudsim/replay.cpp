// SPDX-License-Identifier: Apache-2.0
#include "simulator/cloudsim/replay.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "simulator/cloudsim/datacenter.hpp"
#include "simulator/cloudsim/optimiser.hpp"
#include "simulator/cloudsim/policy_decider.hpp"
#include "simulator/cloudsim/vm_order.hpp"

namespace ballast::cloudsim {

namespace {

constexpr double bytes_per_mb = 1048576.0;

// CPU use at any time: linear between samples.
class Load {
  public:
    Load(TraceSource& trace, std::vector<std::uint32_t> order)
        : trace_(trace),
          order_(std::move(order)),
          read_(order_.size()),
          at_(order_.size()),
          next_(order_.size()),
          slope_(order_.size()) {}

    [[nodiscard]] Status at(double time_s, std::span<double> use) {
        const double interval_s = trace_.info().interval_s;
        const double position = time_s / interval_s;
        const bool on_sample = std::fmod(time_s, interval_s) == 0.0;
        const auto sample = static_cast<std::size_t>(std::floor(position));
        if (Status ok = load(sample); !ok) return ok;
        if (on_sample) {
            std::copy(at_.begin(), at_.end(), use.begin());
            return {};
        }
        const double since_s = time_s - static_cast<double>(sample) * interval_s;
        for (std::size_t i = 0; i < use.size(); ++i) use[i] = at_[i] + slope_[i] * since_s;
        return {};
    }

  private:
    Status load(std::size_t sample) {
        if (sample == loaded_) return {};
        if (sample == loaded_ + 1) {
            std::swap(at_, next_);
        } else if (Status ok = read(sample, at_); !ok) {
            return ok;
        }
        loaded_ = sample;
        if (Status ok = read(sample + 1, next_); !ok) return ok;
        const double interval_s = trace_.info().interval_s;
        for (std::size_t i = 0; i < slope_.size(); ++i) slope_[i] = (next_[i] - at_[i]) / interval_s;
        return {};
    }

    // Beyond the end the last sample goes on.
    Status read(std::size_t sample, std::vector<double>& into) {
        const std::size_t last = trace_.info().interval_count - 1;
        if (Status ok = trace_.read_cpu_percent(std::min(sample, last), read_); !ok) return ok;
        for (std::size_t i = 0; i < into.size(); ++i) into[i] = static_cast<double>(read_[order_[i]]) / 100.0;
        return {};
    }

    static constexpr std::size_t nothing = static_cast<std::size_t>(-2);
    TraceSource& trace_;
    std::vector<std::uint32_t> order_;
    std::size_t loaded_ = nothing;
    std::vector<float> read_;
    std::vector<double> at_;
    std::vector<double> next_;
    std::vector<double> slope_;  // per second
};

class Replay {
  public:
    Replay(TraceSource& trace, const Options& options, const FamilyPolicy& policy, const Policy* own,
           const ReplayHooks& hooks)
        : options_(options),
          policy_(policy),
          hooks_(hooks),
          interval_s_(trace.info().interval_s),
          end_s_(static_cast<double>(trace.info().interval_count) * interval_s_),
          load_(trace, vm_order(trace.info(), options)),
          dc_(options, trace.info().vms.size()),
          accounting_(dc_),
          optimiser_(dc_, policy, options.seed),
          use_(dc_.vm_count()) {
        if (own != nullptr) own_.emplace(dc_, *own, options.seed, interval_s_);
    }

    Result<Figures> run(std::size_t interval_count) {
        if (Status ok = place_all(); !ok) return tl::unexpected(ok.error());
        std::size_t done = 0;
        for (double time_s = options_.first_event_s + interval_s_; time_s < end_s_; time_s += interval_s_) {
            if (Status ok = decision(time_s); !ok) return tl::unexpected(ok.error());
            if (hooks_.progress) hooks_.progress(++done, interval_count - 1);
        }
        if (!options_.quirks.last_interval_unaccounted) {
            if (Status ok = update_all(end_s_, false); !ok) return tl::unexpected(ok.error());
        }
        if (last_s_ > 0.0) accounting_.close_moment(last_s_);
        Figures figures = accounting_.figures();
        figures.migration_bytes = migrated_mb_ * bytes_per_mb;
        return figures;
    }

  private:
    struct InFlight {
        double ends_s;
        VmIndex vm;
        HostIndex to;
    };

    // ---- the first placement --------------------------------------------------------------------------------------

    Status place_all() {
        const std::size_t hosts = dc_.host_count();
        std::vector<double> free_memory(hosts), free_bandwidth(hosts), used(hosts, 0.0);
        for (HostIndex h = 0; h < hosts; ++h) {
            free_memory[h] = dc_.type(h).memory_mb;
            free_bandwidth[h] = dc_.type(h).bandwidth;
        }
        for (VmIndex vm = 0; vm < dc_.vm_count(); ++vm) {
            const double mips = dc_.mips[vm];
            HostIndex found = no_host;
            double best = std::numeric_limits<double>::max();
            for (HostIndex h = 0; h < hosts; ++h) {
                if (dc_.core_mips[h] < mips || dc_.free_mips[h] < mips || free_memory[h] < dc_.memory_mb[vm] ||
                    free_bandwidth[h] < dc_.bandwidth[vm]) {
                    continue;
                }
                if (!policy_.migrates()) {
                    found = h;
                    break;
                }
                if (used[h] != 0.0 && mips / dc_.total_mips[h] > start_threshold()) continue;
                const double rise = dc_.power_watts(h, (used[h] + mips) / dc_.total_mips[h]) - dc_.watts[h];
                if (rise < best) {
                    best = rise;
                    found = h;
                }
            }
            if (found == no_host) {
                return fail(ErrorKind::usage, "VM " + std::to_string(vm + 1) + " of " + std::to_string(dc_.vm_count()) +
                                                  " fits on no host at the start; give the preset more hosts");
            }
            used[found] += mips;
            dc_.free_mips[found] -= mips;
            free_memory[found] -= dc_.memory_mb[vm];
            free_bandwidth[found] -= dc_.bandwidth[vm];
            dc_.slots[found].push_back({vm, false, mips});
            dc_.host[vm] = found;
        }
        return {};
    }

    // No VM has a history yet, and those placed ask for nothing yet.
    [[nodiscard]] double start_threshold() const {
        return policy_.detector == Detector::thr ? policy_.parameter : options_.fallback_threshold;
    }

    // ---- time passes ----------------------------------------------------------------------------------------------

    Status decision(double time_s) {
        if (Status ok = update_all(time_s, true); !ok) return ok;
        samples_ = std::min(samples_ + 1, options_.history_samples);
        if (hooks_.timeline != nullptr) hooks_.timeline->end_interval(hosts_in_use());
        if (!policy_.migrates()) return {};
        in_flight_.clear();
        if (own_) {
            const Result<std::vector<Move>> moves = own_->decide(time_s, samples_);
            if (!moves) return tl::unexpected(moves.error());
            for (const Move& move : *moves) start(move, time_s);
        } else {
            for (const Move& move : optimiser_.decide(samples_)) start(move, time_s);
        }
        std::stable_sort(in_flight_.begin(), in_flight_.end(),
                         [](const InFlight& a, const InFlight& b) { return a.ends_s < b.ends_s; });
        for (std::size_t i = 0; i < in_flight_.size(); ++i) {
            const double ends_s = in_flight_[i].ends_s;
            if (ends_s > last_s_) {
                if (Status ok = update_all(ends_s, false); !ok) return ok;
            }
            complete(in_flight_[i]);
            if (i + 1 == in_flight_.size() || in_flight_[i + 1].ends_s != ends_s) update_touched();
        }
        return {};
    }

    Status update_all(double time_s, bool sample) {
        const double dt = time_s - last_s_;
        if (last_s_ > 0.0) accounting_.close_moment(last_s_);
        if (Status ok = load_.at(time_s, use_); !ok) return ok;
        for (const VmIndex vm : dc_.alive) dc_.request_mips[vm] = use_[vm] * dc_.mips[vm];
        if (sample) dc_.add_samples(use_);
        double joules = 0.0;
        for (HostIndex h = 0; h < dc_.host_count(); ++h) joules += update_host(h, dt);
        accounting_.add_energy(joules);
        if (options_.quirks.idle_vms_vanish) remove_idle();
        last_s_ = time_s;
        return {};
    }

    // Once more at the same time, after VMs arrived: only their hosts can have changed.
    void update_touched() {
        for (const HostIndex h : touched_) dc_.update(h);
        touched_.clear();
        if (options_.quirks.idle_vms_vanish) remove_idle();
    }

    // Joules from the last update to this one.
    double update_host(HostIndex h, double dt) {
        const double before = dc_.utilisation[h];
        const double watts = dc_.watts[h];
        const bool violated = dc_.violating[h] != 0;
        if (!dc_.slots[h].empty() || before != 0.0) dc_.update(h);
        double joules = 0.0;
        if (policy_.detector == Detector::npa) {
            joules = dc_.power_watts(h, 1.0) * dt;
        } else if (before != 0.0 || (!options_.quirks.wake_up_interval_free && dc_.used_mips[h] > 0.0)) {
            joules = (watts + (dc_.watts[h] - watts) / 2.0) * dt;
        }
        if (hooks_.timeline != nullptr) {
            hooks_.timeline->add({h, dt, joules / dt, before > 0.0, before, before > 0.0, before > 0.0 && violated});
        }
        return joules;
    }

    void remove_idle() {
        std::erase_if(dc_.alive, [&](VmIndex vm) {
            if (dc_.request_mips[vm] != 0.0 || dc_.migrating[vm] != 0) return false;
            erase_slot(dc_.host[vm], vm, false);
            dc_.host[vm] = no_host;
            accounting_.count_removal(vm);
            return true;
        });
    }

    [[nodiscard]] std::size_t hosts_in_use() const {
        return static_cast<std::size_t>(
            std::count_if(dc_.used_mips.begin(), dc_.used_mips.end(), [](double used) { return used > 0.0; }));
    }

    // ---- migrations -----------------------------------------------------------------------------------------------

    void start(const Move& move, double time_s) {
        const HostIndex from = dc_.host[move.vm];
        dc_.migrating[move.vm] = 1;
        dc_.slots[move.to].push_back({move.vm, true, 0.0});
        dc_.update(move.to);
        dc_.update(from);
        accounting_.count_migration();
        migrated_mb_ += dc_.memory_mb[move.vm];
        if (hooks_.migration) hooks_.migration(time_s, move.vm, from, move.to);
        if (hooks_.timeline != nullptr) hooks_.timeline->add_migration();
        in_flight_.push_back({time_s + migration_seconds(dc_.memory_mb[move.vm], dc_.type(move.to)), move.vm, move.to});
    }

    // A VM that moves twice moves in both steps, one after the other.
    void complete(const InFlight& migration) {
        erase_slot(dc_.host[migration.vm], migration.vm, false);
        erase_slot(migration.to, migration.vm, true);
        dc_.migrating[migration.vm] = 0;
        dc_.slots[migration.to].push_back({migration.vm, false, 0.0});
        touched_.push_back(dc_.host[migration.vm]);
        touched_.push_back(migration.to);
        dc_.host[migration.vm] = migration.to;
    }

    void erase_slot(HostIndex h, VmIndex vm, bool arriving) {
        std::vector<Slot>& slots = dc_.slots[h];
        const auto found = std::find_if(slots.begin(), slots.end(),
                                        [&](const Slot& slot) { return slot.vm == vm && slot.arriving == arriving; });
        if (found != slots.end()) slots.erase(found);
    }

    const Options& options_;
    const FamilyPolicy& policy_;
    const ReplayHooks& hooks_;
    double interval_s_;
    double end_s_;
    Load load_;
    Datacenter dc_;
    Accounting accounting_;
    Optimiser optimiser_;
    std::optional<PolicyDecider> own_;
    std::vector<double> use_;
    double last_s_ = 0.0;
    double migrated_mb_ = 0.0;
    std::size_t samples_ = 0;
    std::vector<InFlight> in_flight_;
    std::vector<HostIndex> touched_;  // by migrations that ended just now
};

Status check(const TraceInfo& info, const Options& options) {
    if (info.vms.empty() || info.interval_count < 2) {
        return fail(ErrorKind::usage,
                    "trace " + info.name + ": nothing to replay: it needs VMs and two samples of each");
    }
    for (const HostType& host : options.host_types) {
        for (const VmType& vm : options.vm_types) {
            if (migration_seconds(vm.memory_mb, host) + options.first_event_s < info.interval_s) continue;
            return fail(ErrorKind::usage,
                        "a VM of " + std::to_string(static_cast<long>(vm.memory_mb)) + " MB does not reach " +
                            host.name + " within one interval: the reference world cannot tell what happens then");
        }
    }
    return {};
}

}  // namespace

Result<Figures> replay(TraceSource& trace, const Options& options, const FamilyPolicy& policy,
                       const ReplayHooks& hooks) {
    if (Status ok = check(trace.info(), options); !ok) return tl::unexpected(ok.error());
    return Replay(trace, options, policy, nullptr, hooks).run(trace.info().interval_count);
}

Result<Figures> replay(TraceSource& trace, const Options& options, const Policy& policy, const ReplayHooks& hooks) {
    if (Status ok = check(trace.info(), options); !ok) return tl::unexpected(ok.error());
    FamilyPolicy first_placement;
    first_placement.detector = Detector::thr;
    first_placement.parameter = options.fallback_threshold;
    return Replay(trace, options, first_placement, &policy, hooks).run(trace.info().interval_count);
}

}  // namespace ballast::cloudsim
