// SPDX-License-Identifier: Apache-2.0
#include "cli/prometheus_access.hpp"

#include <utility>

#include "core/io/secret_file.hpp"

namespace ballast {

Result<PrometheusClient> prometheus_client(const PrometheusAccess& access) {
    PrometheusOptions options = access.client;
    if (!access.password_file.empty()) {
        Result<std::string> password = read_password(access.password_file);
        if (!password) return tl::unexpected(password.error());
        options.password = std::move(*password);
    }
    return PrometheusClient(std::move(options));
}

}  // namespace ballast
