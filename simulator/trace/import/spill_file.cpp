// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/import/spill_file.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ballast {

namespace {

constexpr std::size_t samples_per_read = 64 * 1024;

tl::unexpected<Error> failed(const std::string& folder) {
    return fail(ErrorKind::failed, folder + ": the import's temporary file: " + std::strerror(errno));
}

}  // namespace

Result<SpillFile> SpillFile::create(const std::string& folder, std::size_t buffer_bytes) {
    std::string name = (folder.empty() ? "." : folder) + "/.ballast-import-XXXXXX";
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) return failed(folder);
    ::unlink(name.c_str());
    return SpillFile(folder, fd, std::max<std::size_t>(buffer_bytes / sizeof(SpilledSample), 1));
}

SpillFile::SpillFile(SpillFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      fd_(std::exchange(other.fd_, -1)),
      buffered_max_(other.buffered_max_),
      buffered_(other.buffered_),
      end_(other.end_),
      buckets_(std::move(other.buckets_)) {}

SpillFile::~SpillFile() {
    if (fd_ >= 0) ::close(fd_);
}

Status SpillFile::add(BucketId bucket, SpilledSample sample) {
    if (last_ == buckets_.end() || last_->first != bucket) last_ = buckets_.try_emplace(bucket).first;
    last_->second.buffered.push_back(sample);
    return ++buffered_ < buffered_max_ ? Status() : flush();
}

Status SpillFile::flush() {
    for (auto& [id, bucket] : buckets_) {
        if (bucket.buffered.empty()) continue;
        bucket.blocks.push_back({end_, bucket.buffered.size()});
        auto bytes = std::as_bytes(std::span(bucket.buffered));
        while (!bytes.empty()) {
            const ssize_t written = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(end_));
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return failed(folder_);
            bytes = bytes.subspan(static_cast<std::size_t>(written));
            end_ += static_cast<std::uint64_t>(written);
        }
        // Not clear(): the capacities of all buckets would add up over the length of the input.
        std::vector<SpilledSample>().swap(bucket.buffered);
    }
    buffered_ = 0;
    return {};
}

Status SpillFile::read(BucketId bucket, const std::function<void(std::span<const SpilledSample>)>& use) const {
    const auto found = buckets_.find(bucket);
    if (found == buckets_.end()) return {};
    std::vector<SpilledSample> samples;
    for (const Block& block : found->second.blocks) {
        for (std::uint64_t done = 0; done < block.count;) {
            const std::size_t count = std::min<std::uint64_t>(block.count - done, samples_per_read);
            samples.resize(count);
            auto bytes = std::as_writable_bytes(std::span(samples));
            std::uint64_t at = block.offset + done * sizeof(SpilledSample);
            while (!bytes.empty()) {
                const ssize_t got = ::pread(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at));
                if (got < 0 && errno == EINTR) continue;
                if (got <= 0) return failed(folder_);
                bytes = bytes.subspan(static_cast<std::size_t>(got));
                at += static_cast<std::uint64_t>(got);
            }
            use(samples);
            done += count;
        }
    }
    use(found->second.buffered);
    return {};
}

}  // namespace ballast
