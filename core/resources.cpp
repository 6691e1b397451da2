// SPDX-License-Identifier: Apache-2.0
#include "core/resources.hpp"

#include <algorithm>
#include <cmath>

namespace ballast {

std::string_view name(Resource resource) {
    switch (resource) {
        case Resource::cpu: return "cpu";
        case Resource::memory: return "memory";
        case Resource::network: return "network";
        case Resource::disk_io: return "disk I/O";
    }
    return "?";
}

bool ResourceVector::is_quantity() const {
    return std::all_of(values_.begin(), values_.end(), [](double v) { return std::isfinite(v) && v >= 0.0; });
}

}  // namespace ballast
