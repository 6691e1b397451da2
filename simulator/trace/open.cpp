// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/open.hpp"

#include "simulator/trace/binary_source.hpp"
#include "simulator/trace/memory_source.hpp"
#include "simulator/trace/planetlab.hpp"

namespace ballast {

Result<std::unique_ptr<TraceSource>> open_trace(const std::string& path) {
    if (BinaryTraceSource::is_one(path)) {
        Result<std::unique_ptr<BinaryTraceSource>> source = BinaryTraceSource::open(path);
        if (!source) return tl::unexpected(source.error());
        return std::unique_ptr<TraceSource>(std::move(*source));
    }
    if (path.ends_with(".csv") || path.ends_with(".csv.gz")) {
        return fail(ErrorKind::usage, path + ": a table; make a trace of it with `ballast trace import`");
    }
    Result<Trace> day = read_planetlab_day(path);
    if (!day) return tl::unexpected(day.error());
    return std::unique_ptr<TraceSource>(std::make_unique<MemoryTraceSource>(std::move(*day)));
}

}  // namespace ballast
