#ifndef KASA_TESTS_SIMULATION_STORE_READING_H_
#define KASA_TESTS_SIMULATION_STORE_READING_H_

#include <optional>
#include <string>

#include "server/domain/fiscalization.h"
#include "server/store/store.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/wire_watch.h"

// What checks read of the gateway's own store.
namespace kasa::simulation {

// What it has of the document of that name; nothing where it has none, or can't be read.
WireWatch::Told ToldOf(store::Store& store, const std::string& document_name);

// Whether it knows that the register asked for this tag again, and has not judged it since.
bool AskedAgainIsStored(store::Store& store, const std::string& tag);

// Counts the rows of the ruling table by which the sends of a document ended.
void CountRulings(store::Store& store, const domain::Fiscalization& one, Coverage& coverage);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_STORE_READING_H_
