// SPDX-License-Identifier: Apache-2.0
// RAII for what libvirt's C API hands out besides connections and domains.
#pragma once

#include <cstdlib>
#include <memory>
#include <vector>

#include "virt/connection.hpp"

namespace ballast::virt {

struct Free {
    void operator()(void* memory) const { std::free(memory); }
};
using Text = std::unique_ptr<char, Free>;

template <auto release>
struct Release {
    template <typename T>
    void operator()(T* object) const {
        release(object);
    }
};
using Network = std::unique_ptr<virNetwork, Release<virNetworkFree>>;
using Interface = std::unique_ptr<virInterface, Release<virInterfaceFree>>;
using Pool = std::unique_ptr<virStoragePool, Release<virStoragePoolFree>>;
using Volume = std::unique_ptr<virStorageVol, Release<virStorageVolFree>>;

// What a virConnectListAll… call filled in: `count` objects in an array that is the caller's.
template <typename Handle>
[[nodiscard]] std::vector<Handle> take_all(typename Handle::pointer* objects, int count) {
    std::vector<Handle> taken;
    for (int i = 0; i < count; ++i) taken.emplace_back(objects[i]);
    std::free(static_cast<void*>(objects));
    return taken;
}

}  // namespace ballast::virt
