#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "tests/simulation/people.h"

// What callers send: documents from what was planned, and what their receipts must come to, worked out anew
// from the rules that callers are told.
namespace kasa::simulation {
namespace {

using domain::DocumentKind;

constexpr char kSource[] = "simulation";
constexpr char kInstallation[] = "5eed5eed";

struct Item {
  const char* name;
  const char* code;
  const char* tax;
};
constexpr Item kItems[] = {{"Кава", "c-1", "vat20"},  {"Чай", "c-2", "vat20"},  {"Хліб", "c-3", "none"},
                           {"Молоко", "c-4", "vat7"}, {"Цукор", "c-5", "none"}, {"Сіль", "c-6", "vat20"}};

int64_t HalfUp(int64_t thousandths, int64_t price) {
  return (thousandths * price + 500) / 1000;
}

domain::Line LineOf(const PlannedLine& planned, size_t number) {
  const Item& item = kItems[planned.item];
  domain::Line line;
  line.line_id = absl::StrCat("l-", number);
  line.name = item.name;
  line.code = item.code;
  line.tax_id = item.tax;
  line.quantity = Quantity::FromThousandths(planned.thousandths);
  line.price = Money::FromKopiykas(planned.price);
  line.discount = Money::FromKopiykas(planned.discount);
  return line;
}

// The part of a sale's lines that comes back: whole lines where a part would have to be rounded or shared.
std::vector<PlannedLine> PartOf(const std::vector<PlannedLine>& sold, int64_t per_cent) {
  std::vector<PlannedLine> back = sold;
  if (per_cent == 100) return back;
  if (back.size() > 1) {
    back.resize(1);
    return back;
  }
  PlannedLine& line = back.front();
  if (line.discount == 0 && line.thousandths % 1000 == 0 && line.thousandths > 1000) {
    line.thousandths = std::max<int64_t>(1, line.thousandths / 1000 * per_cent / 100) * 1000;
  }
  return back;
}

int64_t SumOf(const std::vector<PlannedLine>& lines) {
  int64_t sum = 0;
  for (const PlannedLine& line : lines) sum += HalfUp(line.thousandths, line.price) - line.discount;
  return sum;
}

}  // namespace

int64_t RoundedCash(int64_t kopiykas, domain::CashRounding step) {
  if (step == domain::CashRounding::kNone) return kopiykas;
  const int64_t by = step == domain::CashRounding::kTenKopiykas ? 10 : 50;
  return (kopiykas + by / 2) / by * by;
}

namespace {

std::string WorkOutTag(const domain::DocumentKey& key, int number) {
  std::string hashed;
  const auto part = [&hashed](const std::string& text) { absl::StrAppend(&hashed, text.size(), ":", text); };
  part("document");
  part(key.source_system);
  part(absl::StrCat(static_cast<int>(key.kind)));
  part(key.document_id);
  part(absl::StrCat(static_cast<int>(key.mode)));
  part(absl::StrCat(number));
  return kInstallation + Sha256Hex(hashed).substr(0, 24);
}

}  // namespace

std::string TagByTheRule(const domain::DocumentKey& key, int number) {
  // Documents have the same few names in all histories.
  using Key = std::tuple<std::string, DocumentKind, std::string, domain::RegisterMode>;
  static std::map<Key, std::vector<std::string>> worked_out;
  std::vector<std::string>& tags = worked_out[{key.source_system, key.kind, key.document_id, key.mode}];
  while (tags.size() <= static_cast<size_t>(number)) {
    tags.push_back(WorkOutTag(key, static_cast<int>(tags.size())));
  }
  return tags[static_cast<size_t>(number)];
}

std::string People::IntegrationId(int at_register) {
  return absl::StrCat("integration-", at_register + 1);
}

engine::DocumentRequest People::RequestFor(const DocumentCase& one) const {
  const PlannedDocument& planned = one.planned;
  engine::DocumentRequest request;
  request.kind = planned.kind;
  request.source_system = kSource;
  request.document_id = planned.name();
  request.max_wait = planned.max_wait;
  domain::Document& document = request.document;
  document.activated = true;
  document.currency_code = "UAH";
  document.legal_entity_id = "tov-1";
  document.order_id =
      planned.order >= 0 ? absl::StrCat("order-", planned.order) : absl::StrCat("order-of-", planned.id);
  document.integration_id = IntegrationId(planned.at_register);
  if (planned.kind != DocumentKind::kPayment) {
    document.document_date = FormatCivilDay(world_.kyiv.DayOf(world_.timeline.TrueNow()));
  }
  std::vector<PlannedLine> lines = planned.lines;
  bool by_cash = planned.by_cash;
  int64_t amount = 0;
  if (planned.kind == DocumentKind::kPayment) {
    document.direction = domain::PaymentDirection::kIncoming;
    document.order_total = Money::FromKopiykas(planned.order_total);
    amount = planned.amount + one.corrections;
  } else if (planned.kind == DocumentKind::kSale) {
    lines.front().price += one.corrections;
    for (size_t i = 0; i < lines.size(); ++i) document.lines.push_back(LineOf(lines[i], i));
    amount = SumOf(lines);
  } else {
    const auto original =
        std::find_if(plan_.documents.begin(), plan_.documents.end(),
                     [&](const PlannedDocument& other) { return other.id == planned.original; });
    document.order_id = "";
    document.comment = one.corrections > 0 ? absl::StrCat("виправлення ", one.corrections) : "";
    document.original_sale = domain::OriginalSale{
        .document = domain::DocumentName{kSource, original->kind, original->name(), std::nullopt},
        .fiscal_number = ""};
    by_cash = original->by_cash;
    if (original->kind == DocumentKind::kPayment) {
      domain::Line line;
      line.name = "Оплата замовлення";
      line.quantity = Quantity::FromThousandths(1000);
      line.price = Money::FromKopiykas(original->amount);
      line.tax_id = "vat20";
      document.lines.push_back(line);
      amount = original->amount;
    } else {
      const std::vector<PlannedLine> back = PartOf(original->lines, planned.amount);
      for (size_t i = 0; i < back.size(); ++i) {
        domain::Line line = LineOf(back[i], i);
        line.original_line_id = line.line_id;
        document.lines.push_back(line);
      }
      amount = SumOf(back);
    }
  }
  document.payments.push_back(
      {.payment_method_id = by_cash ? "cash" : "card", .amount = Money::FromKopiykas(amount)});
  return request;
}

}  // namespace kasa::simulation
