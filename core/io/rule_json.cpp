// SPDX-License-Identifier: Apache-2.0
#include "core/io/rule_json.hpp"

namespace ballast::json {

Json write(const RuleSpec& rule) {
    return {{"kind", name(rule.kind)},     {"name", rule.name},   {"vms", rule.vms},
            {"vm_labels", rule.vm_labels}, {"hosts", rule.hosts}, {"host_labels", rule.host_labels},
            {"cpu_model", rule.cpu_model}};
}

RuleSpec read_rule(const Node& node) {
    RuleSpec rule;
    rule.kind = one_of(node.at("kind"), all_rule_kinds);
    rule.name = node.at("name").text();
    rule.vms = node.at("vms").texts();
    rule.vm_labels = node.texts_if_any("vm_labels");
    rule.hosts = node.at("hosts").texts();
    rule.host_labels = node.texts_if_any("host_labels");
    rule.cpu_model = node.at("cpu_model").text();
    return rule;
}

}  // namespace ballast::json
