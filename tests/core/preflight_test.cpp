// SPDX-License-Identifier: Apache-2.0
#include "core/preflight.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace ballast {
namespace {

TEST(Preflight, PutsNamesIn) {
    const PreflightFinding finding{PreflightCode::network_missing, "{to} has no active network 'v7', which {vm} needs",
                                   "start it on {to}"};
    const MoveNames names{"web", "h1", "h2"};
    EXPECT_EQ(describe(finding, names),
              "h2 has no active network 'v7', which web needs; start it on h2 [network-missing]");
    EXPECT_EQ(with_names("{t {to", names), "{t {to") << "what is no word stays";
    EXPECT_EQ(with_names("{vm}", {"{to}", "h1", "h2"}), "{to}") << "a name is not looked at again";
    EXPECT_TRUE(finding.refuses());
    EXPECT_FALSE((PreflightFinding{PreflightCode::storage_unproven, "", ""}.refuses()));
}

// docs/preflight.md has one row "| `code` | severity | meaning | …" per code, in the order of the table.
TEST(Preflight, ThePageAndTheTableAgree) {
    std::ifstream page(BALLAST_SOURCE_DIR "/docs/preflight.md");
    std::vector<std::string> rows;
    for (std::string line; std::getline(page, line);) {
        const bool has_severity = line.find("` | refuse |") != line.npos || line.find("` | warn |") != line.npos;
        if (line.starts_with("| `") && has_severity) rows.push_back(line);
    }
    ASSERT_EQ(rows.size(), preflight_codes().size());
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const PreflightCodeInfo& row = preflight_codes()[i];
        const std::string wanted = "| `" + std::string(row.name) + "` | " + std::string(name(row.severity)) + " | " +
                                   std::string(row.meaning) + " |";
        EXPECT_TRUE(rows[i].starts_with(wanted)) << "docs/preflight.md has:\n" << rows[i] << "\nnot:\n" << wanted;
        EXPECT_TRUE(names.insert(row.name).second) << row.name << " is there twice";
    }
}

}  // namespace
}  // namespace ballast
