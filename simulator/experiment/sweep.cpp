// SPDX-License-Identifier: Apache-2.0
#include "simulator/experiment/sweep.hpp"

#include <mutex>

#include "simulator/experiment/merge.hpp"
#include "simulator/parallel.hpp"

namespace ballast {

Result<SweepTotals> run_cells(const std::vector<Cell>& cells, const std::set<std::string>& done, std::size_t jobs,
                              ResultFile& file, const RunCell& run,
                              const std::function<void(std::size_t done, std::size_t all)>& progress) {
    std::set<std::string> known = done;
    for (const RunRecord& record : file.found()) known.insert(record.key);
    std::vector<const Cell*> to_do;
    for (const Cell& cell : cells) {
        if (!known.contains(cell.key)) to_do.push_back(&cell);
    }
    std::mutex mutex;  // of the file and all below
    std::size_t recorded = 0;
    bool write_failed = false;
    const Status all = for_each_index(to_do.size(), jobs, [&](std::size_t index) -> Status {
        const Cell& cell = *to_do[index];
        const Result<SimulationResult> result = run(cell);
        if (!result) return fail(result.error().kind, cell.description() + ": " + result.error().message);
        const std::lock_guard lock(mutex);
        if (write_failed) return {};  // the first to fail says it
        if (Status ok = file.append(result_line(cell.key, *result)); !ok) {
            write_failed = true;
            return ok;
        }
        ++recorded;
        if (progress) progress(recorded, to_do.size());
        return {};
    });
    if (!all) return tl::unexpected(all.error());
    return SweepTotals{recorded, cells.size() - to_do.size()};
}

Result<std::set<std::string>> keys_done(const std::string& folder) {
    const Result<std::vector<RunRecord>> runs = read_runs(folder);
    if (!runs) return tl::unexpected(runs.error());
    std::set<std::string> keys;
    for (const RunRecord& run : *runs) keys.insert(run.key);
    return keys;
}

}  // namespace ballast
