// SPDX-License-Identifier: Apache-2.0
#include "metrics/libvirt/domain_stats.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ballast {
namespace {

// A record in the making, as the hypervisor would fill it.
class Record {
  public:
    Record() { EXPECT_EQ(virInitialize(), 0); }
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;
    ~Record() { virTypedParamsFree(params_, count_); }

    Record& u64(const std::string& name, unsigned long long value) {
        EXPECT_EQ(virTypedParamsAddULLong(&params_, &count_, &capacity_, name.c_str(), value), 0);
        return *this;
    }
    Record& u32(const std::string& name, unsigned value) {
        EXPECT_EQ(virTypedParamsAddUInt(&params_, &count_, &capacity_, name.c_str(), value), 0);
        return *this;
    }
    [[nodiscard]] DomainStats read() const { return read_domain_stats({nullptr, params_, count_}); }

  private:
    virTypedParameterPtr params_ = nullptr;
    int count_ = 0;
    int capacity_ = 0;
};

TEST(DomainStats, ReadsTheSignsOfWant) {
    Record record;
    record.u32("vcpu.maximum", 4).u64("vcpu.0.delay", 1000).u64("vcpu.2.delay", 30);  // 1 and 3 are off line
    record.u64("balloon.maximum", 4096).u64("balloon.current", 3072);
    record.u64("balloon.swap_in", 100).u64("balloon.swap_out", 20);
    const DomainStats stats = record.read();
    EXPECT_EQ(stats.counters.waited_ns, 1030U);
    EXPECT_EQ(stats.counters.swap_bytes, 120U * 1024U);
    EXPECT_EQ(stats.ballooned_bytes, 1024.0 * 1024.0);
    EXPECT_EQ(stats.memory_max_bytes, 4096.0 * 1024.0);
}

TEST(DomainStats, WhatIsNotToldIsAbsent) {
    EXPECT_FALSE(Record().read().counters.swap_bytes);
    EXPECT_FALSE(Record().read().counters.waited_ns);
    Record half;
    half.u64("balloon.swap_in", 100).u64("balloon.maximum", 4096);  // a driver that tells half of it; no balloon
    EXPECT_FALSE(half.read().counters.swap_bytes);
    EXPECT_EQ(half.read().ballooned_bytes, 0.0);
}

}  // namespace
}  // namespace ballast
