#ifndef KASA_SERVER_STORE_REGISTER_MEMORY_H_
#define KASA_SERVER_STORE_REGISTER_MEMORY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/domain/attention.h"
#include "server/domain/billing.h"
#include "server/domain/experience.h"

// What the store remembers of registers, for the attention list.
namespace kasa::store {

// What the store remembers of a register besides its work and its status.
struct RegisterMemory {
  std::optional<domain::Billing> billing;  // as its last report that told it
  absl::Time report_time;                  // when that was
  std::optional<domain::Disagreement> disagreement;
  std::optional<domain::OfflineRun> offline;  // while its receipts are made offline
  std::optional<absl::Time> shift_opened;     // when the gateway last opened a shift
};

// What an X-report showed besides its figures.
struct ReportFinding {
  absl::Time time;
  std::optional<domain::Billing> billing;  // what was known stays when it tells nothing
  // In how many figures the register and the gateway differed, and the first few in words. Unset when that
  // says nothing, because something is in doubt: then what was known stays.
  std::optional<int64_t> differing_figures;
  std::string differences;
};

// A tax group or payment type that the register refused as not enabled, and when last.
struct RefusedCode {
  domain::LessonSubject subject = domain::LessonSubject::kTaxGroup;
  int code = 0;
  absl::Time time;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_REGISTER_MEMORY_H_
