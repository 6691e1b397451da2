// SPDX-License-Identifier: Apache-2.0
#include "core/reason.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/number_text.hpp"
#include "tests/clusters.hpp"

namespace ballast {
namespace {

Cluster two_hosts() {
    ClusterBuilder builder;
    const HostId h1 = builder.add_host(test::host("h1", 4000, 8192));
    builder.add_host(test::host("h2", 4000, 8192));
    builder.add_vm(test::vm("a", 1024), test::on(h1, 600));
    builder.add_vm(test::vm("b", 1024), test::on(h1, 600));
    builder.add_rule({RuleKind::anti_affinity, "apart", {"a", "b"}, {}, ""});
    return test::value(std::move(builder).build());
}

TEST(Reason, EveryCodeHasAnIdentifierOfItsOwnAndASentence) {
    const Cluster cluster = two_hosts();
    std::set<std::string_view> seen;
    for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(ReasonCode::wake_every_host); ++i) {
        const auto code = static_cast<ReasonCode>(i);
        EXPECT_TRUE(seen.insert(name(code)).second) << name(code);
        EXPECT_EQ(find_reason_code(name(code)), code);
        Reason reason;
        reason.code = code;
        reason.host = HostId(0);
        reason.vm = VmId(1);
        reason.rule = RuleId(0);
        const std::string text = describe(reason, cluster);
        EXPECT_NE(text, name(code)) << "no sentence for " << name(code);
        EXPECT_EQ(text.find('\n'), std::string::npos);
    }
    EXPECT_EQ(find_reason_code("because"), std::nullopt);
}

TEST(Reason, SaysTheNumbers) {
    const Cluster cluster = two_hosts();
    Reason hot;
    hot.code = ReasonCode::relieve_overload;
    hot.host = HostId(0);
    hot.value = 0.923;
    hot.limit = 0.8;
    EXPECT_EQ(describe(hot, cluster), "h1 is at 92 % CPU, above 80 %");
    Reason full;
    full.code = ReasonCode::resource_fit;
    full.host = HostId(1);
    full.resource = Resource::memory;
    full.value = 9216.0 * bytes_per_mib;
    full.limit = 8192.0 * bytes_per_mib;
    EXPECT_EQ(describe(full, cluster), "h2 would use 9216 MiB memory of the 8192 MiB it may use");
    Reason apart;
    apart.code = ReasonCode::anti_affinity;
    apart.host = HostId(1);
    apart.vm = VmId(1);
    apart.rule = RuleId(0);
    EXPECT_EQ(describe(apart, cluster), "rule \"apart\" keeps it apart from b, which is on h2");
}

// A snapshot is input: what it says may be any double.
TEST(NumberText, WritesTheLargestDouble) {
    EXPECT_EQ(number_text(1e300, 0).size(), 301U);
    EXPECT_EQ(number_text(-1e300, 3).size(), 306U);
    EXPECT_EQ(percent_text(0.125), "12 %");
}

}  // namespace
}  // namespace ballast
