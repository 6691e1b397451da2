// SPDX-License-Identifier: Apache-2.0
#include "simulator/transfers.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace ballast {

Transfers::Transfers(const MigrationModel& model, std::vector<double> link_bytes_per_s)
    : model_(model), link_(std::move(link_bytes_per_s)), sending_(link_.size()) {
    BALLAST_CHECK(model.bandwidth_bytes_per_s > 0.0, "migration bandwidth must be positive");
    for (const double link : link_) BALLAST_CHECK(link > 0.0, "a host's link must be positive");
}

Transfers::Slot Transfers::start(double now_s, HostId from, HostId to, double memory_bytes) {
    BALLAST_CHECK(from != to, "a migration has two hosts");
    if (free_.empty()) {
        free_.push_back(static_cast<Slot>(copies_.size()));
        copies_.emplace_back();
    }
    const Slot slot = free_.back();
    free_.pop_back();
    Copy& copy = copies_[slot];
    copy = Copy{.stage = Stage::preparing, .from = from, .to = to, .version = copy.version};
    copy.memory_bytes = memory_bytes;
    copy.started_s = now_s;
    set_due(slot, now_s + model_.fixed_overhead_s);
    return slot;
}

Transfers::Step Transfers::advance(double now_s, Slot slot) {
    Copy& copy = copies_[slot];
    switch (copy.stage) {
        case Stage::preparing:
            join(now_s, slot);
            copy.rate = share(copy);
            if (enough(copy, copy.memory_bytes)) {
                copy.stage = Stage::stopped;
                copy.stopped_s = now_s;
            } else {
                copy.stage = Stage::copying;
            }
            begin_round(now_s, slot, copy.memory_bytes);
            return copy.stage == Stage::stopped ? Step::vm_stops : Step::copies_on;
        case Stage::copying: {
            const double working_set = model_.working_set_fraction * copy.memory_bytes;
            const double to_send = std::min(working_set, model_.dirty_bytes_per_s * (now_s - copy.round_began_s));
            ++copy.round;
            if (enough(copy, to_send)) {
                copy.stage = Stage::stopped;
                copy.stopped_s = now_s;
            }
            begin_round(now_s, slot, to_send);
            return copy.stage == Stage::stopped ? Step::vm_stops : Step::copies_on;
        }
        case Stage::stopped:
            copy.left_bytes = 0.0;
            leave(now_s, slot);
            copy.stage = Stage::resuming;
            set_due(slot, now_s + model_.resume_s);
            return Step::sent;
        case Stage::resuming:
            copy.stage = Stage::free;
            ++copy.version;
            free_.push_back(slot);
            return Step::arrived;
        case Stage::free: break;
    }
    BALLAST_CHECK(false, "only a migration under way has a next stage");
    return Step::arrived;
}

void Transfers::cancel(double now_s, Slot slot) {
    Copy& copy = copies_[slot];
    BALLAST_CHECK(copy.stage != Stage::free, "only a migration under way is cancelled");
    if (copy.stage == Stage::copying || copy.stage == Stage::stopped) {
        copy.left_bytes -= copy.rate * (now_s - copy.rate_since_s);
        copy.rate_since_s = now_s;
        leave(now_s, slot);
    }
    copy.stage = Stage::free;
    ++copy.version;
    free_.push_back(slot);
}

MigrationCost Transfers::cost(double now_s, Slot slot) const {
    const Copy& copy = copies_[slot];
    MigrationCost cost;
    cost.duration_s = now_s - copy.started_s;
    cost.bytes = copy.bytes - copy.left_bytes;
    cost.downtime_s = copy.stopped_s >= 0.0 ? now_s - copy.stopped_s : 0.0;
    return cost;
}

double Transfers::share(const Copy& copy) const {
    const auto of = [&](HostId host) {
        return link_[host.index()] / static_cast<double>(sending_[host.index()].size());
    };
    return std::min({model_.bandwidth_bytes_per_s, of(copy.from), of(copy.to)});
}

bool Transfers::enough(const Copy& copy, double to_send) const {
    return copy.round >= model_.rounds_max || to_send <= copy.rate * model_.downtime_limit_s;
}

void Transfers::set_due(Slot slot, double at_s) { due_.push_back({slot, ++copies_[slot].version, at_s}); }

void Transfers::join(double now_s, Slot slot) {
    const Copy& copy = copies_[slot];
    for (const HostId host : {copy.from, copy.to}) sending_[host.index()].push_back(slot);
    for (const HostId host : {copy.from, copy.to}) reshare(now_s, host);
}

void Transfers::leave(double now_s, Slot slot) {
    const Copy& copy = copies_[slot];
    for (const HostId host : {copy.from, copy.to}) std::erase(sending_[host.index()], slot);
    for (const HostId host : {copy.from, copy.to}) reshare(now_s, host);
}

// The copies on this link whose rate is another one now are due at another time.
void Transfers::reshare(double now_s, HostId host) {
    for (const Slot slot : sending_[host.index()]) {
        Copy& copy = copies_[slot];
        if (copy.stage != Stage::copying && copy.stage != Stage::stopped) continue;  // it is just about to begin
        const double rate = share(copy);
        if (rate == copy.rate) continue;
        copy.left_bytes = std::max(0.0, copy.left_bytes - copy.rate * (now_s - copy.rate_since_s));
        copy.rate = rate;
        copy.rate_since_s = now_s;
        set_due(slot, now_s + copy.left_bytes / rate);
    }
}

void Transfers::begin_round(double now_s, Slot slot, double bytes) {
    Copy& copy = copies_[slot];
    copy.bytes += bytes;
    copy.left_bytes = bytes;
    copy.rate_since_s = now_s;
    copy.round_began_s = now_s;
    set_due(slot, now_s + bytes / copy.rate);
}

}  // namespace ballast
