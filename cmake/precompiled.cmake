# SPDX-License-Identifier: Apache-2.0
# Parsing the standard library takes most of the time in which most files compile. With BALLAST_PCH it is parsed once
# for the libraries and once, with GoogleTest, for the tests. The release build does without, so that a file that
# forgets an include fails there.
option(BALLAST_PCH "Precompile the headers of the standard library and of GoogleTest" OFF)

# ballast_precompile(NAME LINK … HEADERS …): makes a precompiled header that targets with the same options may use.
function(ballast_precompile name)
    cmake_parse_arguments(ARG "" "" "LINK;HEADERS" ${ARGN})
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${name}.cpp CONTENT "// Carries a precompiled header.\n")
    add_library(${name} OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/${name}.cpp)
    target_link_libraries(${name} PRIVATE ballast_options ${ARG_LINK})
    target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

set(BALLAST_STD_HEADERS <algorithm> <array> <atomic> <charconv> <chrono> <cmath> <cstdint> <cstdio> <cstring>
    <filesystem> <fstream> <functional> <limits> <map> <memory> <mutex> <numeric> <optional> <set> <span> <sstream>
    <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector> <tl/expected.hpp>)
if(BALLAST_PCH)
    ballast_precompile(ballast_pch HEADERS ${BALLAST_STD_HEADERS})
endif()
