// SPDX-License-Identifier: Apache-2.0
// What is read of a document from another machine at most.
#pragma once

#include <cstddef>

namespace ballast::virt {

// Longer documents are refused unread; libvirt's own limit for a domain's XML is in this order.
inline constexpr std::size_t document_bytes_max = 8U << 20U;

}  // namespace ballast::virt
