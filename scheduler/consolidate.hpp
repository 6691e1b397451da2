// SPDX-License-Identifier: Apache-2.0
// Goal `consolidate`: run the load on as few hosts as it needs and put the others to sleep.
//
// 1. Relief first (relief.hpp), with `enter` and, as its exit level, `target`: saving never goes before overload. What
//    leaves a hot host goes where the packer (packer.hpp) says: the fullest host that has room, not the emptiest.
// 2. Hosts that carry nothing go to sleep, as far as headroom.hpp lets them and Ballast controls their power.
// 3. Hosts below `low`, now and for `sustain`, are emptied one by one: those that Ballast can put to sleep first, then
//    by watts saved per MHz that has to find a place, highest first (hosts without a power curve last, least loaded
//    first), ties by id. All of a host's VMs leave or none does; the largest goes first, each to the first host found
//    in packing_order.hpp that takes it and whose VMs together, as joint_load.hpp plans for them with `margin`, then
//    need at most `target` of its CPU, and `memory` of its memory. A host that received a VM in this decision is not
//    emptied in it. What it saves is P(host) - its sleep watts - what its VMs add at their destinations; with a power
//    curve that, less the energy of the migrations and of one sleep and one wake spread over `stable`, and less 90
//    times what a MHz costs on full hosts per MHz that hosts are then expected to lack more (joint_load.hpp), must be
//    at least `min_saving`: the objective of problem/problem.hpp in watts. A host that slept often in the last day
//    comes later: its watts count 1/(1 + 0.05 sleeps). The watts of a host that Ballast cannot put to sleep are counted
//    as if the operator did. The round is repeated until it empties nothing. Deciding again empties nothing more
//    because what moved rests (`cooldown`, `host_rest`); without memory of the moves it would find a little more now
//    and then, as the first decision may not empty a host that it has filled. After 256 hosts in a row for which no
//    room was found the others, which as a rule have more to place, are not tried.
//
// Why packing by joint load: hosts can be filled to 95 % of their CPU on average, because VMs do not peak at once, and
// where they do, their past says so. On PlanetLab's days this takes a fifth less energy than the best of Beloglazov &
// Buyya's family with a tenth of its migrations (docs/comparison.md).
//
// Hysteresis: low < target < enter. What was just filled is planned at or below target, so neither hot (> enter) nor,
// as long as it stays at or above low, emptied; VMs that moved rest for `cooldown`, and a host with a resting VM is not
// emptied; relief waits for a sixth of it only.
//
// O(V * log H) for V VMs on hosts that are tried and H hosts that are filled, where hosts are alike; see
// host_index.hpp.
#pragma once

#include <memory>
#include <string_view>

#include "scheduler/policy.hpp"

namespace ballast {

[[nodiscard]] const PolicyHelp& consolidate_help();
// `options`: "key=value,…"; empty = all defaults. Usage errors as parse_policy_options(); low < target < enter and
// headroom < target.
[[nodiscard]] Result<std::unique_ptr<Policy>> make_consolidate(std::string_view options);

}  // namespace ballast
