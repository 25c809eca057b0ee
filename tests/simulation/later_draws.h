#ifndef KASA_TESTS_SIMULATION_LATER_DRAWS_H_
#define KASA_TESTS_SIMULATION_LATER_DRAWS_H_

#include "tests/simulation/plan.h"
#include "tests/simulation/random.h"

// Parts of a plan that were thought of when there were many seeds already. Each is drawn from a generator of
// its own, so that everything else in the history of a seed stays what it was.
namespace kasa::simulation {

// At least one of the documents is a return; sales and payments there are anyway. Before anything is drawn
// that goes by the documents.
void MakeSureOfAReturn(Plan& plan, Random random);

// Some registers close their shifts in a quiet window amid the history, about a document of theirs; half of
// these ask for that document again.
void DrawClosings(Plan& plan, Random random, const KyivTime& kyiv);

// Statuses that come slowly or not at all, about a document: the first, the one after a reading of a clock
// that is off, or the one that is to confirm a closed shift; and somebody who checks the connection then.
void DrawStatusTroubles(Plan& plan, Random random);

// Seldom, a receipt that is made is refused all the same, in an answer that names its fiscal number.
void DrawRefusedReceipts(Plan& plan, Random random);

// In every third history somebody changes an integration's mapping about the time of a document, once or
// twice.
void DrawMappingChanges(Plan& plan, Random random);

// Faults of requests, each about the time of one of the later documents, for where too few have befallen
// anything by then.
void DrawHeldBackFaults(Plan& plan, Random random);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_LATER_DRAWS_H_
