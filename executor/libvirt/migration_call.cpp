// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/migration_call.hpp"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>

#include "core/resources.hpp"
#include "executor/libvirt/endpoint_uri.hpp"
#include "virt/connection.hpp"

namespace ballast::virt {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr auto poll_interval = std::chrono::milliseconds(500);
constexpr auto statistics_grace = std::chrono::milliseconds(50);  // the guest may be waiting to be resumed
constexpr double seconds_per_ms = 1e-3;

// What the call's thread, libvirt's event thread and the watching thread tell each other.
struct Watch {
    explicit Watch(Clock& clock_) : clock(clock_) {}
    Clock& clock;
    std::mutex mutex;
    std::condition_variable changed;
    bool returned = false;
    bool success = false;
    std::string error;
    double call_s = nan;
    double stopped_at_s = nan;
    bool completed = false;  // the final statistics are in
    double job_s = nan;
    double downtime_s = nan;
    double bytes_sent = nan;
};
using SharedWatch = std::shared_ptr<Watch>;

class Parameters {
  public:
    Parameters() = default;
    Parameters(const Parameters&) = delete;
    Parameters& operator=(const Parameters&) = delete;
    ~Parameters() { virTypedParamsFree(parameters_, count_); }

    void add(const char* name, const std::string& value) {
        virTypedParamsAddString(&parameters_, &count_, &capacity_, name, value.c_str());
    }
    void add(const char* name, unsigned long long value) {
        virTypedParamsAddULLong(&parameters_, &count_, &capacity_, name, value);
    }
    void add(const char* name, int value) { virTypedParamsAddInt(&parameters_, &count_, &capacity_, name, value); }
    virTypedParameterPtr* out() { return &parameters_; }
    int* count_out() { return &count_; }
    virTypedParameterPtr data() const { return parameters_; }
    int count() const { return count_; }

  private:
    virTypedParameterPtr parameters_ = nullptr;
    int count_ = 0;
    int capacity_ = 0;
};

double number(virTypedParameterPtr parameters, int count, const char* name, double scale = 1.0) {
    unsigned long long value = 0;
    if (virTypedParamsGetULLong(parameters, count, name, &value) != 1) return nan;
    return static_cast<double>(value) * scale;
}

double or_zero(double value) { return std::isnan(value) ? 0.0 : value; }

// A guest can stop for other reasons while it is copied (an I/O error, its watchdog): that is not the switch-over.
int on_lifecycle(virConnectPtr, virDomainPtr, int event, int detail, void* opaque) {
    if (event != VIR_DOMAIN_EVENT_SUSPENDED || !is_switchover_event(detail)) return 0;
    Watch& watch = **static_cast<SharedWatch*>(opaque);
    const double now = watch.clock.monotonic_s();
    const std::scoped_lock lock(watch.mutex);
    if (std::isnan(watch.stopped_at_s)) watch.stopped_at_s = now;
    return 0;
}

void on_job_completed(virConnectPtr, virDomainPtr, virTypedParameterPtr parameters, int count, void* opaque) {
    Watch& watch = **static_cast<SharedWatch*>(opaque);
    const std::scoped_lock lock(watch.mutex);
    watch.job_s = number(parameters, count, VIR_DOMAIN_JOB_TIME_ELAPSED, seconds_per_ms);
    watch.downtime_s = number(parameters, count, VIR_DOMAIN_JOB_DOWNTIME, seconds_per_ms);
    watch.bytes_sent = number(parameters, count, VIR_DOMAIN_JOB_DATA_PROCESSED);
    watch.completed = true;
    watch.changed.notify_all();
}

// Subscribed as long as it lives.
class Subscription {
  public:
    Subscription(virConnectPtr connection, virDomainPtr domain, int event,
                 virConnectDomainEventGenericCallback callback, const SharedWatch& watch)
        : connection_(connection) {
        auto* opaque = new SharedWatch(watch);  // libvirt frees it when no event can be on its way any more
        const auto free = [](void* p) { delete static_cast<SharedWatch*>(p); };
        id_ = virConnectDomainEventRegisterAny(connection, domain, event, callback, opaque, free);
        if (id_ < 0) delete opaque;  // no events from this driver: polling has to do
    }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription() {
        if (id_ >= 0) virConnectDomainEventDeregisterAny(connection_, id_);
    }

