// SPDX-License-Identifier: Apache-2.0
// The reference world once more, written straight from the description of CloudSim 3.0.3 in the most obvious way: every
// host is asked for every VM, a trial placement is a placement that is taken back, every sum is added up anew, the
// history of a host is gathered whenever it is needed. It shares options, policy and figures with
// simulator/cloudsim, and no code; the two must agree in every bit.
//
// For tests and measurements only: it is slow.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "simulator/cloudsim/family.hpp"
#include "simulator/cloudsim/figures.hpp"
#include "simulator/cloudsim/options.hpp"
#include "simulator/trace/source.hpp"

namespace ballast::plain {

struct Migration {
    double time_s = 0.0;
    std::size_t vm = 0;  // its number in the reference world
    std::size_t from = 0;
    std::size_t to = 0;

    friend bool operator==(const Migration&, const Migration&) = default;
};

struct Run {
    cloudsim::Figures figures;
    std::vector<Migration> migrations;  // in the order they start
};

// All quirks are supported. Nothing if some VM fits nowhere at the start. Reads the whole trace into memory; one that
// cannot be read breaks an invariant.
[[nodiscard]] std::optional<Run> plain_cloudsim(TraceSource& trace, const cloudsim::Options& options,
                                                const cloudsim::FamilyPolicy& policy);

}  // namespace ballast::plain
