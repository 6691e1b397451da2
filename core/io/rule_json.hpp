// SPDX-License-Identifier: Apache-2.0
// Rules in JSON, as written by the operator. For the .cpp files of this folder only.
#pragma once

#include "core/io/json_reader.hpp"
#include "core/rules.hpp"

namespace ballast::json {

[[nodiscard]] Json write(const RuleSpec& rule);
[[nodiscard]] RuleSpec read_rule(const Node& node);

}  // namespace ballast::json
