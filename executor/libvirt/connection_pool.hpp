// SPDX-License-Identifier: Apache-2.0
// One control connection per host, kept open between calls: a look at a host must not cost a handshake, least of all
// while a guest waits to be resumed.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/result.hpp"
#include "virt/connection.hpp"

namespace ballast::virt {

class ConnectionPool {
  public:
    using Shared = std::shared_ptr<virConnect>;

    // An open connection; a new one if there is none or the old one is dead. Thread-safe. May block as open() does.
    [[nodiscard]] Result<Shared> get(const std::string& uri);
    // Forgets the connection of a host that does not answer: the next call tries a new one.
    void drop(const std::string& uri);

  private:
    std::mutex mutex_;
    std::map<std::string, Shared> by_uri_;
};

}  // namespace ballast::virt
