# SPDX-License-Identifier: Apache-2.0
# Text files become string constants of the program, so that it needs no files of its own where it runs.
#   ballast_embed(TARGET HEADER header.hpp NAMESPACE ns FILES symbol=path …)
# defines `const std::string_view ns::symbol`, which `header.hpp` declares. Paths are relative to the calling folder.
if(CMAKE_SCRIPT_MODE_FILE)
    set(text "// Generated from the files named below; do not edit.\n#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
    foreach(entry IN LISTS FILES)
        string(REGEX MATCH "^([a-z_]+)=(.*)$" matched "${entry}")
        set(symbol ${CMAKE_MATCH_1})
        file(READ ${CMAKE_MATCH_2} content)
        get_filename_component(name ${CMAKE_MATCH_2} NAME)
        string(APPEND text "\n// ${name}\nconst std::string_view ${symbol} = R\"~embed~(${content})~embed~\";\n")
    endforeach()
    file(WRITE ${OUTPUT} "${text}\n}  // namespace ${NAMESPACE}\n")
    return()
endif()

set(BALLAST_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(ballast_embed target)
    cmake_parse_arguments(ARG "" "HEADER;NAMESPACE" "FILES" ${ARGN})
    set(entries)
    set(paths)
    foreach(entry IN LISTS ARG_FILES)
        string(REGEX MATCH "^([a-z_]+)=(.*)$" matched "${entry}")
        set(symbol ${CMAKE_MATCH_1})
        get_filename_component(path ${CMAKE_MATCH_2} ABSOLUTE)
        list(APPEND entries "${symbol}=${path}")
        list(APPEND paths ${path})
    endforeach()
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded.cpp)
    add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} "-DFILES=${entries}" -DHEADER=${ARG_HEADER} -DNAMESPACE=${ARG_NAMESPACE}
                -DOUTPUT=${output} -P ${BALLAST_EMBED_SCRIPT}
        DEPENDS ${paths} ${BALLAST_EMBED_SCRIPT}
        COMMENT "Embedding the files of ${target}" VERBATIM)
    target_sources(${target} PRIVATE ${output})
endfunction()
