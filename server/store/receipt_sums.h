#ifndef KASA_SERVER_STORE_RECEIPT_SUMS_H_
#define KASA_SERVER_STORE_RECEIPT_SUMS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/domain/receipt.h"
#include "server/domain/totals.h"
#include "server/store/connection.h"
#include "server/store/schema.h"

// What the receipts of an integration add up to, hour by hour, so that the totals of a month need not read
// each of them. A receipt and its part of a sum are written together, and neither ever changes.
namespace kasa::store {

// Hours are counted since 1970, UTC. A day in Kyiv is whole hours.
int64_t HourOf(absl::Time time);
absl::Time StartOfHour(int64_t hour);
bool IsStartOfHour(absl::Time time);

// Adds a receipt that is being stored. A sum that does not fit is as good as none: totals with it are
// refused.
void AddToSums(Connection& connection, const std::string& integration_id, absl::Time time,
               const domain::PricedReceipt& receipt);

struct HourSums {
  domain::Totals totals;
  int64_t next_hour = 0;  // those before are in the totals
};

// Adds up the hours from `from` on that are before `before`, at most `limit` that have any. OUT_OF_RANGE when
// a sum does not fit.
absl::StatusOr<HourSums> AddUpHours(Connection& connection, const std::string& integration_id, int64_t from,
                                    int64_t before, int limit);
absl::Status DoesNotFit();

extern const absl::string_view kSumsOfHours;

// Makes the sums of all receipts there are (migrations.cc).
void MakeReceiptSums(Connection& connection, const MigrationListener& listener);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_RECEIPT_SUMS_H_
