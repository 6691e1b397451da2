// SPDX-License-Identifier: Apache-2.0
#include "metrics/exporter.hpp"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cmath>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

#include "metrics/exporter_gauges.hpp"
#include "metrics/loopback_address.hpp"

namespace ballast {

namespace {

// /metrics is small; one thread for a scrape and one for a person looking are plenty.
constexpr std::size_t server_threads = 2;

const prometheus::Histogram::BucketBoundaries collect_buckets_s = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                                                   1,    2.5,   5,    10,  30};
const prometheus::Histogram::BucketBoundaries duration_buckets_s = {1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640, 1280};
const prometheus::Histogram::BucketBoundaries downtime_buckets_s = {0.02, 0.05, 0.1, 0.2, 0.3, 0.5,
                                                                    0.75, 1,    2,   5,   10,  30};

// Serves the gauges of the newest snapshot.
class SnapshotGauges final : public prometheus::Collectable {
  public:
    void set(std::vector<GaugeFamily> families) {
        const std::scoped_lock lock(mutex_);
        families_ = std::move(families);
    }

    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
        const std::scoped_lock lock(mutex_);
        std::vector<prometheus::MetricFamily> result;
        for (const GaugeFamily& family : families_) {
            if (family.samples.empty()) continue;
            prometheus::MetricFamily out;
            out.name = family.name;
            out.help = family.help;
            out.type = prometheus::MetricType::Gauge;
            for (const GaugeSample& sample : family.samples) out.metric.push_back(metric(sample));
            result.push_back(std::move(out));
        }
        return result;
    }

  private:
    static prometheus::ClientMetric metric(const GaugeSample& sample) {
        prometheus::ClientMetric metric;
        if (!sample.host.empty()) metric.label.push_back({"host", sample.host});
        if (!sample.source.empty()) metric.label.push_back({"source", sample.source});
        metric.gauge.value = sample.value;
        return metric;
    }

    mutable std::mutex mutex_;
    std::vector<GaugeFamily> families_;
};

template <typename Builder>
auto& family(prometheus::Registry& registry, Builder builder, const char* name, const char* help) {
    return builder.Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
    return family(registry, prometheus::BuildCounter(), name, help);
}

prometheus::Histogram& histogram(prometheus::Registry& registry, const char* name, const char* help,
                                 const prometheus::Histogram::BucketBoundaries& buckets) {
    return family(registry, prometheus::BuildHistogram(), name, help).Add({}, buckets);
}

}  // namespace

struct Exporter::Impl {
    // Declared before the server, so that it outlives it.
    std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
    std::shared_ptr<SnapshotGauges> gauges = std::make_shared<SnapshotGauges>();
    std::unique_ptr<prometheus::Exposer> server;

    prometheus::Histogram& collect_s =
        histogram(*registry, "ballast_collect_duration_seconds", "Time to read all hosts once.", collect_buckets_s);
    prometheus::Family<prometheus::Counter>& migrations =
        counters(*registry, "ballast_migrations_total", "Migrations that came to an end, by result as in the journal.");
    prometheus::Histogram& duration_s =
        histogram(*registry, "ballast_migration_duration_seconds", "Duration of migrations, from the call to its end.",
                  duration_buckets_s);
    prometheus::Histogram& downtime_s =
        histogram(*registry, "ballast_migration_downtime_seconds",
                  "Time guests stood still for a migration, as the hypervisor says.", downtime_buckets_s);
    prometheus::Counter& transferred = counters(*registry, "ballast_migration_transferred_bytes_total",
                                                "Guest memory sent over the network by migrations.")
                                           .Add({});
    prometheus::Family<prometheus::Counter>& switches = counters(
        *registry, "ballast_power_switches_total", "Hosts put to sleep or woken, or not, by action and result.");
    prometheus::Family<prometheus::Counter>& decisions =
        counters(*registry, "ballast_decisions_total", "Decisions taken, by policy.");
    prometheus::Family<prometheus::Counter>& moves =
        counters(*registry, "ballast_proposed_moves_total", "Moves that decisions proposed, by policy.");
    prometheus::Family<prometheus::Counter>& refusals = counters(
        *registry, "ballast_refusals_total", "VMs that a decision left where they were, by reason, once per decision.");
};

Exporter::Exporter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Exporter::~Exporter() = default;

Result<std::unique_ptr<Exporter>> Exporter::listen(std::string_view address) {
    Result<std::string> bind = parse_loopback_address(address);
    if (!bind) return tl::unexpected(bind.error());
    auto impl = std::make_unique<Impl>();
    family(*impl->registry, prometheus::BuildGauge(), "ballast_build_info", "1, with the version that runs.")
        .Add({{"version", BALLAST_VERSION}})
        .Set(1.0);
    for (const MigrationState result : {MigrationState::done, MigrationState::rolled_back, MigrationState::rejected,
                                        MigrationState::needs_operator}) {
        impl->migrations.Add({{"result", std::string(name(result))}});  // at zero, so that the first one is a step
    }
    for (const ActionKind kind : {ActionKind::power_on, ActionKind::power_off}) {
        for (const char* result : {"done", "rejected", "needs-operator"}) {
            impl->switches.Add({{"action", std::string(name(kind))}, {"result", result}});
        }
    }
    try {
        impl->server = std::make_unique<prometheus::Exposer>(*bind, server_threads);
    } catch (const std::exception&) {
        return fail(ErrorKind::failed, "metrics address \"" + std::string(address) +
                                           "\": cannot listen there; is the port in use? choose another one");
    }
    impl->server->RegisterCollectable(impl->registry);
    impl->server->RegisterCollectable(impl->gauges);
    return std::unique_ptr<Exporter>(new Exporter(std::move(impl)));
}

int Exporter::port() const { return impl_->server->GetListeningPorts().front(); }

void Exporter::observe_snapshot(const Snapshot& snapshot, double collect_s) {
    impl_->collect_s.Observe(collect_s);
    impl_->gauges->set(snapshot_gauges(snapshot));
}

void Exporter::count_decision(std::string_view policy, const Proposal& proposal) {
    const std::string policy_name(policy.substr(0, policy.find(':')));
    impl_->decisions.Add({{"policy", policy_name}}).Increment();
    impl_->moves.Add({{"policy", policy_name}}).Increment(static_cast<double>(proposal.moves.size()));
    for (const Stay& stay : proposal.stays) {
        impl_->refusals.Add({{"reason", std::string(name(stay.reason.code))}}).Increment();
    }
}

void Exporter::count_migration(MigrationState result, double duration_s, double downtime_s, double bytes_sent) {
    impl_->migrations.Add({{"result", std::string(name(result))}}).Increment();
    if (std::isfinite(duration_s)) impl_->duration_s.Observe(duration_s);
    if (std::isfinite(downtime_s)) impl_->downtime_s.Observe(downtime_s);
    if (std::isfinite(bytes_sent) && bytes_sent > 0.0) impl_->transferred.Increment(bytes_sent);
}

void Exporter::count_switch(ActionKind action, std::string_view result) {
    impl_->switches.Add({{"action", std::string(name(action))}, {"result", std::string(result)}}).Increment();
}

}  // namespace ballast
