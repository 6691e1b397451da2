// SPDX-License-Identifier: Apache-2.0
// Tiny clusters for tests, written in one line each. CPU in MHz, memory in MiB.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "core/cluster.hpp"

namespace ballast::test {

inline HostSpec host(std::string name, double cpu_mhz, double memory_mib) {
    HostSpec spec;
    spec.name = std::move(name);
    spec.capacity = ResourceVector(cpu_mhz, memory_mib * bytes_per_mib);
    return spec;
}

inline VmSpec vm(std::string name, double memory_mib) {
    VmSpec spec;
    spec.uuid = "uuid-" + name;
    spec.name = std::move(name);
    spec.memory_bytes = memory_mib * bytes_per_mib;
    return spec;
}

inline VmState on(HostId host, double cpu_mhz) {
    VmState state;
    state.host = host;
    state.demand = ResourceVector(cpu_mhz, 0.0);
    return state;
}

// The value of a Result that must be one.
template <typename T>
T value(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << "unexpected error: " << result.error().message;
        std::abort();
    }
    return std::move(*result);
}

}  // namespace ballast::test
