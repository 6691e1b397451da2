// SPDX-License-Identifier: Apache-2.0
// The fencing of one host while one migration is settled.
//
// What it guarantees:
//   - a host is fenced at most once, and never the machine that Ballast runs on, or one of which that cannot be told,
//   or
//     any host while the gate is closed;
//   - the intent is in the journal before the program is asked, and its answer before anything follows from it; if the
//     journal cannot be written, no host is fenced, or nothing follows;
//   - between the two both hosts are looked at once more: one that answers after all, even if only to refuse, is not
//     fenced. The gate is asked before the intent, and once more directly before the program;
//   - a host counts as off only while it goes on to be silent, and not for long. What it says itself counts more.
// Nothing of it outlives the process: after a crash the host is asked about anew.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/ports/clock.hpp"
#include "core/ports/journal.hpp"
#include "executor/reconcile.hpp"

namespace ballast {

// Why this host may not be fenced, whatever it holds. Asks the gate, and resolves the name in the host's URI.
[[nodiscard]] std::optional<std::string> objection_to_fencing(const FenceOptions& options, const HostEndpoint& host);

class Fencing {
  public:
    // All must outlive it.
    Fencing(const FenceOptions& options, MigrationRecord& record, Journal& journal, Clock& clock)
        : options_(options), record_(record), journal_(journal), clock_(clock) {}

    // For which guests a host may be fenced now.
    [[nodiscard]] FenceUse use() const;
    // Carries out `decision`, which is to fence one of the two hosts. `still_wanted` looks at both and says whether it
    // would be decided again. One line: what came of it.
    std::string fence(const NextStep& decision, const std::function<bool()>& still_wanted);
    // Turns the side that was found to be off, and does not answer, into `off`.
    void apply(Situation& seen);
    // What was asked and answered, in one line; empty if nothing was.
    [[nodiscard]] const std::string& said() const { return said_; }

  private:
    void spend(FenceResult result);
    std::string refuse(const HostEndpoint& host, const std::string& because);
    std::string ask(const NextStep& decision, Side side, const HostEndpoint& host);
    [[nodiscard]] Status write_down(const NextStep& decision, const std::string& text);

    const FenceOptions& options_;
    MigrationRecord& record_;
    Journal& journal_;
    Clock& clock_;

    bool spent_ = false;        // it was asked, or will not be
    std::optional<Side> off_;   // who was found to be off …
    double off_since_s_ = 0.0;  // … and when
    std::string said_;
};

}  // namespace ballast
