// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/bounded_call.hpp"

namespace ballast::virt {

Error no_answer(const std::string& whom, double deadline_s) {
    return {ErrorKind::unreachable, whom + " does not answer within " + std::to_string(static_cast<int>(deadline_s)) +
                                        " s; check the host and its libvirt daemon"};
}

}  // namespace ballast::virt
