# What makes a build quicker where it is installed, and changes nothing else: ccache and the linker mold.
# A launcher or a linker that was asked for on the command line is left as it is.
find_program(KASA_CCACHE ccache)
find_program(KASA_MOLD mold)
mark_as_advanced(KASA_CCACHE KASA_MOLD)

if(KASA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A clone in another directory finds what this one compiled: paths below the base are hashed as relative
  # ones, and the working directory, which debug information names, is left out of the hash.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}"
      CCACHE_NOHASHDIR=1 "${KASA_CCACHE}")
endif()

if(KASA_MOLD AND NOT "${CMAKE_EXE_LINKER_FLAGS}" MATCHES "-fuse-ld=")
  add_link_options(-fuse-ld=mold)
endif()
