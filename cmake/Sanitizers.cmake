# One sanitizer a build tree: chosen by the presets `asan` (address and undefined) and `tsan` (thread).
if(KASA_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
  # A test's own source leaves out what UBSan asks at each access of a member: most of what GoogleTest's templates
  # compile to, and much of the time (tests/store/integrations_test.cc: 45 s of CPU fell to 26). AddressSanitizer
  # stays, and the rooms that are tested keep all of it.
  set(KASA_TEST_SANITIZER_OPTIONS
      -fno-sanitize=null,alignment,vptr,object-size,pointer-overflow,nonnull-attribute,returns-nonnull-attribute)
elseif(KASA_SANITIZER STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer
    # Abseil's flags read with a fence, of which the sanitizer can't know; flags are read before there are threads.
    -Wno-tsan
    # So that our code and Debian's libprotobuf agree on what a map field is.
    "SHELL:-include \"${CMAKE_SOURCE_DIR}/tests/tsan/prelude.h\"")
  add_link_options(-fsanitize=thread)
  # Goes into every program of ours; its functions must be found by the shared libraries.
  add_library(kasa_tsan_order OBJECT "${CMAKE_SOURCE_DIR}/tests/tsan/grpc_order.cc")
  target_compile_options(kasa_tsan_order PRIVATE -fno-sanitize=thread)
  target_link_libraries(kasa_tsan_order INTERFACE ${CMAKE_DL_LIBS})
  target_link_options(kasa_tsan_order INTERFACE -rdynamic)
elseif(NOT KASA_SANITIZER STREQUAL "")
  message(FATAL_ERROR "KASA_SANITIZER must be empty, 'address' or 'thread', not '${KASA_SANITIZER}'")
endif()
