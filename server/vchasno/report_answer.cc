#include "server/vchasno/report_answer.h"

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/money.h"
#include "server/vchasno/json.h"
#include "server/vchasno/request.h"

namespace kasa::vchasno {
namespace {

using domain::RegisterReport;
using rapidjson::Value;
using Figure = RegisterReport::Figure;
using Pair = RegisterReport::Pair;

// Without its sign: returns are told with one or without.
std::optional<Money> AmountOf(const Value* value) {
  const auto text = TextOf(value);
  const auto amount = text ? Money::FromDecimal(*text) : std::nullopt;
  if (!amount || !amount->IsNegative()) return amount;
  return Subtract(Money(), *amount);
}

// Amounts that were told for one key, perhaps in several entries.
struct Told {
  std::vector<Money> amounts;
  bool unreadable = false;

  void Take(const Value* value) {
    if (value == nullptr) return;
    const auto amount = AmountOf(value);
    if (amount) amounts.push_back(*amount);
    unreadable = unreadable || !amount;
  }
  std::optional<Money> Sum() const {
    std::optional<Money> sum = Money();
    for (const Money amount : amounts) sum = sum ? Add(*sum, amount) : std::nullopt;
    return sum;
  }
};

// The turnover that `bases` and `taxes` may mean.
std::optional<Figure> TurnoverOf(const Told& bases, const Told& taxes) {
  if (bases.amounts.empty() || bases.unreadable) return std::nullopt;
  Figure figure;
  const std::optional<Money> tax = taxes.unreadable ? std::nullopt : taxes.Sum();
  for (const std::optional<Money> base : {bases.Sum(), std::optional<Money>(bases.amounts.front())}) {
    if (!base) continue;
    figure.readings.push_back(*base);
    const std::optional<Money> with_tax = tax ? Add(*base, *tax) : std::nullopt;
    if (with_tax && *with_tax != *base) figure.readings.push_back(*with_tax);
    if (bases.amounts.size() == 1) break;
  }
  return figure;
}

std::optional<Figure> SumOf(const Told& told) {
  const std::optional<Money> sum = told.Sum();
  if (told.amounts.empty() || told.unreadable || !sum) return std::nullopt;
  return Figure{.readings = {*sum}};
}

// The entries of a list by their whole number `key`; nothing when it is no list, or an entry has no such
// number.
std::optional<std::map<int, std::vector<const Value*>>> EntriesOf(const Value* list, absl::string_view key) {
  if (list == nullptr || !list->IsArray()) return std::nullopt;
  std::map<int, std::vector<const Value*>> entries;
  for (const Value& entry : list->GetArray()) {
    const auto number = IntOf(Find(&entry, key));
    if (!number || *number < 0 || *number > std::numeric_limits<int>::max()) return std::nullopt;
    entries[static_cast<int>(*number)].push_back(&entry);
  }
  return entries;
}

std::optional<std::map<int, Pair>> TaxGroupsIn(const Value* list) {
  const auto entries = EntriesOf(list, "gr_code");
  if (!entries) return std::nullopt;
  std::map<int, Pair> groups;
  for (const auto& [group, values] : *entries) {
    Told base_plus, base_minus, tax_plus, tax_minus;
    for (const Value* value : values) {
      base_plus.Take(Find(value, "base_sum_p"));
      base_minus.Take(Find(value, "base_sum_m"));
      tax_plus.Take(Find(value, "tax_sum_p"));
      tax_minus.Take(Find(value, "tax_sum_m"));
    }
    groups[group] = {.plus = TurnoverOf(base_plus, tax_plus), .minus = TurnoverOf(base_minus, tax_minus)};
  }
  return groups;
}

std::optional<std::map<int, Pair>> PaymentTypesIn(const Value* list) {
  const auto entries = EntriesOf(list, "type");
  if (!entries) return std::nullopt;
  std::map<int, Pair> types;
  for (const auto& [type, values] : *entries) {
    Told plus, minus;
    for (const Value* value : values) {
      plus.Take(Find(value, "sum_p"));
      minus.Take(Find(value, "sum_m"));
    }
    types[type] = {.plus = SumOf(plus), .minus = SumOf(minus)};
  }
  return types;
}

std::optional<Figure> FigureOf(const Value* value) {
  const auto amount = AmountOf(value);
  if (!amount) return std::nullopt;
  return Figure{.readings = {*amount}};
}

std::optional<int64_t> CountOf(const Value* value) {
  const auto count = IntOf(value);
  return count && *count >= 0 ? count : std::nullopt;
}

// "20991231", or as people write it: "2099-12-31", "31.12.2099"; what follows the day is not looked at.
std::optional<absl::CivilDay> DayOf(const Value* value) {
  const auto text = TextOf(value);
  if (!text) return std::nullopt;
  const absl::string_view day = text->substr(0, 10);
  for (const char* format : {"%E4Y-%m-%d", "%d.%m.%E4Y"}) {
    absl::Time time;
    if (absl::ParseTime(format, day, absl::UTCTimeZone(), &time, nullptr)) {
      return absl::ToCivilDay(time, absl::UTCTimeZone());
    }
  }
  absl::Time time;
  if (!absl::ParseTime("%E4Y%m%d", text->substr(0, 8), absl::UTCTimeZone(), &time, nullptr))
    return std::nullopt;
  return absl::ToCivilDay(time, absl::UTCTimeZone());
}

std::optional<bool> YesOrNo(const Value* value) {
  if (value != nullptr && value->IsBool()) return value->GetBool();
  const auto number = IntOf(value);
  if (!number || (*number != 0 && *number != 1)) return std::nullopt;
  return *number == 1;
}

std::optional<domain::Billing> BillingIn(const Value* value) {
  domain::Billing billing{.paid_until = DayOf(Find(value, "paid_date_to")),
                          .enough_to_renew = YesOrNo(Find(value, "enough_to_renew_subscription"))};
  if (billing == domain::Billing()) return std::nullopt;
  return billing;
}

std::optional<RegisterReport> ReportIn(const Value* info) {
  RegisterReport report;
  report.sale_count = CountOf(Find(info, "receipt", "count_p"));
  report.return_count = CountOf(Find(info, "receipt", "count_m"));
  report.sums.plus = FigureOf(Find(info, "summary", "calc_p"));
  report.sums.minus = FigureOf(Find(info, "summary", "calc_m"));
  report.tax_groups = TaxGroupsIn(Find(info, "taxes"));
  report.payment_types = PaymentTypesIn(Find(info, "pays"));
  if (!report.payment_types) report.payment_types = PaymentTypesIn(Find(info, "money"));
  if (report == RegisterReport()) return std::nullopt;
  report.billing = BillingIn(Find(info, "billing"));
  report.shift_number = std::string(TextOf(Find(info, "shift_link")).value_or(""));
  return report;
}

}  // namespace

ReportReading ReadReportAnswer(absl::string_view body) try {
  ReportReading reading;
  const auto json = JsonObject::Parse(body);
  if (!json) return reading;
  reading.envelope = ReadEnvelope(*json);
  const Value& root = json->root();
  const Value* const task = Find(&root, "task");
  reading.other_task = task != nullptr && IntOf(task) != kTaskXReport;
  reading.report = ReportIn(Find(&root, "info"));
  return reading;
} catch (const JsonMisuse&) {
  return {};
}

}  // namespace kasa::vchasno
