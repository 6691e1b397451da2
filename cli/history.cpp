// SPDX-License-Identifier: Apache-2.0
// `ballast history`: what was done, why, and what became of it. The journal is all it needs; no host is asked.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/command.hpp"
#include "cli/history_view.hpp"
#include "cli/live.hpp"
#include "cli/output.hpp"

namespace ballast {

namespace {

constexpr int searched_max = 20'000;  // records of a kind, the newest

Result<JournalPast> read_past(SqliteJournal& journal) {
    auto plans = journal.recent_plans(searched_max);
    if (!plans) return tl::unexpected(plans.error());
    auto migrations = journal.recent_migrations(searched_max);
    if (!migrations) return tl::unexpected(migrations.error());
    auto switches = journal.recent_switches(searched_max);
    if (!switches) return tl::unexpected(switches.error());
    return JournalPast{std::move(*plans), std::move(*migrations), std::move(*switches)};
}

Result<int> run_history(const PastFilter& filter, const CommonOptions& common) {
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    // A host that is no longer configured has a past, too: its name is not checked.
    Result<std::unique_ptr<SqliteJournal>> journal = (*cluster)->journal_if_any();
    if (!journal) return tl::unexpected(journal.error());
    Result<JournalPast> past = *journal == nullptr ? JournalPast{} : read_past(**journal);
    if (!past) return tl::unexpected(past.error());
    const JournalPast shown = select(std::move(*past), filter);
    if (Status ok = print(common.json ? to_json(shown) + "\n" : show_past(shown)); !ok) {
        return tl::unexpected(ok.error());
    }
    return 0;
}

}  // namespace

void declare_history(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto filter = std::make_shared<PastFilter>();
    CLI::App* command = app.add_subcommand("history", "Migrations and power switches of the past, with their reasons");
    command->add_option("--limit", filter->limit, "The newest so many")
        ->capture_default_str()
        ->check(CLI::Range(1, searched_max));
    command->add_option("--vm", filter->vm, "Only migrations of this VM");
    command->add_option("--host", filter->host, "Only what came from, went to, or switched this host");
    add_common_options(*command, common);
    command->footer("It reads the journal and asks no host. WHY is the policy's reason or, where it went wrong, what.");
    command->callback(
        [filter, &common, &selected] { selected = [filter, &common] { return run_history(*filter, common); }; });
}

}  // namespace ballast
