// SPDX-License-Identifier: Apache-2.0
// A recording of the live cluster: a folder with samples.csv (load_recorder.hpp, grows while it is made), cluster.json
// (the snapshot it begins with) and load.trace (made of the samples at the end), which `ballast simulate` replays.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.hpp"
#include "core/snapshot.hpp"
#include "metrics/load_recorder.hpp"

namespace ballast {

class Recording {
  public:
    // Makes the folder, or goes on with the recording in it. Errors: as LoadRecorder::open().
    [[nodiscard]] static Result<Recording> open(const std::string& folder, double interval_s);

    // To be called with every look at the cluster. The first at which every host answers is kept as cluster.json.
    [[nodiscard]] Status look(const Snapshot& snapshot);
    [[nodiscard]] std::uint64_t looks() const { return recorder_.looks(); }

  private:
    Recording(std::string folder, LoadRecorder recorder, bool has_cluster)
        : folder_(std::move(folder)), recorder_(std::move(recorder)), has_cluster_(has_cluster) {}

    std::string folder_;
    LoadRecorder recorder_;
    bool has_cluster_;
};

struct FinishedRecording {
    std::string trace;     // path
    std::string snapshot;  // path
    std::size_t vms = 0;
    std::size_t intervals = 0;
    std::uint64_t unsampled = 0;  // VM-intervals without a sample, replayed as no load
};

// Makes load.trace of the samples from the moment of cluster.json on; they stay, so that the recording can go on.
// Errors: usage, if there are none.
[[nodiscard]] Result<FinishedRecording> finish_recording(const std::string& folder, double interval_s);

}  // namespace ballast
