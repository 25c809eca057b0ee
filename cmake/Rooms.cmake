# A room is a folder with a target of its own. Its headers are found only by targets that link it: every room
# is staged as a symbolic link in an include directory of its own, which only its target exports. So a link
# line that docs/architecture.md does not allow is the only way to break the rule, and is easy to see.

# kasa_stage_room(<target> <scope> <folder>): makes "<folder>/x.h" includable for <target> and who links it.
function(kasa_stage_room target scope folder)
  set(stage "${CMAKE_BINARY_DIR}/rooms/${target}")
  get_filename_component(parent "${stage}/${folder}" DIRECTORY)
  file(MAKE_DIRECTORY "${parent}")
  file(CREATE_LINK "${CMAKE_SOURCE_DIR}/${folder}" "${stage}/${folder}" SYMBOLIC)
  target_include_directories(${target} ${scope} "$<BUILD_INTERFACE:${stage}>")
endfunction()

# kasa_room(<target> <folder> SOURCES ... DEPS ... [PRIVATE_DEPS ...])
function(kasa_room target folder)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  if(ROOM_SOURCES)
    add_library(${target} STATIC ${ROOM_SOURCES})
    target_compile_options(${target} PRIVATE ${KASA_WARNINGS})
    target_link_libraries(${target} PUBLIC ${ROOM_DEPS} PRIVATE ${ROOM_PRIVATE_DEPS})
    kasa_stage_room(${target} PUBLIC ${folder})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${ROOM_DEPS})
    kasa_stage_room(${target} INTERFACE ${folder})
  endif()
endfunction()

# kasa_executable(<target> SOURCES ... DEPS ...)
function(kasa_executable target)
  cmake_parse_arguments(EXE "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${target} ${EXE_SOURCES})
  target_compile_options(${target} PRIVATE ${KASA_WARNINGS})
  target_link_libraries(${target} PRIVATE ${EXE_DEPS})
endfunction()

# kasa_test(<name> SOURCES ... DEPS ... [LABELS ...] [TIMEOUT seconds]): a GoogleTest program, run as one ctest.
function(kasa_test name)
  cmake_parse_arguments(TEST "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  kasa_executable(${name} SOURCES ${TEST_SOURCES} DEPS ${TEST_DEPS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "${TEST_LABELS}")
endfunction()
