// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/rule_reader.hpp"

#include <string>

#include "cli/toml/one_of.hpp"
#include "cli/toml/window_reader.hpp"

namespace ballast::toml_io {

namespace {

RuleException read_exception(TableReader table) {
    RuleException exception;
    exception.vm = table.required_text("vm");
    exception.until_s = table.time("until");
    exception.because = table.text("because");
    table.finish();
    return exception;
}

}  // namespace

RuleSpec read_rule(TableReader table) {
    RuleSpec rule;
    rule.name = table.required_text("name");
    rule.kind = read_one_of(table, "kind", all_rule_kinds, table.required_text("kind"));
    rule.vms = table.texts("vms");
    rule.vm_labels = table.texts("vm_labels");
    rule.hosts = table.texts("hosts");
    rule.host_labels = table.texts("host_labels");
    rule.cpu_model = table.text("cpu_model");
    rule.at_most = static_cast<std::uint32_t>(table.whole("at_most", rule.at_most, 1, 1'000'000));
    if (table.has("per")) rule.per = read_one_of(table, "per", all_fault_domains, table.text("per"));
    rule.weight = table.number("weight", 0.0, {1e-6, 1e6});
    rule.from_s = table.time("from");
    rule.until_s = table.time("until");
    for (TableReader& exception : table.tables("except")) rule.except.push_back(read_exception(exception));
    rule.window = read_window(table);
    table.finish();
    return rule;
}

}  // namespace ballast::toml_io