  private:
    virConnectPtr connection_;
    int id_ = -1;
};

// Only where libvirt starts the guest on the destination: with a copy that arrives paused libvirt refuses it, and
// without locks on the disks the arrival of a migration that converged after all is not safe (docs/concepts.md,
// hand-over).
bool may_go_post_copy(const MigrationRequest& request) {
    return request.control.on_timeout == TimeoutAction::post_copy && request.handover == Handover::direct;
}

unsigned int flags_for(const MigrationRequest& request, virDomainPtr domain) {
    unsigned int flags = VIR_MIGRATE_LIVE | VIR_MIGRATE_PEER2PEER;
    // An I/O error must not end a migration whose memory is on two hosts.
    flags |= may_go_post_copy(request) ? VIR_MIGRATE_POSTCOPY : VIR_MIGRATE_ABORT_ON_ERROR;
    // A transient VM stays transient; a persistent one is defined there before it is removed here.
    if (virDomainIsPersistent(domain) == 1) flags |= VIR_MIGRATE_PERSIST_DEST;
    if (request.handover == Handover::paused) flags |= VIR_MIGRATE_PAUSED;
    if (request.control.auto_converge) flags |= VIR_MIGRATE_AUTO_CONVERGE;
    if (request.control.compress) flags |= VIR_MIGRATE_COMPRESSED;
    if (request.control.parallel_connections > 1) flags |= VIR_MIGRATE_PARALLEL;
    if (request.control.tls) flags |= VIR_MIGRATE_TLS;
    if (request.control.tunnelled) flags |= VIR_MIGRATE_TUNNELLED;
    return flags;
}

void add_parameters(const MigrationRequest& request, Parameters& parameters) {
    const MigrationControl& control = request.control;
    const std::string uri = migration_uri(request.destination);
    if (!uri.empty() && !control.tunnelled) parameters.add(VIR_MIGRATE_PARAM_URI, uri);  // a tunnel has no other end
    if (control.bandwidth_bytes_per_s > 0.0) {
        const auto mib_per_s =
            static_cast<unsigned long long>(std::max(1.0, control.bandwidth_bytes_per_s / bytes_per_mib));
        parameters.add(VIR_MIGRATE_PARAM_BANDWIDTH, mib_per_s);
        // Of what is pushed; what the guest waits for is never held back.
        if (may_go_post_copy(request)) parameters.add(VIR_MIGRATE_PARAM_BANDWIDTH_POSTCOPY, mib_per_s);
    }
    if (control.compress) parameters.add(VIR_MIGRATE_PARAM_COMPRESSION, std::string("xbzrle"));
    if (control.parallel_connections > 1) {
        parameters.add(VIR_MIGRATE_PARAM_PARALLEL_CONNECTIONS, control.parallel_connections);
    }
}

// In a thread of its own, on a connection of its own: it holds one of the connection's few request slots all along.
void make_the_call(const MigrationRequest& request, const SharedWatch& watch) {
    bool success = false;
    std::string error;
    double call_s = nan;
    if (auto connection = open(request.source.uri, Access::full); !connection) {
        error = connection.error().message;
    } else if (auto domain = find_domain(connection->get(), request.vm.uuid); !domain) {
        error = domain.error().message;
    } else {
        Parameters parameters;
        add_parameters(request, parameters);
        const double begin_s = watch->clock.monotonic_s();
        success = virDomainMigrateToURI3(domain->get(), request.destination.uri.c_str(), parameters.data(),
                                         static_cast<unsigned int>(parameters.count()),
                                         flags_for(request, domain->get())) == 0;
        if (!success) error = last_error("migration of " + request.vm.name).message;
        call_s = watch->clock.monotonic_s() - begin_s;
    }
    const std::scoped_lock lock(watch->mutex);
    watch->returned = true;
    watch->call_s = call_s;
    watch->success = success;
    watch->error = std::move(error);
    watch->changed.notify_all();
}

// Follows the running call from a second connection.
class Follower {
  public:
    Follower(const MigrationRequest& request, const SharedWatch& watch, const Hypervisor::ProgressSink& progress,
             const Hypervisor::StopRequested& stop)
        : request_(request), watch_(watch), progress_(progress), stop_(stop) {}

