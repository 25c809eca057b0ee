#include "server/store/document_history.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/fiscalization_rows.h"
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

std::vector<domain::Fiscalization> ReturnsOf(Connection& connection, const domain::Fiscalization& f) {
  if (!f.original_id.empty()) {
    static const std::string sql = absl::StrCat(kSelectFiscalization, "WHERE f.original_id = ?", kCounts);
    Query query = connection.Prepare(sql);
    query.Bind(f.original_id, f.id);
    return ReadAll(query);
  }
  if (f.original_fiscal_number.empty()) return {};
  static const std::string sql = absl::StrCat(
      kSelectFiscalization, "WHERE f.original_fiscal_number = ? AND f.register_fiscal_number = ?", kCounts);
  Query query = connection.Prepare(sql);
  query.Bind(f.original_fiscal_number, f.register_fiscal_number, f.id);
  return ReadAll(query);
}

std::vector<domain::Fiscalization> OthersOfOrder(Connection& connection, const domain::Fiscalization& f) {
  static const std::string sql = absl::StrCat(
      kSelectFiscalization,
      "WHERE f.order_id = ? AND f.order_id <> '' AND f.source_system = ? AND f.mode = ?", kCounts);
  Query query = connection.Prepare(sql);
  query.Bind(f.order_id, f.key.source_system, static_cast<int>(f.key.mode), f.id);
  return ReadAll(query);
}

std::optional<Money> TotalOfOrder(Connection& connection, const domain::Fiscalization& f) {
  Query query = connection.Prepare(
      "SELECT total_kopiykas FROM orders WHERE source_system = ? AND order_id = ? AND mode = ?");
  query.Bind(f.key.source_system, f.order_id, static_cast<int>(f.key.mode));
  if (!query.Step()) return std::nullopt;
  return Kopiykas(query.Int64(0));
}

}  // namespace

domain::DocumentHistory ReadDocumentHistory(Connection& connection,
                                            const domain::Fiscalization& fiscalization) {
  domain::DocumentHistory history;
  if (!fiscalization.original_id.empty()) {
    if (auto original = FindById(connection, fiscalization.original_id)) {
      history.original = std::move(original->fiscalization);
    }
  }
  history.returns = ReturnsOf(connection, fiscalization);
  if (fiscalization.order_id.empty()) return history;
  history.order = OthersOfOrder(connection, fiscalization);
  history.order_total = TotalOfOrder(connection, fiscalization);
  return history;
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
