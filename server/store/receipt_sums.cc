#include "server/store/receipt_sums.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/store/records.h"

namespace kasa::store {

const absl::string_view kSumsOfHours =
    "SELECT hour, sums FROM receipt_sums WHERE integration_id = ? AND hour >= ? AND hour < ? ORDER BY hour "
    "LIMIT ?";

namespace {

constexpr int64_t kMicrosAnHour = int64_t{3600} * 1000 * 1000;

// Nothing: they did not fit.
using Sums = std::optional<domain::Totals>;

Sums ReadSums(const Query& query, int column) {
  if (query.IsNull(column)) return std::nullopt;
  return DecodeTotals(query.Text(column));
}

void WriteSums(Connection& connection, const std::string& integration_id, int64_t hour, const Sums& sums) {
  const std::string bytes = sums ? EncodeTotals(*sums) : "";
  connection.Prepare("INSERT OR REPLACE INTO receipt_sums (integration_id, hour, sums) VALUES (?, ?, ?)")
      .Bind(integration_id, hour, sums ? std::make_optional(Blob{bytes}) : std::nullopt)
      .Run();
}

void Add(const domain::PricedReceipt& receipt, Sums& sums) {
  if (sums && !domain::AddReceipt(receipt, *sums)) sums.reset();
}

}  // namespace

int64_t HourOf(absl::Time time) {
  const int64_t micros = ToMicros(time);
  return micros / kMicrosAnHour - (micros % kMicrosAnHour < 0 ? 1 : 0);
}

absl::Time StartOfHour(int64_t hour) {
  return FromMicros(hour * kMicrosAnHour);
}

bool IsStartOfHour(absl::Time time) {
  return ToMicros(time) % kMicrosAnHour == 0;
}

absl::Status DoesNotFit() {
  return absl::OutOfRangeError("the receipts add up to more than fits");
}

void AddToSums(Connection& connection, const std::string& integration_id, absl::Time time,
               const domain::PricedReceipt& receipt) {
  const int64_t hour = HourOf(time);
  Sums sums = domain::Totals();
  {
    Query query = connection.Prepare("SELECT sums FROM receipt_sums WHERE integration_id = ? AND hour = ?");
    query.Bind(integration_id, hour);
    if (query.Step()) sums = ReadSums(query, 0);
  }
  Add(receipt, sums);
  WriteSums(connection, integration_id, hour, sums);
}

absl::StatusOr<HourSums> AddUpHours(Connection& connection, const std::string& integration_id, int64_t from,
                                    int64_t before, int limit) {
  HourSums added{.next_hour = before};
  Query query = connection.Prepare(kSumsOfHours);
  query.Bind(integration_id, from, before, limit);
  int read = 0;
  while (query.Step()) {
    const Sums sums = ReadSums(query, 1);
    if (!sums || !domain::AddTotals(*sums, added.totals)) return DoesNotFit();
    if (++read == limit) added.next_hour = query.Int64(0) + 1;
  }
  return added;
}

void MakeReceiptSums(Connection& connection, const MigrationListener& listener) {
  constexpr int64_t kToldEvery = 100'000;
  std::map<std::pair<std::string, int64_t>, Sums> hours;
  int64_t read = 0;
  {
    Query query = connection.PrepareOnce(
        "SELECT r.integration_id, r.time, c.draft FROM receipts r JOIN contents c"
        " ON c.fiscalization = r.fiscalization ORDER BY r.fiscalization");
    while (query.Step()) {
      const auto hour = std::make_pair(query.Text(0), HourOf(query.Time(1)));
      Add(DecodeDraft(query.Text(2)).receipt, hours.try_emplace(hour, domain::Totals()).first->second);
      if (++read % kToldEvery == 0) listener(absl::StrCat("added up ", read, " receipts"));
    }
  }
  for (const auto& [hour, sums] : hours) WriteSums(connection, hour.first, hour.second, sums);
}

}  // namespace kasa::store
