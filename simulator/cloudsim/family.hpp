// SPDX-License-Identifier: Apache-2.0
// The policy family of Beloglazov & Buyya (CCPE 24(13), 2012), sections 4 and 5: {npa, dvfs} and
// {thr, iqr, mad, lr, lrr} x {mmt, mu, rs, mc}.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace ballast::cloudsim {

enum class Detector : std::uint8_t { npa, dvfs, thr, iqr, mad, lr, lrr };  // npa and dvfs never migrate
enum class Selection : std::uint8_t { mmt, mu, rs, mc };

struct FamilyPolicy {
    Detector detector = Detector::lr;
    Selection selection = Selection::mmt;
    // thr: utilisation above which a host is overloaded; iqr, mad, lr, lrr: the safety parameter s.
    double parameter = 1.2;

    [[nodiscard]] bool migrates() const { return detector > Detector::dvfs; }
    [[nodiscard]] std::string name() const;  // "lr-mmt"
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> options() const;
};

// "lr-mmt", "thr-mc:threshold=0.8", "iqr-rs:safety=1.5". Errors: usage, one line that lists what there is.
[[nodiscard]] Result<FamilyPolicy> parse_family_policy(std::string_view specification);

// One line per name and option, for --help.
[[nodiscard]] std::string family_help();

}  // namespace ballast::cloudsim
