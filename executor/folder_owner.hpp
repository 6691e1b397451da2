// SPDX-License-Identifier: Apache-2.0
// Files that root makes where a service of another user works on.
#pragma once

#include <string>

namespace ballast {

// Gives the file to the owner of the folder it is in, so that the service can go on with what root began by hand, such
// as a journal. Only where root made it and the folder is another user's; otherwise, and if it fails, nothing changes.
void give_to_folders_owner(const std::string& path);

}  // namespace ballast
