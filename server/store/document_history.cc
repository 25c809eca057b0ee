#include "server/store/document_history.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/fiscalization_queries.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/order_books.h"
#include "server/store/record_values.h"

namespace kasa::store {
namespace {

// A receipt exists or may come of them.
constexpr char kCounts[] = " AND f.state NOT IN (5, 6) AND f.id <> ? ORDER BY f.number";

std::vector<domain::Fiscalization> ReadAll(Query& query) {
  std::vector<domain::Fiscalization> all;
  while (query.Step()) all.push_back(std::move(ReadFiscalization(query).fiscalization));
  return all;
}

// A return may name its original by the document, or by the receipt's number before it was known to be ours:
// both are returns of one receipt.
std::vector<domain::Fiscalization> ReturnsOf(Connection& connection, const domain::Fiscalization& f,
                                             const domain::DocumentHistory& history) {
  const std::string original_id = history.original ? history.original->id : f.original_id;
  std::string number = f.original_fiscal_number;
  if (number.empty() && history.original && history.original->receipt) {
    number = history.original->receipt->fiscal_number;
  }
  if (original_id.empty() && number.empty()) return {};
  static const std::string kSql =
      absl::StrCat(kSelectFiscalization,
                   "WHERE ((f.original_id = ? AND f.original_id <> '') OR"
                   " (f.original_fiscal_number = ? AND f.original_fiscal_number <> '' AND"
                   " f.register_fiscal_number = ?))",
                   kCounts);
  Query query = connection.Prepare(kSql);
  query.Bind(original_id, number, f.register_fiscal_number, f.id);
  return ReadAll(query);
}

// What a return returns: as it named it, or whose receipt has the number that it named.
std::optional<domain::Fiscalization> OriginalOf(Connection& connection, const domain::Fiscalization& f) {
  if (!f.original_id.empty()) {
    if (auto original = FindById(connection, f.original_id)) return std::move(original->fiscalization);
    return std::nullopt;
  }
  if (f.original_fiscal_number.empty()) return std::nullopt;
  auto found = FindByFiscalNumber(connection, f.original_fiscal_number, f.register_fiscal_number);
  if (!found.ok()) return std::nullopt;
  return *std::move(found);
}

void AddReturnsOf(Connection& connection, const domain::Fiscalization& returned, const std::string& except,
                  std::vector<domain::Fiscalization>& all) {
  static const std::string kSql =
      absl::StrCat(kSelectFiscalization, "WHERE f.original_id = ? AND f.original_id <> ''", kCounts);
  Query query = connection.Prepare(kSql);
  query.Bind(returned.id, except);
  while (query.Step()) {
    domain::Fiscalization found = std::move(ReadFiscalization(query).fiscalization);
    const bool is_known = std::any_of(all.begin(), all.end(), [&found](const domain::Fiscalization& known) {
      return known.id == found.id;
    });
    if (!is_known) all.push_back(std::move(found));
  }
}

std::vector<domain::Fiscalization> SameGoodsAs(Connection& connection, const domain::Fiscalization& f) {
  std::vector<domain::Fiscalization> same;
  if (f.key.kind == domain::DocumentKind::kPayment && f.document.paid_document) {
    static const std::string kSql = absl::StrCat(
        kSelectFiscalization, "WHERE f.source_system = ? AND f.kind = ? AND f.document_id = ? AND f.mode = ?",
        kCounts);
    const domain::DocumentName& paid = *f.document.paid_document;
    Query query = connection.Prepare(kSql);
    query.Bind(paid.source_system, static_cast<int>(domain::DocumentKind::kSale), paid.document_id,
               static_cast<int>(f.key.mode), f.id);
    same = ReadAll(query);
  } else if (f.key.kind == domain::DocumentKind::kSale) {
    static const std::string kSql =
        absl::StrCat(kSelectFiscalization,
                     "WHERE f.number IN (SELECT fiscalization FROM paid_documents"
                     " WHERE source_system = ? AND document_id = ?) AND f.mode = ?",
                     kCounts);
    Query query = connection.Prepare(kSql);
    query.Bind(f.key.source_system, f.key.document_id, static_cast<int>(f.key.mode), f.id);
    same = ReadAll(query);
  }
  AddReturnsOfAll(connection, f.id, same);
  return same;
}

std::optional<Money> TotalOfOrder(Connection& connection, const domain::Fiscalization& f) {
  Query query = connection.Prepare(
      "SELECT total_kopiykas FROM orders WHERE source_system = ? AND order_id = ? AND mode = ?");
  query.Bind(f.key.source_system, f.order_id, static_cast<int>(f.key.mode));
  if (!query.Step()) return std::nullopt;
  return Kopiykas(query.Int64(0));
}

}  // namespace

// Of sales and payments, by their place: what is added meanwhile are returns, which have no returns.
void AddReturnsOfAll(Connection& connection, const std::string& except,
                     std::vector<domain::Fiscalization>& all) {
  const size_t count = all.size();
  for (size_t i = 0; i < count; ++i) {
    if (all[i].key.kind == domain::DocumentKind::kReturn) continue;
    const domain::Fiscalization returned = all[i];
    AddReturnsOf(connection, returned, except, all);
  }
}

// A return counts wherever what it returns does: it need not name the order itself, nor be of its system.
std::vector<domain::Fiscalization> ReadWholeOrder(Connection& connection, const domain::Fiscalization& f) {
  if (f.order_id.empty()) return {};
  static const std::string kSql = absl::StrCat(
      kSelectFiscalization,
      "WHERE f.order_id = ? AND f.order_id <> '' AND f.source_system = ? AND f.mode = ?", kCounts);
  Query query = connection.Prepare(kSql);
  query.Bind(f.order_id, f.key.source_system, static_cast<int>(f.key.mode), f.id);
  std::vector<domain::Fiscalization> others = ReadAll(query);
  AddReturnsOfAll(connection, f.id, others);
  return others;
}

domain::DocumentHistory ReadDocumentHistory(Connection& connection,
                                            const domain::Fiscalization& fiscalization) {
  domain::DocumentHistory history;
  history.original = OriginalOf(connection, fiscalization);
  history.returns = ReturnsOf(connection, fiscalization, history);
  history.same_goods = SameGoodsAs(connection, fiscalization);
  if (fiscalization.order_id.empty()) return history;
  history.order = ReadOrderOthers(connection, fiscalization);
  history.order_total = TotalOfOrder(connection, fiscalization);
  return history;
}

void KeepPaidDocument(Connection& connection, int64_t number, const domain::Fiscalization& fiscalization) {
  connection.Prepare("DELETE FROM paid_documents WHERE fiscalization = ?").Bind(number).Run();
  const std::optional<domain::DocumentName>& paid = fiscalization.document.paid_document;
  if (!paid) return;
  connection
      .Prepare("INSERT INTO paid_documents (fiscalization, source_system, document_id) VALUES (?, ?, ?)")
      .Bind(number, paid->source_system, paid->document_id)
      .Run();
}

void KeepOrderTotal(Connection& connection, const domain::Fiscalization& fiscalization) {
  const std::optional<Money>& total = fiscalization.document.order_total;
  if (fiscalization.order_id.empty() || !total) return;
  connection
      .Prepare(
          "INSERT INTO orders (source_system, order_id, mode, total_kopiykas) VALUES (?, ?, ?, ?)"
          " ON CONFLICT DO NOTHING")
      .Bind(fiscalization.key.source_system, fiscalization.order_id, static_cast<int>(fiscalization.key.mode),
            total->kopiykas())
      .Run();
}

}  // namespace kasa::store
