#ifndef KASA_COMMON_MUTANT_H_
#define KASA_COMMON_MUTANT_H_

// Rules broken on purpose, one at a time, to see that a test notices (docs/reliability.md lists them).
//
// KASA_MUTANT("name") is the constant false in every build but the one that is configured with
// KASA_MUTANTS=ON, which is never released: no name is in its binaries (tests/mutants proves that). With the
// option it is true when the environment variable KASA_MUTANT is that name, so that tools/mutants breaks one
// rule a run without building anew.
#ifdef KASA_MUTANTS

#include <cstdlib>
#include <string_view>

namespace kasa {

// `name` with the prefix that KASA_MUTANT gives it, by which a binary with mutants is told.
inline bool IsMutant(std::string_view name) {
  static const char* const kChosen = std::getenv("KASA_MUTANT");
  return kChosen != nullptr && name.substr(name.find(':') + 1) == kChosen;
}

}  // namespace kasa

#define KASA_MUTANT(name) ::kasa::IsMutant("kasa-mutant:" name)

#else

#define KASA_MUTANT(name) false

#endif

#endif  // KASA_COMMON_MUTANT_H_
