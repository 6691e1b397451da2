// SPDX-License-Identifier: Apache-2.0
// The results of one shard: a file of one JSON line per run, {"key":"…", …}, followed by what `simulate --json` writes
// about the run. Append only; every line is on disk before the next run is taken as done.
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "simulator/experiment/grid.hpp"
#include "simulator/result.hpp"

namespace ballast {

struct RunRecord {
    std::string key;
    std::string file;
    std::size_t line = 0;  // in the file, from 1
    double energy_kwh = 0.0;
    double migrations = 0.0;
    double slav = 0.0;
    double downtime_s = 0.0;

    [[nodiscard]] std::string place() const { return file + ":" + std::to_string(line); }
};

// One line, with its newline.
[[nodiscard]] std::string result_line(const std::string& key, const SimulationResult& result);

struct ParsedResults {
    std::vector<RunRecord> runs;
    std::size_t whole_bytes = 0;  // what comes after them is the torn last line of a run that was killed
};
// A last line without newline, or that is not such an object, is torn: what a kill or a power cut leaves. Any other bad
// line is damage: an error, file:line.
[[nodiscard]] Result<ParsedResults> parse_results(const std::string& text, const std::string& file);

// The files runs-*-of-*.jsonl of a folder, by name. Errors: the folder cannot be read.
[[nodiscard]] Result<std::vector<std::string>> result_files(const std::string& folder);

class ResultFile {
  public:
    // Opens or creates folder/runs-I-of-N.jsonl, locks it (flock, given back by the kernel when the process ends,
    // however it ends), and cuts off a torn last line. Errors: refused, if another process has it, or has a file of
    // another number of shards, whose runs might be the same; failed; usage, if the file is damaged. Of two processes
    // with different numbers of shards that start at the same moment at least one is refused.
    [[nodiscard]] static Result<ResultFile> open(const std::string& folder, const Shard& shard);
    ResultFile(ResultFile&& other) noexcept;
    ResultFile& operator=(ResultFile&&) = delete;
    ~ResultFile();

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] const std::vector<RunRecord>& found() const { return found_; }
    // Returns when the line is on disk. After an error the file may end in a torn line, which the next open() removes:
    // do not append again. Not thread-safe.
    [[nodiscard]] Status append(const std::string& line);

  private:
    ResultFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
    int fd_;
    std::string path_;
    std::vector<RunRecord> found_;
};

}  // namespace ballast
