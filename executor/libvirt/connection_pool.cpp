// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/connection_pool.hpp"

namespace ballast::virt {

Result<ConnectionPool::Shared> ConnectionPool::get(const std::string& uri) {
    {
        const std::scoped_lock lock(mutex_);
        const auto found = by_uri_.find(uri);
        if (found != by_uri_.end() && virConnectIsAlive(found->second.get()) == 1) return found->second;
    }
    // Not under the lock: connecting to a dead host takes its time, and the others must not wait for it.
    Result<Connection> opened = open(uri, Access::full);
    if (!opened) return tl::unexpected(opened.error());
    Shared shared(opened->release(), ConnectionCloser{});
    const std::scoped_lock lock(mutex_);
    by_uri_[uri] = shared;
    return shared;
}

void ConnectionPool::drop(const std::string& uri) {
    const std::scoped_lock lock(mutex_);
    by_uri_.erase(uri);
}

}  // namespace ballast::virt
