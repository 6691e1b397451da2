// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/source.hpp"

#include "core/check.hpp"

namespace ballast {

// Of a recording of CPU use alone.
Status TraceSource::read_column(std::size_t /*interval*/, TraceColumn /*column*/, std::span<float> /*values*/) {
    BALLAST_CHECK(false, "a column is read that is not recorded");
    return {};
}

}  // namespace ballast
