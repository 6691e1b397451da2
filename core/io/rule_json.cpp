// SPDX-License-Identifier: Apache-2.0
#include "core/io/rule_json.hpp"

namespace ballast::json {

Json write(const RuleSpec& rule) {
    return {{"kind", name(rule.kind)},     {"name", rule.name},       {"vms", rule.vms},
            {"vm_labels", rule.vm_labels}, {"hosts", rule.hosts},     {"host_labels", rule.host_labels},
            {"cpu_model", rule.cpu_model}, {"at_most", rule.at_most}, {"per", name(rule.per)}};
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
    if (node.has("at_most")) {
        const std::uint64_t at_most = node.at("at_most").whole();
        if (at_most > 1'000'000) node.at("at_most").error("1 to 1000000 is expected");
        rule.at_most = static_cast<std::uint32_t>(at_most);
    }
    if (node.has("per")) rule.per = one_of(node.at("per"), all_fault_domains);
    return rule;
}

}  // namespace ballast::json
