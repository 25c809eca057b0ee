#ifndef KASA_TESTS_SIMULATION_SETTING_UP_H_
#define KASA_TESTS_SIMULATION_SETTING_UP_H_

#include <string>

#include "server/domain/integration.h"
#include "server/store/store.h"
#include "tests/simulation/accepted_content.h"
#include "tests/simulation/plan.h"

// The integrations of a history, as they are set up before anything is asked of them.
namespace kasa::simulation {

store::IntegrationRecord IntegrationFor(const PlannedRegister& planned, std::string id,
                                        std::string register_number, std::string token);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_SETTING_UP_H_
