#ifndef KASA_TOOLS_SIMULATOR_ANSWERS_H_
#define KASA_TOOLS_SIMULATOR_ANSWERS_H_

#include <cstdint>
#include <string>

#include "tools/simulator/json.h"
#include "tools/simulator/register.h"

namespace kasa::simulator {

// What the register tells about itself: the `info` objects of status and reports, and the answers of the
// calls beside execute. Pure functions of the register's state.

// `info` of task 18.
Json StatusInfo(const Register& reg);

// `info` of an X- or Z-report over the shift `shift`: counts, sums, taxes, payments. `_p` is sales, `_m`
// returns.
Json ReportInfo(const Register& reg, int64_t shift);

// An answer of a GET or of notifications: an HTTP status and a body.
struct CallAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

// GET /api/v3/shifts and /api/v3/shift/checks, by the register's switches. Pages count from 1.
CallAnswer ListShifts(Register& reg, int64_t page, int64_t page_size);
CallAnswer ListChecks(Register& reg, int64_t shift, int64_t page, int64_t page_size);

// GET /api/v3/check-task/<fiscal number>.
CallAnswer CheckTaskAnswer(const Register& reg, const std::string& fiscal_number);

// GET /c/<fiscal number> and /c/<fiscal number>.json.
CallAnswer ReceiptPage(const Register& reg, const LedgerEntry& entry);
CallAnswer ReceiptData(const Register& reg, const LedgerEntry& entry);

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_ANSWERS_H_
