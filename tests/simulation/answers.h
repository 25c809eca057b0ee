#ifndef KASA_TESTS_SIMULATION_ANSWERS_H_
#define KASA_TESTS_SIMULATION_ANSWERS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/kyiv_time.h"
#include "tests/simulation/fault.h"
#include "tests/simulation/register_model.h"

// What a register writes, as its switches have it and as a fault spoils it.
namespace kasa::simulation {

// What a status tells that is not the register's own: conditions that last for a while.
struct StatusConditions {
  bool blocked = false;
  bool signature_missing = false;
  bool silent = false;
  absl::Duration clock_off;  // besides the switch
};

// An answer to a sale, a return or an opening. `action` replaces res_action as the outcome has it.
std::string WriteAnswer(const RegisterModel& of, const TaskRequest& request, const TaskOutcome& outcome,
                        std::optional<int> action, absl::Time now, const Fault* spoilt_by,
                        const KyivTime& kyiv);

std::string WriteStatus(const RegisterModel& of, const StatusConditions& conditions, absl::Time now,
                        const Fault* spoilt_by, const KyivTime& kyiv);

// Nothing: it knows of no such receipt, or does not have the call.
std::optional<std::string> WriteCheckTask(const RegisterModel& of, const std::string& fiscal_number,
                                          absl::Time now);

// The listings: a page of shifts, the newest first, and of one shift's documents. Nothing: it does not have
// the call.
std::optional<std::string> WriteShifts(const RegisterModel& of, int page, int page_size,
                                       const KyivTime& kyiv);
std::optional<std::string> WriteChecks(const RegisterModel& of, int shift, int page, int page_size,
                                       absl::Time now, const KyivTime& kyiv);

// An error of a task that was not executed, or perhaps was.
std::string WriteError(const RegisterModel& of, const TaskRequest& request, int res,
                       std::optional<int> action, absl::Time now, const KyivTime& kyiv);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_ANSWERS_H_
