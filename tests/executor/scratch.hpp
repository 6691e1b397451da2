// SPDX-License-Identifier: Apache-2.0
// A folder for one test, and the small cluster the executor's tests run plans on.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/plan.hpp"
#include "executor/journal_sqlite.hpp"
#include "tests/clusters.hpp"

namespace ballast::test {

class Scratch {
  public:
    Scratch() {
        // In memory where there is such a place: the sweeps sync thousands of journals, and no test pulls the plug.
        const std::filesystem::path memory = "/dev/shm";
        const bool in_memory = access(memory.c_str(), W_OK) == 0;
        std::string pattern =
            ((in_memory ? memory : std::filesystem::temp_directory_path()) / "ballast-test-XXXXXX").string();
        path_ = mkdtemp(pattern.data()) == nullptr ? std::string() : pattern;
        if (path_.empty()) std::abort();
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

inline std::unique_ptr<SqliteJournal> open_journal(const std::string& path,
                                                   SqliteJournal::Mode mode = SqliteJournal::Mode::write) {
    return value(SqliteJournal::open(path, mode));
}

// Hosts h1..h4 with 8000 MHz and 8192 MiB each; VMs vm0, vm1 … of 1000 MiB and 500 MHz on the hosts named (0 = h1).
inline Cluster cluster_with_vms_on(const std::vector<std::size_t>& hosts) {
    ClusterBuilder builder;
    std::vector<HostId> ids;
    for (const char* name : {"h1", "h2", "h3", "h4"}) {
        HostSpec spec = host(name, 8000.0, 8192.0);
        spec.uri = std::string("fake://") + name + "/system";
        ids.push_back(builder.add_host(spec));
    }
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        builder.add_vm(vm("vm" + std::to_string(i), 1000.0), on(ids[hosts[i]], 500.0));
    }
    return value(std::move(builder).build());
}

inline Action move_vm(std::size_t vm, std::size_t from, std::size_t to, std::vector<ActionId> after = {}) {
    Action action;
    action.vm = VmId(vm);
    action.from = HostId(from);
    action.host = HostId(to);
    action.reason = {ReasonCode::empty_host, HostId(from), {}, {}, Resource::cpu, 0.1, 0.3};
    action.cost = {4.0, 1e9, 0.2};
    action.after = std::move(after);
    return action;
}

inline MigrationRecord sample_record(const std::string& vm = "web", std::int64_t plan_id = 1) {
    MigrationRecord record;
    record.plan_id = plan_id;
    record.vm = {vm, "uuid-" + vm};
    record.source = {"h1", "fake://h1/system", "10.0.0.1"};
    record.destination = {"h2", "fake://h2/system", ""};
    record.created_unix_s = 1.7e9;
    record.updated_unix_s = 1.7e9;
    record.reason = "h1 is at 92 % CPU, above 80 %";
    record.predicted_duration_s = 11.5;
    record.predicted_downtime_s = 0.25;
    return record;
}

}  // namespace ballast::test
