// SPDX-License-Identifier: Apache-2.0
// A folder for one test, with files and scripts in it.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace ballast::test {

class Folder {
  public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "ballast-test-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) std::abort();
        path_ = pattern;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
    void write(const std::string& name, const std::string& text) const { std::ofstream(file(name)) << text; }
    void secret(const std::string& name, const std::string& text) const {
        write(name, text);
        chmod(file(name).c_str(), 0600);
    }
    void script(const std::string& name, const std::string& text) const {
        write(name, "#!/bin/sh\n" + text + "\n");
        chmod(file(name).c_str(), 0755);
    }
    void make_folder(const std::string& name) const { std::filesystem::create_directory(file(name)); }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream stream(file(name));
        return {std::istreambuf_iterator<char>(stream), {}};
    }

  private:
    std::string path_;
};

}  // namespace ballast::test
