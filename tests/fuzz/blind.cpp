// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target without libFuzzer, for builds with the sanitizers of any compiler: every seed as it is, then seeds
// that are cut, spliced and changed at random. It does not see which code an input reaches, as scripts/fuzz does, and
// needs no build of its own.
//
//   blind_TARGET SECONDS SEED_FOLDER
//
// The input that crashes, or takes longer than 10 s, is left as crash-TARGET in the working folder, with exit code 1.
#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr unsigned input_seconds_max = 10;
constexpr std::size_t changes_max = 8;
constexpr std::size_t size_max = 64 * 1024;

using Bytes = std::string;
using Random = std::mt19937_64;

Bytes current;  // the input that is being tried: what the handlers below leave behind
std::string crash_file;

void leave_current() {
    const int file = open(crash_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0 || write(file, current.data(), current.size()) < 0) return;
    close(file);
}

void on_signal(int number) {
    leave_current();
    const char* said = number == SIGALRM ? "an input takes too long\n" : "aborted\n";
    if (write(STDERR_FILENO, said, std::char_traits<char>::length(said)) < 0) _exit(1);
    _exit(1);
}

std::vector<Bytes> seeds_in(const std::string& folder) {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path().string());
    std::sort(paths.begin(), paths.end());
    std::vector<Bytes> seeds;
    for (const std::string& path : paths) {
        std::ifstream file(path, std::ios::binary);
        seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return seeds;
}

std::size_t below(Random& random, std::size_t limit) { return limit == 0 ? 0 : random() % limit; }

// Bytes that parsers look at: structure, signs, digits, ends.
char telling_byte(Random& random) {
    static constexpr char telling[] = "{}[]\"'<>=,.:;/\\&#-+eE019 \t\r\n\x7f\xff\xc3";  // and its end, a NUL
    return below(random, 2) == 0 ? telling[below(random, sizeof telling)] : static_cast<char>(random());
}

void change(Bytes& input, const std::vector<Bytes>& seeds, Random& random) {
    const std::size_t at = below(random, input.size() + 1);
    const std::size_t length = below(random, std::min<std::size_t>(input.size() - at, 64) + 1);
    const Bytes& other = seeds[below(random, seeds.size())];
    const std::size_t from = below(random, other.size() + 1);
    switch (below(random, 6)) {
        case 0: input.erase(at, length); break;
        case 1: input.insert(at, 1, telling_byte(random)); break;
        case 2: input.insert(at, input.substr(below(random, input.size() + 1), 64)); break;
        case 3: input.replace(at, length, other, from, below(random, 256)); break;
        case 4: input.resize(at); break;
        default:
            if (at < input.size()) input[at] = telling_byte(random);
    }
    if (input.size() > size_max) input.resize(size_max);
}

void try_current() {
    alarm(input_seconds_max);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(current.data()), current.size());
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: %s SECONDS SEED_FOLDER\n", arguments[0]);
        return 2;
    }
    crash_file = "crash-" + std::filesystem::path(arguments[0]).filename().string();
    const std::vector<Bytes> seeds = seeds_in(arguments[2]);
    if (seeds.empty()) {
        std::fprintf(stderr, "%s: no seeds in %s\n", arguments[0], arguments[2]);
        return 2;
    }
    __sanitizer_set_death_callback(leave_current);
    std::signal(SIGALRM, on_signal);
    std::signal(SIGABRT, on_signal);
    for (const Bytes& seed : seeds) {
        current = seed;
        try_current();
    }
    Random random(1);
    std::size_t inputs = seeds.size();
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(arguments[1]));
    for (; std::chrono::steady_clock::now() < end; ++inputs) {
        current = seeds[below(random, seeds.size())];
        const std::size_t changes = 1 + below(random, changes_max);
        for (std::size_t i = 0; i < changes; ++i) change(current, seeds, random);
        try_current();
    }
    std::printf("%s: %zu inputs, %zu of them seeds\n", arguments[0], inputs, seeds.size());
    return 0;
}
