// SPDX-License-Identifier: Apache-2.0
// A Reason in JSON: its code and numbers for machines, its text for people. For .cpp files only (the
// JSON library's header is slow to include).
#pragma once

#include "core/cluster.hpp"
#include "core/io/json_reader.hpp"
#include "core/reason.hpp"

namespace ballast::json {

[[nodiscard]] Json write(const Reason& reason, const Cluster& cluster);
// Names of things that are gone since are left out: a reason is an explanation, not a reference.
[[nodiscard]] Reason read_reason(const Node& node, const Cluster& cluster);

}  // namespace ballast::json
