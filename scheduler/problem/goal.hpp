// SPDX-License-Identifier: Apache-2.0
// A goal: one term of the objective, and how it is made up of parts, so that a change is evaluated by the parts it
// touches. The term is the sum of of_host() over all hosts, of_vm() over all VMs and of_rule() over all rules, each in
// the goal's own unit; less is better. What a part costs may depend
//   of_host   on the host and on which VMs it carries
//   of_vm     on where this VM is
//   of_rule   on where the VMs of this rule are
// and on nothing else that a change alters. O(1), O(samples) or O(members of the rule).
#pragma once

#include "core/ids.hpp"

namespace ballast {

class Goal {
  public:
    virtual ~Goal() = default;
    [[nodiscard]] virtual double of_host(HostId /*host*/) const { return 0.0; }
    [[nodiscard]] virtual double of_vm(VmId /*vm*/) const { return 0.0; }
    [[nodiscard]] virtual double of_rule(RuleId /*rule*/) const { return 0.0; }
};

}  // namespace ballast
