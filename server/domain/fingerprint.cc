#include "server/domain/fingerprint.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/sha256.h"

namespace kasa::domain {
namespace {

struct Field {
  std::string path;
  std::string value;
};

// Both functions of the header read a document through this one list, so they can't disagree.
class FieldList {
 public:
  // Fields added while it lives are below `name`, which is itself a field without a value: that it is there
  // counts.
  class Scope {
   public:
    Scope(FieldList& list, absl::string_view name) : list_(list), outer_(list.prefix_) {
      list.fields_.push_back({absl::StrCat(outer_, name), ""});
      list.prefix_ = absl::StrCat(outer_, name, ".");
    }
    ~Scope() { list_.prefix_ = std::move(outer_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    FieldList& list_;
    std::string outer_;
  };

  void Text(absl::string_view name, absl::string_view value) {
    if (!value.empty()) Push(name, std::string(value));
  }
  // One of a list: that it is there counts, empty or not.
  void Item(absl::string_view name, absl::string_view value) { Push(name, std::string(value)); }
  void Number(absl::string_view name, int64_t value) {
    if (value != 0) Push(name, absl::StrCat(value));
  }
  void Amount(absl::string_view name, Money value) { Number(name, value.kopiykas()); }
  void Amount(absl::string_view name, const std::optional<Money>& value) {
    if (value) Push(name, absl::StrCat(value->kopiykas()));
  }

  std::vector<Field> Take() { return std::move(fields_); }

 private:
  void Push(absl::string_view name, std::string value) {
    fields_.push_back({absl::StrCat(prefix_, name), std::move(value)});
  }

  std::string prefix_;
  std::vector<Field> fields_;
};

void AddLine(const Line& line, FieldList& list) {
  list.Text("line_id", line.line_id);
  list.Text("name", line.name);
  list.Number("quantity_thousandths", line.quantity.thousandths());
  list.Amount("price_kopiykas", line.price);
  list.Amount("discount_kopiykas", line.discount);
  list.Text("tax_id", line.tax_id);
  list.Amount("amount_kopiykas", line.amount);
  list.Text("code", line.code);
  list.Text("barcode", line.barcode);
  list.Text("uktzed", line.uktzed);
  list.Text("dkpp", line.dkpp);
  for (size_t i = 0; i < line.excise_stamps.size(); ++i) {
    list.Item(absl::StrCat("excise_stamps[", i, "]"), line.excise_stamps[i]);
  }
  list.Text("unit_code", line.unit_code);
  list.Text("comment", line.comment);
  list.Text("original_line_id", line.original_line_id);
}

void AddPayment(const Payment& payment, FieldList& list) {
  list.Text("payment_method_id", payment.payment_method_id);
  list.Number("kind", static_cast<int>(payment.kind));
  list.Amount("amount_kopiykas", payment.amount);
  list.Amount("tendered_kopiykas", payment.tendered);
  if (!payment.card) return;
  const FieldList::Scope card(list, "card");
  list.Text("rrn", payment.card->rrn);
  list.Text("auth_code", payment.card->auth_code);
  list.Text("terminal_id", payment.card->terminal_id);
  list.Text("card_mask", payment.card->card_mask);
  list.Text("payment_system", payment.card->payment_system);
  list.Text("bank_id", payment.card->bank_id);
  list.Text("bank_name", payment.card->bank_name);
  list.Amount("commission_kopiykas", payment.card->commission);
}

void AddName(const DocumentName& name, FieldList& list) {
  list.Number("kind", static_cast<int>(name.kind));
  list.Text("document_id", name.document_id);
  list.Text("source_system", name.source_system);
  list.Number("register_mode", name.mode ? static_cast<int>(*name.mode) : 0);
}

void AddOriginal(const OriginalSale& original, FieldList& list) {
  const FieldList::Scope scope(list, "original_sale");
  if (original.document) {
    const FieldList::Scope document(list, "document");
    AddName(*original.document, list);
  }
  list.Text("fiscal_number", original.fiscal_number);
}

// What the request tells beside its document.
void AddRequestFields(const Document& document, FieldList& list) {
  if (document.original_sale) AddOriginal(*document.original_sale, list);
  if (document.refund_method_change) {
    const FieldList::Scope change(list, "refund_method_change");
    list.Number("buyer_agreed", document.refund_method_change->buyer_agreed ? 1 : 0);
    list.Text("note", document.refund_method_change->note);
  }
  list.Number("direction", static_cast<int>(document.direction));
  if (document.money_place) {
    const FieldList::Scope place(list, "money_place");
    list.Text("cash_desk_id", document.money_place->cash_desk_id);
    list.Text("bank_account_id", document.money_place->bank_account_id);
  }
  if (document.paid_document) {
    const FieldList::Scope paid(list, "paid_document");
    AddName(*document.paid_document, list);
  }
}

std::vector<Field> FiscalFieldsOf(const Document& document) {
  FieldList list;
  list.Number("activated", document.activated ? 1 : 0);
  list.Text("document_date", document.document_date);
  list.Text("currency_code", document.currency_code);
  list.Text("branch_id", document.branch_id);
  list.Text("legal_entity_id", document.legal_entity_id);
  list.Text("integration_id", document.integration_id);
  list.Text("order_id", document.order_id);
  for (size_t i = 0; i < document.lines.size(); ++i) {
    const FieldList::Scope line(list, absl::StrCat("lines[", i, "]"));
    AddLine(document.lines[i], list);
  }
  list.Amount("discount_kopiykas", document.discount);
  for (size_t i = 0; i < document.payments.size(); ++i) {
    const FieldList::Scope payment(list, absl::StrCat("payments[", i, "]"));
    AddPayment(document.payments[i], list);
  }
  list.Text("comment", document.comment);
  list.Number("chain_role", static_cast<int>(document.chain_role));
  list.Amount("order_total_kopiykas", document.order_total);
  AddRequestFields(document, list);
  return list.Take();
}

std::set<absl::string_view> PathsOf(const std::vector<Field>& fields) {
  std::set<absl::string_view> paths;
  for (const Field& field : fields) paths.insert(field.path);
  return paths;
}

// The place after fields[at] and everything below it.
size_t SkipWithAllBelow(const std::vector<Field>& fields, size_t at) {
  const std::string below = fields[at].path + ".";
  do {
    ++at;
  } while (at < fields.size() && absl::StartsWith(fields[at].path, below));
  return at;
}

}  // namespace

std::string FingerprintOf(const Document& document) {
  std::string hashed;
  for (const auto& [path, value] : FiscalFieldsOf(document)) {
    absl::StrAppend(&hashed, path.size(), ":", path, value.size(), ":", value);
  }
  return absl::StrCat("v1:", Sha256Hex(hashed));
}

std::vector<std::string> DifferencesBetween(const Document& stored, const Document& received, size_t most) {
  const std::vector<Field> a = FiscalFieldsOf(stored);
  const std::vector<Field> b = FiscalFieldsOf(received);
  const std::set<absl::string_view> in_b = PathsOf(b);

  // Both lists are in the order of the contract, so where their paths differ, one of them lacks the other's.
  std::vector<std::string> differences;
  size_t i = 0;
  size_t j = 0;
  while ((i < a.size() || j < b.size()) && differences.size() < most) {
    if (i < a.size() && j < b.size() && a[i].path == b[j].path) {
      if (a[i].value != b[j].value) differences.push_back(a[i].path);
      ++i;
      ++j;
    } else if (i < a.size() && !in_b.contains(a[i].path)) {
      differences.push_back(a[i].path);
      i = SkipWithAllBelow(a, i);
    } else {
      differences.push_back(b[j].path);
      j = SkipWithAllBelow(b, j);
    }
  }
  return differences;
}

}  // namespace kasa::domain
