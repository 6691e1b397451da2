// SPDX-License-Identifier: Apache-2.0
#include "metrics/exporter.hpp"

#include <prometheus/collectable.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cmath>
#include <cstddef>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "metrics/exporter_gauges.hpp"
#include "metrics/exporter_instruments.hpp"
#include "metrics/http_listener.hpp"

namespace ballast {

namespace {

// Serves the gauges of the newest snapshot.
class SnapshotGauges final : public prometheus::Collectable {
  public:
    void set(std::vector<SampleFamily> families) {
        std::vector<prometheus::MetricFamily> converted;
        for (const SampleFamily& family : families) {
            if (!family.samples.empty()) converted.push_back(convert(family));
        }
        const std::scoped_lock lock(mutex_);
        families_ = std::move(converted);
    }

    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
        const std::scoped_lock lock(mutex_);
        return families_;
    }

  private:
    static prometheus::MetricFamily convert(const SampleFamily& family) {
        prometheus::MetricFamily out;
        out.name = family.name;
        out.help = family.help;
        const bool counts = family.kind == SampleKind::counter;
        out.type = counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
        for (const LabelledSample& sample : family.samples) {
            prometheus::ClientMetric metric;
            for (const SampleLabel& label : sample.labels) metric.label.push_back({label.name, label.value});
            (counts ? metric.counter.value : metric.gauge.value) = sample.value;
            out.metric.push_back(std::move(metric));
        }
        return out;
    }

    mutable std::mutex mutex_;
    std::vector<prometheus::MetricFamily> families_;
};

// Remembers when each host was seen last.
class SeenHosts {
  public:
    // With the hosts of this snapshot that answered; hosts that were never seen have no sample.
    SampleFamily update(const Snapshot& snapshot) {
        SampleFamily family{
            "ballast_host_seen_timestamp_seconds",
            "When the host was last read, or was known to sleep; time() minus this is the age of its samples.",
            SampleKind::gauge,
            {}};
        const std::scoped_lock lock(mutex_);
        for (std::size_t h = 0; h < snapshot.cluster.host_count(); ++h) {
            const std::string& host = snapshot.cluster.spec(HostId(h)).name;
            if (snapshot.cluster.state(HostId(h)).reachable) seen_[host] = snapshot.unix_time_s;
            const auto seen = seen_.find(host);
            if (seen != seen_.end()) family.samples.push_back({{{"host", host}}, seen->second});
        }
        return family;
    }

  private:
    std::mutex mutex_;
    std::map<std::string, double> seen_;  // by host name
};

double as_gauge(bool yes) { return yes ? 1.0 : 0.0; }

}  // namespace

std::string_view name(PlanEnd end) {
    switch (end) {
        case PlanEnd::done: return "done";
        case PlanEnd::partly: return "partly";
        case PlanEnd::failed: return "failed";
        case PlanEnd::refused: return "refused";
        case PlanEnd::not_approved: return "not-approved";
    }
    return "?";
}

struct Exporter::Impl {
    prometheus::Registry registry;
    SnapshotGauges gauges;
    ExporterInstruments instruments{registry};
    prometheus::Gauge* mode = nullptr;  // that is shown
    SeenHosts seen;
    std::unique_ptr<HttpListener> listener;  // the last member: it reads the others

    [[nodiscard]] std::string text() const {
        std::vector<prometheus::MetricFamily> families = registry.Collect();
        std::vector<prometheus::MetricFamily> shown = gauges.Collect();
        std::move(shown.begin(), shown.end(), std::back_inserter(families));
        return prometheus::TextSerializer().Serialize(families);
    }
};

Exporter::Exporter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Exporter::~Exporter() = default;

Result<std::unique_ptr<Exporter>> Exporter::listen(const ListenerOptions& options) {
    auto impl = std::make_unique<Impl>();
    prometheus::BuildGauge()
        .Name("ballast_build_info")
        .Help("1, with the version that runs.")
        .Register(impl->registry)
        .Add({{"version", BALLAST_VERSION}})
        .Set(1.0);
    Result<std::unique_ptr<HttpListener>> listener = HttpListener::open(
        options,
        {"/metrics", "text/plain; version=0.0.4; charset=utf-8", [exporter = impl.get()] { return exporter->text(); }});
    if (!listener) return tl::unexpected(listener.error());
    impl->listener = std::move(*listener);
    return std::unique_ptr<Exporter>(new Exporter(std::move(impl)));
}

