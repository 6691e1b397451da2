// SPDX-License-Identifier: Apache-2.0
#include "core/io/secret_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace ballast {

namespace {

constexpr std::string_view password_file = "password file";

tl::unexpected<Error> refused(std::string_view what, const std::string& path, const std::string& because) {
    return fail(ErrorKind::refused, std::string(what) + " " + path + because);
}

}  // namespace

Status check_secret_file(std::string_view what, const std::string& path) {
    struct stat file {};
    if (stat(path.c_str(), &file) != 0 || access(path.c_str(), R_OK) != 0) {
        return refused(what, path, std::string(": ") + std::strerror(errno));
    }
    if ((file.st_mode & S_IROTH) != 0) return refused(what, path, " can be read by everybody: chmod 600 it");
    return {};
}

Result<std::string> read_password(const std::string& path) {
    if (Status ok = check_secret_file(password_file, path); !ok) return tl::unexpected(ok.error());
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) return refused(password_file, path, " has no password in its first line");
    return line;
}

}  // namespace ballast
