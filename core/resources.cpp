// SPDX-License-Identifier: Apache-2.0
#include "core/resources.hpp"

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

}  // namespace ballast