    // Returns when the call has returned.
    void follow(virDomainPtr domain) {
        const double started_s = watch_->clock.monotonic_s();
        for (;;) {
            bool switched_over = false;
            {
                std::unique_lock lock(watch_->mutex);
                if (watch_->changed.wait_for(lock, poll_interval, [&] { return watch_->returned; })) return;
                switched_over = !std::isnan(watch_->stopped_at_s);
            }
            now_.elapsed_s = watch_->clock.monotonic_s() - started_s;
            const Phase phase = switched_over ? Phase::switched_over : look(domain);
            now_.switched_over = phase == Phase::switched_over;
            if (phase == Phase::copying) {
                allow_downtime(domain);  // before the statistics: they may take until the switch-over
                read_statistics(domain);
            }
            now_.post_copy = post_copy_;
            if (!now_.switched_over) go_post_copy_if_due(domain);
            if (!now_.switched_over && !post_copy_) abort_if_wanted(domain);
            if (progress_) progress_(now_);
        }
    }
    bool aborted() const { return aborted_; }
    double bytes_sent() const { return now_.bytes_sent; }

  private:
    // In `stopped` the guest stands still for a reason of its own, and its switch-over would not be seen: the migration
    // may still be aborted, but is not asked about.
    enum class Phase : std::uint8_t { copying, stopped, switched_over };

    // Needs no lock of the domain's job, so it is safe at the switch-over too.
    Phase look(virDomainPtr domain) const {
        int state = VIR_DOMAIN_NOSTATE;
        int reason = 0;
        if (virDomainGetState(domain, &state, &reason, 0) != 0) return Phase::switched_over;  // no calls blindly
        if (state == VIR_DOMAIN_RUNNING) return Phase::copying;
        const bool own_reason =
            state == VIR_DOMAIN_PAUSED && reason != VIR_DOMAIN_PAUSED_MIGRATION && reason != VIR_DOMAIN_PAUSED_POSTCOPY;
        if (own_reason) return Phase::stopped;
        const std::scoped_lock lock(watch_->mutex);
        if (std::isnan(watch_->stopped_at_s)) watch_->stopped_at_s = watch_->clock.monotonic_s();
        return Phase::switched_over;
    }

    void read_statistics(virDomainPtr domain) {
        Parameters job;
        int type = VIR_DOMAIN_JOB_NONE;
        if (virDomainGetJobStats(domain, &type, job.out(), job.count_out(), 0) != 0) return;
        const auto get = [&](const char* name, double scale = 1.0) {
            return or_zero(number(job.data(), job.count(), name, scale));
        };
        now_.bytes_total = get(VIR_DOMAIN_JOB_MEMORY_TOTAL);
        now_.bytes_sent = get(VIR_DOMAIN_JOB_MEMORY_PROCESSED);
        now_.bytes_remaining = get(VIR_DOMAIN_JOB_MEMORY_REMAINING);
        now_.rate_bytes_per_s = get(VIR_DOMAIN_JOB_MEMORY_BPS);
        now_.iteration = static_cast<std::uint64_t>(get(VIR_DOMAIN_JOB_MEMORY_ITERATION));
        now_.expected_downtime_s = get(VIR_DOMAIN_JOB_DOWNTIME, seconds_per_ms);
    }

