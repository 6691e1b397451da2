// SPDX-License-Identifier: Apache-2.0
#include "scheduler/joint_load.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ballast {

namespace {
constexpr double correlation = 0.7;  // between neighbouring five-minute means of a host's load
constexpr std::size_t steps_ahead = 2;
constexpr double prior_spread = 0.5;  // standard deviation over mean of a VM of which nothing is known
constexpr double soon_share = 0.25;   // of the next hour: for so long the present is felt

// The unit normal loss.
double expected_excess(double mean, double deviation, double limit) {
    const double over = mean - limit;
    if (deviation <= 0.0) return std::max(0.0, over);
    const double k = over / deviation;
    const double above = 0.5 * std::erfc(-k / std::numbers::sqrt2);
    const double density = std::exp(-0.5 * k * k) / std::sqrt(2.0 * std::numbers::pi);
    return std::max(0.0, over * above + deviation * density);
}
}  // namespace

JointLoad::JointLoad(const Cluster& cluster, const History& history, double z, bool looks_ahead)
    : cluster_(cluster),
      history_(history),
      z_(z),
      outlook_(looks_ahead ? history.outlook() : nullptr),
      step_(std::max<std::size_t>(1, (history.sample_count() + samples_max - 1) / samples_max)),
      samples_(std::max<std::size_t>(1, (history.sample_count() + step_ - 1) / step_)),
      made_(cluster.host_count(), not_made) {}

std::uint32_t JointLoad::index_of(HostId host) {
    std::uint32_t& index = made_[host.index()];
    if (index == not_made) {
        index = static_cast<std::uint32_t>(joints_.size());
        Joint& joint = joints_.emplace_back();
        joint.mhz.fill(cluster_.state(host).overhead.cpu_mhz());
        for (const VmId vm : cluster_.vms_on(host)) add(joint, vm, 1.0);
    }
    return index;
}

void JointLoad::add(Joint& joint, VmId vm, double sign) const {
    const double now = cluster_.state(vm).demand.cpu_mhz();
    double sum = 0.0;
    for (std::size_t age = 0; age < samples_; ++age) {
        double mhz = history_.sample_count() > 0 ? history_.cpu_mhz(vm, age * step_) : now;
        if (std::isnan(mhz)) mhz = now;
        joint.mhz[age] += sign * mhz;
        sum += mhz;
    }
    const double spread = prior_spread * sum / static_cast<double>(samples_);
    joint.prior_variance += sign * spread * spread;
    if (outlook_ != nullptr) joint.rise_mhz += sign * outlook_->rise_mhz(vm, steps_ahead);
}

JointLoad::Need JointLoad::usual(const Joint& joint) const {
    const auto n = static_cast<double>(samples_);
    double mean = 0.0;
    for (std::size_t age = 0; age < samples_; ++age) mean += joint.mhz[age];
    mean /= n;
    double squares = 0.0;
    for (std::size_t age = 0; age < samples_; ++age) squares += (joint.mhz[age] - mean) * (joint.mhz[age] - mean);
    const double prior = prior_samples * std::max(0.0, joint.prior_variance);
    return {mean, std::sqrt((squares + prior) / (n + prior_samples))};
}

JointLoad::Need JointLoad::next(const Joint& joint, const Need& usual) const {
    return {correlation * joint.mhz.front() + (1.0 - correlation) * usual.mean_mhz,
            usual.deviation_mhz * std::sqrt(1.0 - correlation * correlation)};
}

double JointLoad::planned(const Joint& joint) const {
    const Need need = usual(joint);
    const Need soon = next(joint, need);
    const double planned_mhz =
        std::max(need.mean_mhz + z_ * need.deviation_mhz, soon.mean_mhz + z_ * soon.deviation_mhz);
    return planned_mhz + std::max(0.0, joint.rise_mhz);
}

double JointLoad::lacking_mhz(HostId host, double limit_mhz) {
    const Joint& joint = joints_[index_of(host)];
    const Need need = usual(joint);
    const Need soon = next(joint, need);
    const double free_mhz = limit_mhz - std::max(0.0, joint.rise_mhz);
    return soon_share * expected_excess(soon.mean_mhz, soon.deviation_mhz, free_mhz) +
           (1.0 - soon_share) * expected_excess(need.mean_mhz, need.deviation_mhz, free_mhz);
}

double JointLoad::planned_mhz(HostId host, std::span<const VmId> more) {
    Joint joint = joints_[index_of(host)];
    for (const VmId vm : more) add(joint, vm, 1.0);
    return planned(joint);
}

void JointLoad::move(VmId vm, HostId from, HostId to) {
    for (const HostId host : {from, to}) {
        const std::uint32_t index = index_of(host);
        undo_.push_back({index, joints_[index]});
        add(joints_[index], vm, host == to ? 1.0 : -1.0);
    }
}

void JointLoad::rollback(std::size_t mark) {
    while (undo_.size() > mark) {
        joints_[undo_.back().index] = undo_.back().joint;
        undo_.pop_back();
    }
}

}  // namespace ballast
