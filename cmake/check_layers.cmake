# SPDX-License-Identifier: Apache-2.0
# cmake -DROOT=… -P check_layers.cmake: fails if a file includes what its folder may not use, or if two
# types have one name.
cmake_minimum_required(VERSION 3.25)

# Folder -> folders it may include. A sub-folder without a row of its own follows its parent.
set(may_use_core core)
set(may_use_virt core virt)
set(may_use_scheduler core scheduler)
set(may_use_executor core executor)
set(may_use_executor/libvirt core virt executor)
set(may_use_executor/power core executor)
set(may_use_executor/libvirt/preflight core virt executor)
set(may_use_metrics core metrics)
set(may_use_metrics/libvirt core virt metrics)
set(may_use_control core scheduler executor metrics control)
set(may_use_simulator core scheduler executor metrics control simulator)
set(may_use_cli core virt scheduler executor metrics control simulator cli)
set(folders core virt scheduler executor metrics control simulator cli)

# Third-party header prefix -> regular expression of the files that may include it.
set(third_party
    "libvirt/"         "^(virt|executor/libvirt|metrics/libvirt)/"
    "curl/"            "^(executor/power/redfish|metrics/prometheus/client)\\.cpp$"
    "sqlite3.h"        "^executor/journal_sqlite"
    "prometheus/"      "^metrics/exporter"
    "microhttpd.h"     "^metrics/http_listener\\.cpp$"
    "toml"             "^cli/toml/.*\\.cpp$"
    "CLI/"             "^cli/.*\\.cpp$"
    "pugixml.hpp"      "^(virt|executor/libvirt|metrics/libvirt)/.*\\.cpp$"
    "nlohmann/"        "^((core/io|cli|simulator|executor|metrics)/.*\\.cpp|core/io/json_reader\\.hpp)$"
    "archive"          "^simulator/trace/archive"
    "zlib.h"           "^simulator/trace/(binary_format|import/line_reader)\\.cpp$"
    "zstd.h"           "^simulator/trace/binary_(source|writer)\\.cpp$"
    "Eigen/"           "^(scheduler|metrics|simulator)/.*\\.cpp$")

# A type's name is that of one type: of two that meet in one program the linker takes either one's functions for both.
set(twice 0)
foreach(folder IN LISTS folders)
    file(GLOB_RECURSE headers RELATIVE ${ROOT} ${ROOT}/${folder}/*.hpp)
    foreach(header IN LISTS headers)
        file(STRINGS ${ROOT}/${header} lines REGEX "^(namespace |struct |class |enum class )")
        set(namespace "")
        foreach(line IN LISTS lines)
            if(line MATCHES "^namespace ([a-z_:]+)")
                string(REPLACE "::" "_" namespace "${CMAKE_MATCH_1}")
            elseif(line MATCHES "^(struct|class|enum class) ([A-Za-z0-9]+)[^;]*$")
                set(defined "defined_${namespace}_${CMAKE_MATCH_2}")
                if(DEFINED ${defined})
                    message(SEND_ERROR "${header}: ${CMAKE_MATCH_2} is defined in ${${defined}}, too")
                    math(EXPR twice "${twice} + 1")
                endif()
                set(${defined} ${header})
            endif()
        endforeach()
    endforeach()
endforeach()
if(twice GREATER 0)
    message(FATAL_ERROR "${twice} type(s) have a name that another one has")
endif()

set(errors 0)
foreach(folder IN LISTS folders)
    file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/${folder}/*.hpp ${ROOT}/${folder}/*.cpp)
    foreach(file IN LISTS files)
        set(allowed ${may_use_${folder}})
        get_filename_component(directory ${file} DIRECTORY)
        if(DEFINED may_use_${directory})
            set(allowed ${may_use_${directory}})
        endif()
        file(STRINGS ${ROOT}/${file} includes REGEX "^[ \t]*#[ \t]*include")
        foreach(line IN LISTS includes)
            if(line MATCHES "include \"([a-z]+)/[^\"]*\"")
                set(used ${CMAKE_MATCH_1})
                if(NOT used IN_LIST allowed)
                    message(SEND_ERROR "${file}: ${line}: ${directory}/ may use only: ${allowed}")
                    math(EXPR errors "${errors} + 1")
                endif()
            elseif(line MATCHES "include \"")
                message(SEND_ERROR "${file}: ${line}: write the path from the top folder")
                math(EXPR errors "${errors} + 1")
            elseif(line MATCHES "include <([^>]*)>")
                set(header ${CMAKE_MATCH_1})
                list(LENGTH third_party length)
                math(EXPR last "${length} - 1")
                foreach(i RANGE 0 ${last} 2)
                    math(EXPR j "${i} + 1")
                    list(GET third_party ${i} prefix)
                    list(GET third_party ${j} where)
                    string(FIND "${header}" "${prefix}" position)
                    if(position EQUAL 0 AND NOT file MATCHES "${where}")
                        message(SEND_ERROR "${file}: ${line}: this library belongs to files matching ${where}")
                        math(EXPR errors "${errors} + 1")
                    endif()
                endforeach()
            endif()
        endforeach()
    endforeach()
endforeach()
if(errors GREATER 0)
    message(FATAL_ERROR "${errors} include(s) go against the layering of docs/architecture.md")
endif()
