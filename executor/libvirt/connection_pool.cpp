// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/connection_pool.hpp"

#include <thread>
#include <utility>

namespace ballast::virt {
namespace {

// Closing says goodbye to the daemon and waits for its answer, which a hung one never gives: nobody waits for that, and
// no lock is held meanwhile.
void let_go(ConnectionPool::Shared connection) {
    if (connection) std::thread([gone = std::move(connection)]() mutable { gone.reset(); }).detach();
}

}  // namespace

Result<ConnectionPool::Shared> ConnectionPool::get(const std::string& uri) {
    {
        const std::scoped_lock lock(mutex_);
        const auto found = by_uri_.find(uri);
        if (found != by_uri_.end() && virConnectIsAlive(found->second.get()) == 1) return found->second;
    }
    // Not under the lock: connecting to a dead host takes its time, and the others must not wait for it.
    Result<Connection> opened = open(uri, Access::full);
    if (!opened) return tl::unexpected(opened.error());
    const Shared shared(opened->release(), ConnectionCloser{});
    Shared replaced = shared;
    {
        const std::scoped_lock lock(mutex_);
        std::swap(by_uri_[uri], replaced);
    }
    let_go(std::move(replaced));
    return shared;
}

void ConnectionPool::drop(const std::string& uri) {
    Shared dropped;
    {
        const std::scoped_lock lock(mutex_);
        const auto found = by_uri_.find(uri);
        if (found == by_uri_.end()) return;
        dropped = std::move(found->second);
        by_uri_.erase(found);
    }
    let_go(std::move(dropped));
}

}  // namespace ballast::virt
