// SPDX-License-Identifier: Apache-2.0
// Samples by bucket of time, on disk: what an import keeps of its input, so that memory does not grow with its length.
// The file has no name, so nothing stays behind however the program ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace ballast {

struct SpilledSample {
    std::uint32_t vm = 0;
    std::uint8_t row = 0;  // which interval of its bucket, and which column: the caller's numbering
    std::uint8_t weight = 1;
    std::uint16_t code = 0;  // simulator/trace/sample_codes.hpp
};
static_assert(sizeof(SpilledSample) == 8);

class SpillFile {
  public:
    using BucketId = std::int64_t;

    // Keeps at most `buffer_bytes` of samples in memory, and 16 bytes for every time and bucket it wrote them out.
    // Nothing is written before that. Errors: failed, `folder` cannot be written.
    [[nodiscard]] static Result<SpillFile> create(const std::string& folder, std::size_t buffer_bytes);
    SpillFile(SpillFile&& other) noexcept;
    SpillFile& operator=(SpillFile&&) = delete;
    ~SpillFile();

    // Errors: failed, the disk is full.
    [[nodiscard]] Status add(BucketId bucket, SpilledSample sample);
    // Hands the samples of a bucket to `use` in the order in which they were added, some at a time.
    [[nodiscard]] Status read(BucketId bucket, const std::function<void(std::span<const SpilledSample>)>& use) const;

  private:
    struct Block {
        std::uint64_t offset = 0;
        std::uint64_t count = 0;
    };
    struct Bucket {
        std::vector<SpilledSample> buffered;
        std::vector<Block> blocks;
    };

    SpillFile(std::string folder, int fd, std::size_t buffered_max)
        : folder_(std::move(folder)), fd_(fd), buffered_max_(buffered_max) {}
    [[nodiscard]] Status flush();

    std::string folder_;
    int fd_ = -1;
    std::size_t buffered_max_ = 0;
    std::size_t buffered_ = 0;
    std::uint64_t end_ = 0;
    std::map<BucketId, Bucket> buckets_;
    std::map<BucketId, Bucket>::iterator last_ = buckets_.end();  // most samples go where the one before went
};

}  // namespace ballast
