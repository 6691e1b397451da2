// SPDX-License-Identifier: Apache-2.0
#include "simulator/experiment/sweep.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "simulator/experiment/merge.hpp"

namespace ballast {

namespace {

// A thread has nobody above it to catch what a library throws.
Result<SimulationResult> guarded(const RunCell& run, const Cell& cell) {
    try {
        return run(cell);
    } catch (const std::exception& e) {
        return fail(ErrorKind::failed, std::string("internal error: ") + e.what());
    }
}

class Workers {
  public:
    Workers(std::vector<const Cell*> cells, ResultFile& file, const RunCell& run,
            const std::function<void(std::size_t, std::size_t)>& progress)
        : cells_(std::move(cells)), file_(file), run_(run), progress_(progress) {}

    Result<std::size_t> work(std::size_t jobs) {
        std::vector<std::jthread> threads;
        for (std::size_t i = 1; i < std::min(jobs, cells_.size()); ++i) threads.emplace_back([this] { take_cells(); });
        take_cells();
        threads.clear();  // joins
        if (error_) return tl::unexpected(*error_);
        return recorded_;
    }

  private:
    const Cell* next() {
        const std::lock_guard lock(mutex_);
        return error_ || taken_ == cells_.size() ? nullptr : cells_[taken_++];
    }

    void take_cells() {
        while (const Cell* cell = next()) {
            const Result<SimulationResult> result = guarded(run_, *cell);
            const std::lock_guard lock(mutex_);
            record(*cell, result);
        }
    }

    void record(const Cell& cell, const Result<SimulationResult>& result) {
        if (!result) {
            if (!error_) error_ = Error{result.error().kind, cell.description() + ": " + result.error().message};
            return;
        }
        if (write_failed_) return;
        if (Status ok = file_.append(result_line(cell.key, *result)); !ok) {
            write_failed_ = true;
            if (!error_) error_ = ok.error();
            return;
        }
        ++recorded_;
        if (progress_) progress_(recorded_, cells_.size());
    }

    std::vector<const Cell*> cells_;
    ResultFile& file_;
    const RunCell& run_;
    const std::function<void(std::size_t, std::size_t)>& progress_;
    std::mutex mutex_;  // guards all below
    std::size_t taken_ = 0;
    std::size_t recorded_ = 0;
    bool write_failed_ = false;
    std::optional<Error> error_;
};

}  // namespace

Result<SweepTotals> run_cells(const std::vector<Cell>& cells, const std::set<std::string>& done, std::size_t jobs,
                              ResultFile& file, const RunCell& run,
                              const std::function<void(std::size_t done, std::size_t all)>& progress) {
    std::set<std::string> known = done;
    for (const RunRecord& record : file.found()) known.insert(record.key);
    std::vector<const Cell*> to_do;
    for (const Cell& cell : cells) {
        if (!known.contains(cell.key)) to_do.push_back(&cell);
    }
    const std::size_t skipped = cells.size() - to_do.size();
    const Result<std::size_t> ran = Workers(std::move(to_do), file, run, progress).work(jobs);
    if (!ran) return tl::unexpected(ran.error());
    return SweepTotals{*ran, skipped};
}

Result<std::set<std::string>> keys_done(const std::string& folder) {
    const Result<std::vector<RunRecord>> runs = read_runs(folder);
    if (!runs) return tl::unexpected(runs.error());
    std::set<std::string> keys;
    for (const RunRecord& run : *runs) keys.insert(run.key);
    return keys;
}

}  // namespace ballast
