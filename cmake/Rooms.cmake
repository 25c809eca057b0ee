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
  if(TARGET kasa_tsan_order)
    target_link_libraries(${target} PRIVATE kasa_tsan_order)
  endif()
endfunction()

# kasa_test(<name> SOURCES ... DEPS ... [LABELS ...] [TIMEOUT seconds]): a GoogleTest program, run as one ctest.
function(kasa_test name)
  cmake_parse_arguments(TEST "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  kasa_executable(${name} SOURCES ${TEST_SOURCES} DEPS ${TEST_DEPS} kasa_testing GTest::gmock GTest::gtest_main)
  if(KASA_TEST_SANITIZER_OPTIONS)
    target_compile_options(${name} PRIVATE ${KASA_TEST_SANITIZER_OPTIONS})
  endif()
  add_test(NAME ${name} COMMAND ${name})
  kasa_test_properties(${name} TIMEOUT ${TEST_TIMEOUT} LABELS ${TEST_LABELS})
endfunction()

# kasa_test_properties(<name> [TIMEOUT seconds] [LABELS ...]): for a test that add_test() made: its time-out (longer
# under a sanitizer), the label of its room (the folder below tests/), and the options of the sanitizer, which also
# reach the programs that the test starts.
function(kasa_test_properties name)
  cmake_parse_arguments(TEST "" "TIMEOUT" "LABELS" ${ARGN})
  file(RELATIVE_PATH room "${CMAKE_SOURCE_DIR}/tests" "${CMAKE_CURRENT_SOURCE_DIR}")
  string(REGEX REPLACE "/.*" "" room "${room}")
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  set(environment "")
  if(KASA_SANITIZER STREQUAL "address")
    math(EXPR TEST_TIMEOUT "${TEST_TIMEOUT} * 2")
    list(APPEND environment
         "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1"
         "UBSAN_OPTIONS=print_stacktrace=1")
  elseif(KASA_SANITIZER STREQUAL "thread")
    math(EXPR TEST_TIMEOUT "${TEST_TIMEOUT} * 3")
    set(options "second_deadlock_stack=1:history_size=4")
    # What Debian's gRPC does inside is not for us to judge: calls of memcpy and the like from libraries that are
    # not built with ThreadSanitizer do not count. Almost no suppressions: ADR 0008 tells why.
    if(room IN_LIST KASA_GRPC_TESTS)
      string(APPEND options ":ignore_noninstrumented_modules=1"
             ":suppressions=${CMAKE_SOURCE_DIR}/tests/tsan/suppressions.txt")
    endif()
    list(APPEND environment "TSAN_OPTIONS=${options}")
  endif()
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${TEST_TIMEOUT} LABELS "${room};${TEST_LABELS}" ENVIRONMENT "${environment}")
endfunction()

# The folders below tests/ whose programs link gRPC.
set(KASA_GRPC_TESTS api server client system architecture)
