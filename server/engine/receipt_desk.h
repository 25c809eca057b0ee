#ifndef KASA_SERVER_ENGINE_RECEIPT_DESK_H_
#define KASA_SERVER_ENGINE_RECEIPT_DESK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "server/domain/fiscalization.h"
#include "server/domain/sending.h"
#include "server/domain/totals.h"
#include "server/engine/executor.h"
#include "server/engine/fiscalizer.h"
#include "server/engine/lanes.h"
#include "server/engine/settings.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

struct TotalsCall {
  std::string integration_id;
  // The period; not looked at with compare_with_register, whose period is the shift that is open.
  absl::Time time_from;
  absl::Time time_before;
  bool compare_with_register = false;
  absl::Duration answer_within = absl::InfiniteDuration();
};

struct TotalsOutcome {
  domain::Totals totals;
  std::optional<domain::TotalsComparison> comparison;  // with compare_with_register
  int64_t in_doubt = 0;  // fiscalizations of the period that are IN_DOUBT, and in no total
};

struct SendReceiptCall {
  std::string fiscal_number;
  std::string register_fiscal_number;  // may be empty where the number names one receipt
  std::string phone;                   // checked; this or `email`, or both
  std::string email;
  std::string request_id;
  absl::Duration answer_within = absl::InfiniteDuration();
};

struct SendReceiptOutcome {
  std::vector<domain::Sending> sendings;  // as they are now: what is not answered in time is IN_FLIGHT
  bool replayed = false;
};

// What can be done with receipts that exist (product.md, points 19 and 20). Thread-safe; no call blocks.
// Callbacks come once, on one of the engine's threads.
class ReceiptDesk {
 public:
  // All outlive the desk. `reads` runs what reads many receipts.
  ReceiptDesk(store::Store& store, vchasno::Client& client, Lanes& lanes, Executor& executor, Executor& reads,
              const Clock& clock, const Settings& settings);
  ReceiptDesk(const ReceiptDesk&) = delete;
  ReceiptDesk& operator=(const ReceiptDesk&) = delete;
  ~ReceiptDesk();

  // Adds up what the gateway issued in a period; with compare_with_register in the shift that is open, beside
  // the register's own X-report, which is asked for over the register's lane while that rests. NOT_FOUND
  // (INTEGRATION_NOT_FOUND). With compare_with_register also: FAILED_PRECONDITION (INTEGRATION_ARCHIVED,
  // REGISTER_UNKNOWN, STORE_COPIED, TOKEN_MISSING, TOKEN_REFUSED, REGISTER_MISMATCH, SHIFT_CLOSED,
  // SHIFT_UNKNOWN, or what the register refuses with), UNAVAILABLE (REGISTER_BUSY, REGISTER_UNREACHABLE,
  // ANSWER_UNREADABLE, or another passing trouble).
  void GetTotals(TotalsCall call, Done<TotalsOutcome> done);

  // Commands Vchasno.Kasa to send a receipt: each channel once for a request id, recorded before the command
  // leaves. What is lost is UNKNOWN and never commanded again. The register's lane has no part in it.
  // NOT_FOUND (RECEIPT_NOT_FOUND); INVALID_ARGUMENT when several registers have this number; ALREADY_EXISTS
  // (REQUEST_ID_USED); for a new request id also FAILED_PRECONDITION (STORE_COPIED, INTEGRATION_ARCHIVED,
  // TOKEN_MISSING) and UNAVAILABLE (SHUTTING_DOWN).
  void Send(SendReceiptCall call, Done<SendReceiptOutcome> done);

  // The tax service's page of a receipt that has none stored, as its public page at Vchasno.Kasa tells it, or
  // "". It is asked for at most `at_most` and Settings::sts_look_up_timeout, remembered when it is known, and
  // not asked for again for a while when it is not. Never an error: a receipt does not wait for its link.
  void FindStsUrl(const domain::Fiscalization& fiscalization, absl::Duration at_most, Done<std::string> done);

  // Begins no new sending. Executor's thread only, as is Idle().
  void Drain();
  // Whether no command is on the wire and none waits to be stored.
  bool Idle() const;

 private:
  class Impl;
  Executor& executor_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_RECEIPT_DESK_H_