    // Once for every step, done or not, directly after a look that saw the guest run, and never after an abort was
    // asked for: every such call waits for the domain's job.
    void allow_downtime(virDomainPtr domain) {
        const double wanted_s = allowed_downtime_s(request_.control, now_.elapsed_s);
        if (aborted_ || wanted_s == allowed_s_) return;
        allowed_s_ = wanted_s;
        const auto ms = static_cast<unsigned long long>(std::llround(wanted_s / seconds_per_ms));
        static_cast<void>(virDomainMigrateSetMaxDowntime(domain, ms, 0));
    }

    // libvirt refuses it while nothing has been copied yet, and after the switch-over: tried again at the next poll.
    void go_post_copy_if_due(virDomainPtr domain) {
        const bool due = request_.control.timeout_s > 0.0 && now_.elapsed_s >= request_.control.timeout_s;
        if (post_copy_ || aborted_ || !due || !may_go_post_copy(request_)) return;
        post_copy_ = virDomainMigrateStartPostCopy(domain, 0) == 0;
    }

    void abort_if_wanted(virDomainPtr domain) {
        const double limit_s = abort_after_s(request_.control);
        const bool too_long = limit_s > 0.0 && now_.elapsed_s > limit_s;
        if (aborted_ || (!too_long && !(stop_ && stop_()))) return;
        aborted_ = virDomainAbortJob(domain) == 0;  // refused: tried again at the next poll
    }

    const MigrationRequest& request_;
    const SharedWatch& watch_;
    const Hypervisor::ProgressSink& progress_;
    const Hypervisor::StopRequested& stop_;
    MigrationProgress now_;
    bool aborted_ = false;
    bool post_copy_ = false;  // asked for, and granted: there is no way back
    double allowed_s_ = MigrationControl::downtime_s_first;
};

// Without a watching connection nothing is started: the migration could be neither timed out nor aborted.
void watch_the_call(const MigrationRequest& request, const SharedWatch& watch, Follower& follower) {
    const auto connection = open(request.source.uri, Access::full);
    const auto domain = connection ? find_domain(connection->get(), request.vm.uuid)
                                   : Result<Domain>(tl::unexpected(connection.error()));
    if (!domain) {
        const std::scoped_lock lock(watch->mutex);
        watch->error = domain.error().message + "; nothing was started";
        return;
    }
    const Subscription lifecycle(connection->get(), domain->get(), VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                 VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), watch);
    const Subscription completed(connection->get(), domain->get(), VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
                                 VIR_DOMAIN_EVENT_CALLBACK(on_job_completed), watch);
    std::thread caller([&] { make_the_call(request, watch); });
    follower.follow(domain->get());
    caller.join();
    std::unique_lock lock(watch->mutex);
    if (watch->success) watch->changed.wait_for(lock, statistics_grace, [&] { return watch->completed; });
}

}  // namespace

bool is_switchover_event(int detail) {
    return detail == VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED || detail == VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY;
}

MigrationReport call_migrate(const MigrationRequest& request, Clock& clock, const Hypervisor::ProgressSink& progress,
                             const Hypervisor::StopRequested& stop) {
    const double started_s = clock.monotonic_s();
    const auto watch = std::make_shared<Watch>(clock);
    Follower follower(request, watch, progress, stop);
    watch_the_call(request, watch, follower);

    const std::scoped_lock lock(watch->mutex);
    MigrationReport report;
    report.reported_success = watch->success;
    report.error = watch->error;
    report.aborted = follower.aborted() && !watch->success;
    report.duration_s = clock.monotonic_s() - started_s;
    report.call_s = watch->call_s;
    report.job_s = watch->job_s;
    report.downtime_s = watch->downtime_s;
    report.bytes_sent = watch->completed ? watch->bytes_sent : follower.bytes_sent();
    report.stopped_at_s = watch->stopped_at_s;
    return report;
}

}  // namespace ballast::virt
