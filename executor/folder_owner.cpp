// SPDX-License-Identifier: Apache-2.0
#include "executor/folder_owner.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace ballast {

void give_to_folders_owner(const std::string& path) {
    if (geteuid() != 0) return;
    std::string folder = std::filesystem::path(path).parent_path();
    if (folder.empty()) folder = ".";
    struct stat of_folder {};
    struct stat of_file {};
    if (stat(folder.c_str(), &of_folder) != 0 || of_folder.st_uid == 0) return;
    // Not through a link: whoever owns the folder could have root give him another file.
    if (lstat(path.c_str(), &of_file) != 0 || !S_ISREG(of_file.st_mode) || of_file.st_uid != 0) return;
    if (of_file.st_nlink != 1) return;
    static_cast<void>(!lchown(path.c_str(), of_folder.st_uid, of_folder.st_gid));
}

}  // namespace ballast
