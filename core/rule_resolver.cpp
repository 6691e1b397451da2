// SPDX-License-Identifier: Apache-2.0
#include "core/rule_resolver.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/utc_time.hpp"

namespace ballast {

namespace {

// Who has a label, by label. Only labels that some rule asks for are in it.
template <typename IdType>
class Labelled {
  public:
    void ask_for(const std::vector<std::string>& labels) {
        for (const std::string& label : labels) ids_[label];
    }
    template <typename Specs>
    void fill(const Specs& specs) {
        if (ids_.empty()) return;
        for (std::size_t i = 0; i < specs.size(); ++i) {
            for (const std::string& label : specs[i].labels) {
                if (const auto it = ids_.find(label); it != ids_.end()) it->second.emplace_back(i);
            }
        }
    }
    [[nodiscard]] const std::vector<IdType>& with(const std::string& label) const { return ids_.at(label); }

  private:
    std::map<std::string, std::vector<IdType>> ids_;
};

template <typename IdType>
void sort_unique(std::vector<IdType>& ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

bool is_group(RuleKind kind) { return kind == RuleKind::affinity || kind == RuleKind::anti_affinity; }

// How many VMs a rule of this kind needs to mean anything.
std::size_t vms_needed(RuleKind kind) {
    if (is_group(kind)) return 2;
    return kind == RuleKind::pin || kind == RuleKind::forbid || kind == RuleKind::ignore_vm ? 1 : 0;
}

bool may_be_soft(RuleKind kind) { return is_group(kind) || kind == RuleKind::pin || kind == RuleKind::forbid; }

bool needs_host(RuleKind kind) {
    return kind == RuleKind::pin || kind == RuleKind::forbid || kind == RuleKind::ignore_host;
}

class Resolver {
  public:
    Resolver(std::span<const RuleSpec> rules, const Inventory& inventory, double unix_time_s)
        : rules_(rules), inventory_(inventory), now_s_(unix_time_s) {
        for (const RuleSpec& rule : rules) {
            vms_.ask_for(rule.vm_labels);
            hosts_.ask_for(rule.host_labels);
        }
        vms_.fill(inventory.vms());
        hosts_.fill(inventory.hosts());
    }

    Result<ResolvedRules> run() {
        std::set<std::string> names;
        for (std::size_t i = 0; i < rules_.size(); ++i) {
            const RuleSpec& spec = rules_[i];
            if (spec.name.empty()) return fail(ErrorKind::usage, "rule " + std::to_string(i + 1) + " has no name");
            const std::string who = "rule \"" + spec.name + "\": ";
            if (!names.insert(spec.name).second) return fail(ErrorKind::usage, who + "the name is used twice");
            if (Status ok = check_times(spec, who); !ok) return tl::unexpected(ok.error());
            if (spec.until_s && *spec.until_s <= now_s_) {
                warn(who + "was in force until " + utc_text(*spec.until_s) + "; take it out, or give it more time");
            } else if (in_force(spec, now_s_)) {
                if (Status ok = add(spec, who); !ok) return tl::unexpected(ok.error());
            }
        }
        return std::move(resolved_);
    }

  private:
    void warn(std::string warning) { resolved_.warnings.push_back(std::move(warning)); }

    static Status check_times(const RuleSpec& spec, const std::string& who) {
        const auto is_time = [](double time_s) { return time_s >= 0.0 && time_s <= unix_time_max_s; };
        bool ok = is_time(spec.from_s.value_or(0.0)) && is_time(spec.until_s.value_or(0.0));
        for (const RuleException& exception : spec.except) ok = ok && is_time(exception.until_s.value_or(0.0));
        if (!ok) return fail(ErrorKind::usage, who + "times must be from 1970 to 9999");
        if (spec.from_s && spec.until_s && *spec.from_s >= *spec.until_s) {
            return fail(ErrorKind::usage, who + "its from is not before its until");
        }
        if (spec.kind != RuleKind::freeze && spec.window != WeeklyWindow()) {
            return fail(ErrorKind::usage, who + "days, between and utc_offset are for freeze only");
        }
        return {};
    }

    Status add(const RuleSpec& spec, const std::string& who) {
        Rule rule{spec.kind, spec.name, {}, {}, spec.cpu_model, spec.at_most, spec.per};
        rule.weight = spec.weight;
        if (spec.until_s) rule.ends_s = *spec.until_s;
        if (Status ok = select_vms(spec, who, rule); !ok) return ok;
        if (Status ok = select_hosts(spec, who, rule); !ok) return ok;
        const bool plain = spec.at_most == 1 && spec.per == FaultDomain::host;
        if (!plain && spec.kind != RuleKind::anti_affinity) {
            return fail(ErrorKind::usage, who + "at_most and per are for anti-affinity only");
        }
        if (!std::isfinite(spec.weight) || spec.weight < 0.0 || spec.weight > 1e6) {
            return fail(ErrorKind::usage, who + "weight must be from 0 to 1000000");
        }
        if (rule.soft() && !may_be_soft(spec.kind)) {
            return fail(ErrorKind::usage, who + "a rule of this kind is always hard; take its weight out");
        }
        if (spec.at_most == 0) return fail(ErrorKind::usage, who + "at_most must be 1 or more");
        if (spec.kind == RuleKind::cpu_compatible && spec.cpu_model.empty()) {
            return fail(ErrorKind::usage, who + "names no CPU model");
        }
        if (needs_host(spec.kind) && rule.hosts.empty()) return fail(ErrorKind::usage, who + "names no host");
        if (spec.kind == RuleKind::freeze && !take_in_window(spec, rule)) return {};
        if (rule.vms.size() >= vms_needed(spec.kind)) {
            resolved_.rules.push_back(std::move(rule));
            return {};
        }
        const std::string lacking = is_group(spec.kind) ? "needs at least two VMs" : "names no VM";
        if (spec.vm_labels.empty() && spec.except.empty()) return fail(ErrorKind::usage, who + lacking);
        warn(who + lacking + "; it has no effect until it selects more VMs");
        return {};
    }

    // False if the window is closed.
    bool take_in_window(const RuleSpec& spec, Rule& rule) const {
        const std::optional<double> closes_s = open_until(spec.window, now_s_);
        if (!closes_s) return false;
        rule.ends_s = std::min(rule.ends_s, *closes_s);
        const bool all = spec.vms.empty() && spec.vm_labels.empty() && rule.hosts.empty();
        for (std::size_t v = 0; all && v < inventory_.vms().size(); ++v) rule.vms.emplace_back(v);
        leave_out_exceptions(spec, rule);
        for (std::size_t h = 0; all && h < inventory_.hosts().size(); ++h) {
            rule.hosts.emplace_back(h);
        }
        return true;
    }

    void leave_out_exceptions(const RuleSpec& spec, Rule& rule) const {
        for (const RuleException& exception : spec.except) {
            if (exception.until_s && *exception.until_s <= now_s_) continue;
            if (const auto id = inventory_.find_vm(exception.vm)) std::erase(rule.vms, *id);
        }
    }

    Status select_vms(const RuleSpec& spec, const std::string& who, Rule& rule) {
        for (const std::string& name : spec.vms) {
            const auto id = inventory_.find_vm(name);
            if (!id) return fail(ErrorKind::usage, who + "names the VM \"" + name + "\", which is not in the cluster");
            rule.vms.push_back(*id);
        }
        for (const std::string& label : spec.vm_labels) {
            const std::vector<VmId>& with = vms_.with(label);
            if (with.empty()) warn(who + "no VM has the label \"" + label + "\"");
            rule.vms.insert(rule.vms.end(), with.begin(), with.end());
        }
        sort_unique(rule.vms);
        for (const RuleException& exception : spec.except) {
            if (!exception.until_s || *exception.until_s > now_s_) continue;
            warn(who + "the exception for " + exception.vm + " ended on " + utc_text(*exception.until_s) +
                 "; take it out, or give it more time");
        }
        leave_out_exceptions(spec, rule);
        return {};
    }

    Status select_hosts(const RuleSpec& spec, const std::string& who, Rule& rule) {
        for (const std::string& name : spec.hosts) {
            const auto id = inventory_.find_host(name);
            if (!id) {
                return fail(ErrorKind::usage, who + "names the host \"" + name + "\", which is not in the cluster");
            }
            rule.hosts.push_back(*id);
        }
        for (const std::string& label : spec.host_labels) {
            const std::vector<HostId>& with = hosts_.with(label);
            if (with.empty()) return fail(ErrorKind::usage, who + "no host has the label \"" + label + "\"");
            rule.hosts.insert(rule.hosts.end(), with.begin(), with.end());
        }
        sort_unique(rule.hosts);
        return {};
    }

    std::span<const RuleSpec> rules_;
    const Inventory& inventory_;
    double now_s_;
    Labelled<VmId> vms_;
    Labelled<HostId> hosts_;
    ResolvedRules resolved_;
};

}  // namespace

Result<ResolvedRules> resolve_rules(std::span<const RuleSpec> rules, const Inventory& inventory, double unix_time_s) {
    return Resolver(rules, inventory, unix_time_s).run();
}

}  // namespace ballast
