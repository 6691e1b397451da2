// SPDX-License-Identifier: Apache-2.0
#include "plain_cloudsim.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

#include "core/check.hpp"
#include "plain_decision.hpp"
#include "plain_statistics.hpp"
#include "plain_world.hpp"

namespace ballast::plain {

namespace {

using cloudsim::Detector;

std::string key_of(const std::string& name, cloudsim::VmOrder order) {
    if (order == cloudsim::VmOrder::name) return name;
    std::string upper = name;
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return upper;
}

// VM number -> VM of the trace.
std::vector<std::size_t> numbered(const TraceInfo& info, const cloudsim::Options& options) {
    std::vector<std::tuple<std::string, std::string, std::size_t>> names;
    for (std::size_t i = 0; i < info.vms.size(); ++i) {
        names.emplace_back(key_of(info.vms[i].name, options.vm_order), info.vms[i].name, i);
    }
    std::sort(names.begin(), names.end());
    std::vector<std::size_t> order;
    for (const auto& name : names) order.push_back(std::get<2>(name));
    if (options.vm_order == cloudsim::VmOrder::shuffled) {
        Rng random(options.seed);
        for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    }
    return order;
}

// Per VM its samples as fractions, the last one twice: what lies after it goes on.
std::vector<std::vector<double>> read_all(TraceSource& trace, const cloudsim::Options& options) {
    const std::vector<std::size_t> order = numbered(trace.info(), options);
    std::vector<std::vector<double>> data(order.size());
    std::vector<float> percent(order.size());
    for (std::size_t k = 0; k < trace.info().interval_count; ++k) {
        const Status read = trace.read_cpu_percent(k, percent);
        BALLAST_CHECK(read, "the trace can be read");
        for (std::size_t i = 0; i < order.size(); ++i)
            data[i].push_back(static_cast<double>(percent[order[i]]) / 100.0);
    }
    for (std::vector<double>& samples : data) samples.push_back(samples.back());
    return data;
}

class World {
  public:
    World(TraceSource& trace, const cloudsim::Options& options, const cloudsim::FamilyPolicy& policy)
        : options_(options),
          policy_(policy),
          interval_s_(trace.info().interval_s),
          intervals_(trace.info().interval_count),
          data_(read_all(trace, options)),
          random_(options.seed) {
        vms_.resize(data_.size());
        const std::size_t block = (vms_.size() + options.vm_types.size() - 1) / options.vm_types.size();
        for (std::size_t i = 0; i < vms_.size(); ++i) {
            vms_[i].id = i;
            vms_[i].type = options.vm_types[i / block];
        }
        hosts_.resize(options.hosts);
        for (std::size_t i = 0; i < hosts_.size(); ++i) {
            hosts_[i].id = i;
            hosts_[i].type = options.host_types[i % options.host_types.size()];
            hosts_[i].available = hosts_[i].total_mips();
        }
    }

    std::optional<Run> run() {
        for (Vm& vm : vms_) {
            if (!place_at_start(vm)) return std::nullopt;
        }
        const double end_s = static_cast<double>(intervals_) * interval_s_;
        for (double t = options_.first_event_s + interval_s_; t < end_s; t += interval_s_) decide(t);
        if (!options_.quirks.last_interval_unaccounted) update_all(end_s, false);
        count_hosts();
        count_vms();
        return run_;
    }

  private:
    struct InFlight {
        double ends_s;
        Vm* vm;
        Host* to;
    };

    bool place_at_start(Vm& vm) {
        const double mips = vm.type.mips;
        Host* found = nullptr;
        if (policy_.migrates()) {
            found = Decision(hosts_, options_, policy_, random_).find_host(vm, mips, {}, true);
        } else {
            for (Host& host : hosts_) {
                if (found == nullptr && host.suits(mips) && host.free_memory_mb() >= vm.type.memory_mb &&
                    host.free_bandwidth() >= vm.type.bandwidth) {
                    found = &host;
                }
            }
        }
        if (found == nullptr) return false;
        found->add(vm, mips);
        vm.host = found->id;
        return true;
    }

