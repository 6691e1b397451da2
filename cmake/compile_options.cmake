# SPDX-License-Identifier: Apache-2.0
# One interface target that every Ballast target links: language level, warnings, reproducible arithmetic, sanitizers.
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(ballast_options INTERFACE)
target_compile_features(ballast_options INTERFACE cxx_std_20)
target_include_directories(ballast_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(ballast_options INTERFACE
    # A multiply-add fused on one machine and not on another would change results between builds.
    -ffp-contract=off
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual)
if(BALLAST_SANITIZE)
    target_compile_options(ballast_options INTERFACE -fsanitize=${BALLAST_SANITIZE} -fno-omit-frame-pointer
                           -fno-sanitize-recover=all)
    target_link_options(ballast_options INTERFACE -fsanitize=${BALLAST_SANITIZE})
endif()

# ballast_library(NAME SOURCES … [LINK …]): a static library of the project.
function(ballast_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC ballast_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
    if(BALLAST_PCH)
        target_precompile_headers(${name} REUSE_FROM ballast_pch)
    endif()
    set_property(GLOBAL APPEND PROPERTY BALLAST_LIBRARIES ${name})
endfunction()
