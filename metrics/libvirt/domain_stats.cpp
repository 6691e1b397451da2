// SPDX-License-Identifier: Apache-2.0
#include "metrics/libvirt/domain_stats.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace ballast {

namespace {

constexpr double bytes_per_kib = 1024.0;
constexpr unsigned devices_max = 256;  // of each kind, per guest: the count comes from another machine

class Fields {
  public:
    explicit Fields(const virDomainStatsRecord& record) : params_(record.params), count_(record.nparams) {}

    [[nodiscard]] std::optional<unsigned long long> u64(const std::string& name) const {
        unsigned long long value = 0;
        if (virTypedParamsGetULLong(params_, count_, name.c_str(), &value) != 1) return std::nullopt;
        return value;
    }
    [[nodiscard]] std::optional<int> i32(const char* name) const {
        int value = 0;
        if (virTypedParamsGetInt(params_, count_, name, &value) != 1) return std::nullopt;
        return value;
    }
    [[nodiscard]] unsigned u32(const char* name) const {
        unsigned value = 0;
        return virTypedParamsGetUInt(params_, count_, name, &value) == 1 ? value : 0;
    }
    // Sum of two fields over all devices of a kind; absent if no device has them.
    [[nodiscard]] std::optional<std::uint64_t> sum(const std::string& kind, const char* in, const char* out) const {
        std::optional<std::uint64_t> total;
        const unsigned devices = std::min(u32((kind + ".count").c_str()), devices_max);
        for (unsigned i = 0; i < devices; ++i) {
            const std::string device = kind + "." + std::to_string(i) + ".";
            for (const char* field : {in, out}) {
                if (const auto value = u64(device + field)) total = total.value_or(0) + *value;
            }
        }
        return total;
    }

    // Sum of a field over the virtual CPUs that are online; absent if none has it.
    [[nodiscard]] std::optional<std::uint64_t> sum_of_vcpus(const std::string& field) const {
        std::optional<std::uint64_t> total;
        const unsigned vcpus = std::min(u32("vcpu.maximum"), devices_max);
        for (unsigned i = 0; i < vcpus; ++i) {
            if (const auto value = u64("vcpu." + std::to_string(i) + "." + field)) total = total.value_or(0) + *value;
        }
        return total;
    }

  private:
    virTypedParameterPtr params_;
    int count_;
};

}  // namespace

DomainStats read_domain_stats(const virDomainStatsRecord& record) {
    const Fields fields(record);
    DomainStats stats;
    const int state = fields.i32("state.state").value_or(VIR_DOMAIN_NOSTATE);
    if (state == VIR_DOMAIN_RUNNING || state == VIR_DOMAIN_BLOCKED) stats.state = GuestState::running;
    stats.counters.cpu_ns = fields.u64("cpu.time");
    stats.counters.waited_ns = fields.sum_of_vcpus("delay");
    stats.counters.network_bytes = fields.sum("net", "rx.bytes", "tx.bytes");
    stats.counters.disk_bytes = fields.sum("block", "rd.bytes", "wr.bytes");
    if (const auto in = fields.u64("balloon.swap_in"), out = fields.u64("balloon.swap_out"); in && out) {
        stats.counters.swap_bytes = (*in + *out) * 1024U;
    }
    const auto kib = [&](const char* name) {
        return static_cast<double>(fields.u64(name).value_or(0)) * bytes_per_kib;
    };
    stats.resident_bytes = kib("balloon.rss");
    if (stats.resident_bytes <= 0.0) stats.resident_bytes = kib("balloon.current");
    stats.memory_max_bytes = kib("balloon.maximum");
    if (const double now = kib("balloon.current"); now > 0.0) {
        stats.ballooned_bytes = std::max(0.0, stats.memory_max_bytes - now);
    }
    stats.vcpus = fields.u32("vcpu.current");
    return stats;
}

}  // namespace ballast
