# SPDX-License-Identifier: Apache-2.0
# The layering check: who may use whom. Two halves, both part of the default build, so that a forbidden dependency
# fails the build.
#   1. check_layers.cmake reads every #include and compares it with the table there; and no two types have one name.
#   2. Each library is linked whole with nothing but what it declares: a hidden dependency is an undefined symbol.
function(ballast_add_layer_checks)
    add_custom_target(layer_includes ALL
        COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -P ${PROJECT_SOURCE_DIR}/cmake/check_layers.cmake
        COMMENT "Checking that every include goes the allowed way" VERBATIM)

    file(WRITE ${PROJECT_BINARY_DIR}/layer_main.cpp "int main() { return 0; }\n")
    get_property(libraries GLOBAL PROPERTY BALLAST_LIBRARIES)
    foreach(library IN LISTS libraries)
        add_executable(layer_link_${library} ${PROJECT_BINARY_DIR}/layer_main.cpp)
        target_link_libraries(layer_link_${library} PRIVATE ballast_options "$<LINK_LIBRARY:WHOLE_ARCHIVE,${library}>")
    endforeach()
endfunction()
