# With KASA_MUTANTS, the sources that plant mutants (common/mutant.h) are compiled with them; every other one is compiled
# as in a release, so that ccache has it.
if(KASA_MUTANTS)
  foreach(target kasa_common kasa_domain kasa_store kasa_vchasno kasa_engine kasa_server)
    get_target_property(folder ${target} SOURCE_DIR)
    file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cc")
    foreach(source IN LISTS sources)
      file(STRINGS "${source}" plants REGEX "KASA_MUTANT\\(" LIMIT_COUNT 1)
      if(plants)
        set_source_files_properties("${source}" TARGET_DIRECTORY ${target} PROPERTIES COMPILE_DEFINITIONS KASA_MUTANTS)
      endif()
    endforeach()
  endforeach()
endif()
