#ifndef KASA_TOOLS_SIMULATOR_LEDGER_H_
#define KASA_TOOLS_SIMULATOR_LEDGER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tools/simulator/json.h"
#include "tools/simulator/receipt.h"

namespace kasa::simulator {

// One document that a register really made: tasks 1 to 4 are receipts, 10 and 11 reports, 0 the opening of a
// shift. A plain value; money in kopiykas.
struct LedgerEntry {
  std::string fisid;
  int task = 0;
  std::string fiscal_number;  // empty for an X-report, which goes nowhere
  std::string tag;            // empty when no request asked for it (automatic opening or closing)
  int64_t docno = 0;
  int64_t dataid = 0;
  int64_t shift = 0;
  absl::Time time;  // by the register's clock
  bool is_offline = false;
  int dtype = 0;  // 0 test register, 1 real
  Receipt receipt;
  int64_t safe = 0;  // cash in the drawer afterwards
  std::string cashier;
  std::string mac;
  // The request's bytes; never null.
  std::shared_ptr<const std::string> body = std::make_shared<const std::string>();
  Json info;  // `info` of the answer
  // How many listing calls this register had answered when this was made (for the late listing).
  int64_t listings_before = 0;

  bool IsReceipt() const { return task >= 1 && task <= 4; }
};

struct Shift {
  int64_t id = 0;
  absl::Time opened;
  std::optional<absl::Time> closed;
};

// {"receipts":[...],"reports":[...],"openings":[...]}, money in kopiykas. With `bodies` each entry has the
// request verbatim as the string `body`.
Json LedgerJson(const std::vector<LedgerEntry>& entries, bool bodies);

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_LEDGER_H_