    void decide(double t) {
        update_all(t, true);
        if (!policy_.migrates()) return;
        std::vector<InFlight> in_flight;
        for (const Move& move : Decision(hosts_, options_, policy_, random_).decide()) {
            start(move, t);
            const double seconds = move.vm->type.memory_mb / (move.to->type.bandwidth / (2.0 * 8000.0));
            in_flight.push_back({t + seconds, move.vm, move.to});
        }
        std::stable_sort(in_flight.begin(), in_flight.end(),
                         [](const InFlight& a, const InFlight& b) { return a.ends_s < b.ends_s; });
        for (std::size_t i = 0; i < in_flight.size(); ++i) {
            const double now = in_flight[i].ends_s;
            if (now > last_s_) update_all(now, false);
            complete(*in_flight[i].vm, *in_flight[i].to);
            if (i + 1 == in_flight.size() || in_flight[i + 1].ends_s != now) update_all(now, false);
        }
    }

    void start(const Move& move, double t) {
        Host& from = hosts_[move.vm->host];
        move.vm->migrating = true;
        move.to->in.insert(move.vm);
        move.to->add(*move.vm, move.vm->request);
        move.to->update(t, options_.quirks);
        from.update(t, options_.quirks);
        run_.migrations.push_back({t, move.vm->id, from.id, move.to->id});
        run_.figures.migration_bytes += move.vm->type.memory_mb * 1048576.0;
    }

    void complete(Vm& vm, Host& to) {
        hosts_[vm.host].remove(vm);
        to.in.erase(&vm);
        to.remove(vm);
        vm.migrating = false;
        to.add(vm, vm.request);
        vm.host = to.id;
    }

    // ---- updates --------------------------------------------------------------------------------------------------

    [[nodiscard]] double use(const Vm& vm, double t) const {
        const std::vector<double>& data = data_[vm.id];
        const double position = t / interval_s_;
        if (std::fmod(t, interval_s_) == 0.0) return data[static_cast<std::size_t>(position)];
        const double a = std::floor(position);
        const double b = std::ceil(position);
        const double before = data[static_cast<std::size_t>(a)];
        const double after = data[static_cast<std::size_t>(b)];
        return before + ((after - before) / ((b - a) * interval_s_)) * (t - a * interval_s_);
    }

    void update_all(double t, bool decision) {
        for (Host& host : hosts_) {
            for (Vm* vm : host.vms) {
                const double u = use(*vm, t);
                vm->request = u * vm->type.mips;
                if (!decision || t <= vm->last_sample_s) continue;
                vm->history.insert(vm->history.begin(), u);
                if (vm->history.size() > options_.history_samples) vm->history.pop_back();
                vm->last_sample_s = t;
            }
            host.update(t, options_.quirks);
        }
        if (t > last_s_) add_energy(t - last_s_);
        if (options_.quirks.idle_vms_vanish) remove_idle();
        last_s_ = t;
    }

    void add_energy(double dt) {
        double sum = 0.0;
        for (const Host& host : hosts_) sum += energy(host, dt);
        joules_ += sum;
    }

    [[nodiscard]] double energy(const Host& host, double dt) const {
        if (policy_.detector == Detector::npa) return host.power(1.0) * dt;
        const double before = host.previous_utilisation();
        const double now = host.utilisation();
        if (before == 0.0 && (options_.quirks.wake_up_interval_free || now == 0.0)) return 0.0;
        return (host.power(before) + (host.power(now) - host.power(before)) / 2.0) * dt;
    }

    void remove_idle() {
        for (Vm& vm : vms_) {
            if (vm.gone || vm.migrating || vm.request != 0.0) continue;
            hosts_[vm.host].remove(vm);
            vm.gone = true;
        }
    }

    // ---- figures --------------------------------------------------------------------------------------------------