int Exporter::port() const { return impl_->listener->port(); }
Status Exporter::renew(const ListenerSecrets& secrets) { return impl_->listener->renew(secrets); }

void Exporter::set_mode(std::string_view mode) {
    prometheus::Family<prometheus::Gauge>& modes = impl_->instruments.mode;
    if (impl_->mode != nullptr) modes.Remove(impl_->mode);
    impl_->mode = &modes.Add({{"mode", std::string(mode)}});
    impl_->mode->Set(1.0);
}

void Exporter::set_hold(bool held) { impl_->instruments.hold.Set(as_gauge(held)); }

void Exporter::observe_snapshot(const Snapshot& snapshot, double collect_s, std::vector<SampleFamily> families) {
    impl_->instruments.collect_s.Observe(collect_s);
    std::vector<SampleFamily> all = snapshot_gauges(snapshot);
    all.push_back(impl_->seen.update(snapshot));
    std::move(families.begin(), families.end(), std::back_inserter(all));
    impl_->gauges.set(std::move(all));
}

void Exporter::observe_journal(const JournalFigures& figures) {
    ExporterInstruments& to = impl_->instruments;
    to.migrations_open.Set(static_cast<double>(figures.migrations_open));
    to.needs_operator.Set(static_cast<double>(figures.needs_operator));
    to.switches_open.Set(static_cast<double>(figures.switches_open));
    to.hosts_quarantined.Set(static_cast<double>(figures.hosts_quarantined));
    to.journal_bytes.Set(figures.size_bytes);
    to.writing.Set(as_gauge(figures.writing));
}

void Exporter::observe_turn(double duration_s) { impl_->instruments.turn_s.Observe(duration_s); }

void Exporter::count_failed_cycle() { impl_->instruments.turns_failed.Increment(); }

void Exporter::count_reload(bool taken) {
    impl_->instruments.reloads.Add({{"result", taken ? "taken" : "refused"}}).Increment();
}

void Exporter::count_decision(std::string_view policy, const Proposal& proposal, const Plan& plan, double decide_s) {
    ExporterInstruments& to = impl_->instruments;
    const std::string policy_name(policy.substr(0, policy.find(':')));
    to.decisions.Add({{"policy", policy_name}}).Increment();
    to.moves.Add({{"policy", policy_name}}).Increment(static_cast<double>(proposal.moves.size()));
    to.left_out.Increment(static_cast<double>(plan.left_out.size()));
    to.decide_s.Observe(decide_s);
    std::map<std::string_view, double> stays;  // by reason
    for (const Stay& stay : proposal.stays) stays[name(stay.reason.code)] += 1.0;
    for (const auto& [reason, count] : stays) to.refusals.Add({{"reason", std::string(reason)}}).Increment(count);
}

void Exporter::count_plan(PlanEnd end) {
    impl_->instruments.plans.Add({{"result", std::string(name(end))}}).Increment();
}

void Exporter::count_migration(const EndedMigration& migration) {
    ExporterInstruments& to = impl_->instruments;
    to.migrations.Add({{"result", std::string(name(migration.result))}}).Increment();
    if (std::isfinite(migration.duration_s)) to.duration_s.Observe(migration.duration_s);
    if (std::isfinite(migration.downtime_s)) to.downtime_s.Observe(migration.downtime_s);
    if (migration.bytes_sent > 0.0 && std::isfinite(migration.bytes_sent)) {
        to.transferred_bytes.Increment(migration.bytes_sent);
    }
    if (migration.result != MigrationState::done) return;
    to.duration.observe(migration.predicted.duration_s, migration.duration_s);
    to.downtime.observe(migration.predicted.downtime_s, migration.downtime_s);
    to.transferred.observe(migration.predicted.bytes, migration.bytes_sent);
}

void Exporter::count_switch(ActionKind action, std::string_view result) {
    impl_->instruments.switches.Add({{"action", std::string(name(action))}, {"result", std::string(result)}})
        .Increment();
}

void Exporter::count_fence(std::string_view result) {
    impl_->instruments.fences.Add({{"result", std::string(result)}}).Increment();
}

}  // namespace ballast
