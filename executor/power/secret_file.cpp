// SPDX-License-Identifier: Apache-2.0
#include "executor/power/secret_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace ballast::power {

Status check_secret_file(const std::string& path) {
    struct stat file {};
    if (stat(path.c_str(), &file) != 0 || access(path.c_str(), R_OK) != 0) {
        return fail(ErrorKind::refused, "password file " + path + ": " + std::strerror(errno));
    }
    if ((file.st_mode & S_IROTH) != 0) {
        return fail(ErrorKind::refused, "password file " + path + " can be read by everybody: chmod 600 it");
    }
    return {};
}

Result<std::string> read_secret(const std::string& path) {
    if (Status ok = check_secret_file(path); !ok) return tl::unexpected(ok.error());
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) return fail(ErrorKind::refused, "password file " + path + " has no password in its first line");
    return line;
}

}  // namespace ballast::power
