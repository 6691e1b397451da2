// SPDX-License-Identifier: Apache-2.0
// The step after construction: an optimiser (problem/optimiser.hpp) makes the placement better by the problem's goals,
// and what it finds becomes moves that say what they are worth.
#pragma once

#include "scheduler/draft.hpp"
#include "scheduler/packer.hpp"
#include "scheduler/problem/optimiser.hpp"

namespace ballast {

struct ImprovementOptions {
    std::size_t evaluations = 0;  // of changes, at most; 0 = no improvement
    Level level;                  // destinations stay at or below it
    Urgency urgency = Urgency::saving;
    double gain_min = 0.0;  // in the objective's unit: what gains less is left
};

// Makes the optimiser's changes, each as a move of its first unit for `contention` (that goal of the draft's problem)
// and moves of the others that go with it. Hosts that are to sleep are left alone. Returns whether anything moved. With
// a packer, moves are made through it.
[[nodiscard]] bool improve(Draft& draft, const Optimiser& optimiser, Problem::GoalId contention,
                           const ImprovementOptions& options, Packer* packer = nullptr);

}  // namespace ballast
