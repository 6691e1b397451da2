// SPDX-License-Identifier: Apache-2.0
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "cli/command.hpp"

namespace ballast {

void add_common_options(CLI::App& command, CommonOptions& common) {
    command.add_option("--config", common.config_path, "Configuration of the cluster (TOML)")->capture_default_str();
    command.add_flag("--json", common.json, "One JSON document on stdout; everything for people goes to stderr");
    command.add_option("--seed", common.seed, "Seed of the policies' random numbers")->capture_default_str();
    command.add_flag("-v,--verbose", common.verbose, "Say more");
}

namespace {

constexpr const char* description =
    "Ballast keeps a KVM/libvirt cluster trimmed: it spreads load off hot hosts or empties hosts to save energy,\n"
    "by live migration, and can replay every policy on recorded load first.";

constexpr const char* footer =
    "Exit codes: 0 done; 1 the thing asked for failed; 2 usage or configuration error; 3 refused by a safety check;\n"
    "4 partly done, see the journal (`ballast status`).\n"
    "First steps: `ballast simulate --trace DAY --policy spread --policy consolidate` needs no cluster;\n"
    "`ballast status` shows yours, `ballast check` says what can move where in it; `ballast run --once --goal spread` "
    "says what it would do, and does it with --mode "
    "auto.";

constexpr DeclareCommand commands[] = {
    declare_simulate, declare_sweep, declare_trace,  declare_plan,    declare_explain,
#ifdef BALLAST_WITH_LIBVIRT
    declare_snapshot, declare_check, declare_record, declare_apply,   declare_run,     declare_drain,
    declare_undrain,  declare_power, declare_status, declare_history, declare_recover,
#endif
};

// What a library threw in spite of everything is still one line and an exit code, never an abort in mid-plan.
Result<int> run_selected(const CommandAction& selected) {
    try {
        return selected();
    } catch (const std::exception& e) {
        return fail(ErrorKind::failed, std::string("internal error: ") + e.what());
    }
}

int main_with(int argc, char** argv) {
    // A reader that closes the pipe must not end a program that is in the middle of a hand-over.
    std::signal(SIGPIPE, SIG_IGN);
    // Whoever started it may have it ignored; the ends of the programs that switch hosts would be lost.
    std::signal(SIGCHLD, SIG_DFL);
    CLI::App app(description, "ballast");
    app.set_version_flag("--version", BALLAST_VERSION);
    app.footer(footer);
    app.require_subcommand(1);
    CommonOptions common;
    CommandAction selected;
    for (const DeclareCommand declare : commands) declare(app, common, selected);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
        std::fprintf(stderr, "ballast: %s; see `ballast --help`\n", e.what());
        return exit_code(ErrorKind::usage);
    }
    const Result<int> result = run_selected(selected);
    if (result) return *result;
    std::fprintf(stderr, "ballast: %s\n", result.error().message.c_str());
    return exit_code(result.error().kind);
}

}  // namespace
}  // namespace ballast

int main(int argc, char** argv) { return ballast::main_with(argc, argv); }