    void count_hosts() {
        cloudsim::Figures& figures = run_.figures;
        figures.energy_kwh = joules_ / 3600000.0;
        figures.migrations = run_.migrations.size();
        double active_s = 0.0, violating_s = 0.0;
        std::vector<double> before_shutdown_s;
        for (const Host& host : hosts_) {
            bool active = true;
            double on_since_s = 0.0;
            for (const HostRecord& record : host.records) {
                if (active && !record.active) before_shutdown_s.push_back(record.time_s - on_since_s);
                if (!active && record.active) {
                    on_since_s = record.time_s;
                    ++figures.starts;
                    if (!options_.quirks.switching_is_free) {
                        figures.energy_kwh += options_.boot_s * host.power(0.0) / 3600000.0;
                    }
                }
                active = record.active;
            }
            for (std::size_t i = 1; i < host.records.size(); ++i) {
                const HostRecord& previous = host.records[i - 1];
                if (!previous.active) continue;
                const double dt = host.records[i].time_s - previous.time_s;
                active_s += dt;
                if (previous.violating) violating_s += dt;
            }
        }
        figures.slatah = active_s > 0.0 ? violating_s / active_s : 0.0;
        figures.shutdowns = before_shutdown_s.size();
        figures.mean_time_before_shutdown_s = mean(before_shutdown_s);
        figures.stdev_time_before_shutdown_s = stdev(before_shutdown_s);
    }

    void count_vms() {
        cloudsim::Figures& figures = run_.figures;
        double requested = 0.0, allocated = 0.0, lost = 0.0;
        std::vector<double> shortfalls, migration_times_s;
        for (const Vm& vm : vms_) {
            double vm_requested = 0.0, vm_allocated = 0.0, vm_lost = 0.0, contended_s = 0.0, since_s = 0.0;
            for (std::size_t i = 1; i < vm.records.size(); ++i) {
                const VmRecord& previous = vm.records[i - 1];
                const VmRecord& next = vm.records[i];
                const double dt = next.time_s - previous.time_s;
                vm_requested += previous.requested * dt;
                vm_allocated += previous.allocated * dt;
                if (previous.allocated < previous.requested) {
                    shortfalls.push_back((previous.requested - previous.allocated) / previous.requested);
                    (previous.migrating ? vm_lost : contended_s) +=
                        previous.migrating ? (previous.requested - previous.allocated) * dt : dt;
                }
            }
            bool migrating = false;
            for (const VmRecord& record : vm.records) {
                if (!migrating && record.migrating) since_s = record.time_s;
                if (migrating && !record.migrating) migration_times_s.push_back(record.time_s - since_s);
                migrating = record.migrating;
            }
            requested += vm_requested;
            allocated += vm_allocated;
            lost += vm_lost;
            figures.contention_vm_hours += contended_s / 3600.0;
            figures.vms_left += vm.gone ? 0 : 1;
        }
        if (requested > 0.0) {
            figures.sla_overall = (requested - allocated) / requested;
            figures.pdm = lost / requested;
        }
        figures.sla_average = shortfalls.empty() ? 0.0 : mean(shortfalls);
        figures.mean_migration_s = mean(migration_times_s);
        figures.stdev_migration_s = stdev(migration_times_s);
        figures.sla = figures.pdm * figures.slatah;
    }

    const cloudsim::Options& options_;
    const cloudsim::FamilyPolicy& policy_;
    double interval_s_;
    std::size_t intervals_;
    std::vector<std::vector<double>> data_;
    Rng random_;
    std::vector<Vm> vms_;
    std::vector<Host> hosts_;
    double last_s_ = 0.0;
    double joules_ = 0.0;
    Run run_;
};

}  // namespace

std::optional<Run> plain_cloudsim(TraceSource& trace, const cloudsim::Options& options,
                                  const cloudsim::FamilyPolicy& policy) {
    return World(trace, options, policy).run();
}

}  // namespace ballast::plain
