#include "server/store/order_books.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "server/domain/order_rules.h"
#include "server/store/document_history.h"
#include "server/store/fiscalization_rows.h"

namespace kasa::store {
namespace {

using domain::DocumentKind;
using domain::Fiscalization;
using domain::State;

// How a fiscalization counts. The numbers are stored.
enum class Standing {
  kNothing = 0,  // FAILED, CANCELLED: it surely has no receipt
  kOpen = 1,     // it may come to have one
  kReceipt = 2,  // FISCALIZED
};

Standing StandingIn(State state) {
  switch (state) {
    case State::kFailed:
    case State::kCancelled:
      return Standing::kNothing;
    case State::kFiscalized:
      return Standing::kReceipt;
    default:
      return Standing::kOpen;
  }
}

// A fiscalization as it is in the books.
struct Entry {
  std::optional<int64_t> book;  // of the order that it names
  bool is_return = false;
  std::optional<int64_t> original;  // of a return: the number of what it returns, where that is ours
  std::string register_fiscal_number;
  Standing standing = Standing::kNothing;
  int64_t sum = 0;
  int64_t returned = 0;         // by returns that count
  int64_t surely_returned = 0;  // by those of them with a receipt

  bool Counts() const { return standing != Standing::kNothing; }
};

// What a sale or payment adds to its order's sums: domain::StandingOf(), one receipt of it.
struct Share {
  int64_t at_most = 0;
  int64_t at_least = 0;
};

Share ShareOf(const Entry& entry) {
  Share share;
  if (entry.is_return || !entry.Counts()) return share;
  share.at_most = std::max<int64_t>(entry.sum - entry.surely_returned, 0);
  if (entry.standing == Standing::kReceipt) share.at_least = std::max<int64_t>(entry.sum - entry.returned, 0);
  return share;
}

std::optional<int64_t> FindBook(Connection& connection, const Fiscalization& f) {
  Query query = connection.Prepare(
      "SELECT number FROM order_books WHERE order_id = ? AND source_system = ? AND mode = ?");
  query.Bind(f.order_id, f.key.source_system, static_cast<int>(f.key.mode));
  return query.Step() ? std::make_optional(query.Int64(0)) : std::nullopt;
}

int64_t MakeBook(Connection& connection, const Fiscalization& f) {
  if (const auto book = FindBook(connection, f)) return *book;
  connection
      .Prepare(
          "INSERT INTO order_books (source_system, order_id, mode, at_most_kopiykas, at_least_kopiykas)"
          " VALUES (?, ?, ?, 0, 0)")
      .Bind(f.key.source_system, f.order_id, static_cast<int>(f.key.mode))
      .Run();
  return connection.LastInsertId();
}

std::optional<int64_t> NumberOf(Connection& connection, const std::string& id) {
  Query query = connection.Prepare("SELECT number FROM fiscalizations WHERE id = ?");
  query.Bind(id);
  return query.Step() ? std::make_optional(query.Int64(0)) : std::nullopt;
}

std::optional<Entry> FindEntry(Connection& connection, int64_t number) {
  Query query = connection.Prepare(
      "SELECT book, is_return, original, register_fiscal_number, standing, sum_kopiykas, returned_kopiykas,"
      " surely_returned_kopiykas FROM order_entries WHERE fiscalization = ?");
  query.Bind(number);
  if (!query.Step()) return std::nullopt;
  Entry entry;
  entry.book = query.OptionalInt64(0);
  entry.is_return = query.Bool(1);
  entry.original = query.OptionalInt64(2);
  entry.register_fiscal_number = query.Text(3);
  entry.standing = static_cast<Standing>(query.Int(4));
  entry.sum = query.Int64(5);
  entry.returned = query.Int64(6);
  entry.surely_returned = query.Int64(7);
  return entry;
}

void StoreEntry(Connection& connection, int64_t number, const Entry& entry) {
  connection
      .Prepare(
          "INSERT OR REPLACE INTO order_entries (fiscalization, book, is_return, original,"
          " register_fiscal_number, standing, sum_kopiykas, returned_kopiykas, surely_returned_kopiykas)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .Bind(number, entry.book, entry.is_return, entry.original, entry.register_fiscal_number,
            static_cast<int>(entry.standing), entry.sum, entry.returned, entry.surely_returned)
      .Run();
}

// Puts `share` into the sums of a book, or takes it out.
void AddShare(Connection& connection, const Entry& entry, int sign) {
  const Share share = ShareOf(entry);
  if (!entry.book || (share.at_most == 0 && share.at_least == 0)) return;
  connection
      .Prepare(
          "UPDATE order_books SET at_most_kopiykas = at_most_kopiykas + ?, at_least_kopiykas = "
          "at_least_kopiykas + ?"
          " WHERE number = ?")
      .Bind(sign * share.at_most, sign * share.at_least, *entry.book)
      .Run();
}

void CountOnRegister(Connection& connection, const Entry& entry, int sign) {
  if (!entry.book || !entry.Counts()) return;
  connection
      .Prepare(
          "INSERT INTO order_registers (book, register_fiscal_number, documents) VALUES (?, ?, ?)"
          " ON CONFLICT DO UPDATE SET documents = documents + excluded.documents")
      .Bind(*entry.book, entry.register_fiscal_number, sign)
      .Run();
}

// A return that counts takes off what it returns, whatever order it names itself.
void CountReturn(Connection& connection, const Entry& back, int sign) {
  if (!back.original || !back.Counts()) return;
  std::optional<Entry> original = FindEntry(connection, *back.original);
  if (!original) return;  // in no order
  AddShare(connection, *original, -1);
  original->returned += sign * back.sum;
  if (back.standing == Standing::kReceipt) original->surely_returned += sign * back.sum;
  StoreEntry(connection, *back.original, *original);
  AddShare(connection, *original, +1);
}

void Enter(Connection& connection, const Entry& entry, int sign) {
  AddShare(connection, entry, sign);
  CountOnRegister(connection, entry, sign);
  CountReturn(connection, entry, sign);
}

// Goods of a kind of document under one of their names, as a number: what is found by it is looked at again.
int64_t GoodsNumber(DocumentKind kind, const std::string& name) {
  const std::string digest = Sha256Hex(absl::StrCat(static_cast<int>(kind), ":", name));
  uint64_t number = 0;
  static_cast<void>(absl::SimpleHexAtoi(digest.substr(0, 16), &number));
  return static_cast<int64_t>(number);
}

void KeepGoods(Connection& connection, int64_t book, int64_t number, const Fiscalization& f) {
  for (const std::string& name : domain::GoodsNamesOf(f)) {
    connection.Prepare("INSERT OR IGNORE INTO order_goods (book, goods, fiscalization) VALUES (?, ?, ?)")
        .Bind(book, GoodsNumber(f.key.kind, name), number)
        .Run();
  }
}

// The numbers of those of the other kind that may list goods of this document, the oldest first.
std::set<int64_t> WithGoodsOf(Connection& connection, int64_t book, const Fiscalization& f) {
  std::set<int64_t> found;
  const DocumentKind other = f.key.kind == DocumentKind::kSale ? DocumentKind::kPayment : DocumentKind::kSale;
  for (const std::string& name : domain::GoodsNamesOf(f)) {
    Query query = connection.Prepare("SELECT fiscalization FROM order_goods WHERE book = ? AND goods = ?");
    query.Bind(book, GoodsNumber(other, name));
    while (query.Step()) found.insert(query.Int64(0));
  }
  return found;
}

bool IsElsewhere(Connection& connection, int64_t book, const Fiscalization& f) {
  Query query = connection.Prepare(
      "SELECT 1 FROM order_registers WHERE book = ? AND register_fiscal_number <> ? AND documents > 0");
  query.Bind(book, f.register_fiscal_number);
  return query.Step();
}

// Whether it is among the others itself, as what is looked at once more is.
bool IsInBooks(Connection& connection, const Fiscalization& f) {
  const std::optional<int64_t> number = NumberOf(connection, f.id);
  if (!number) return false;
  const std::optional<Entry> entry = FindEntry(connection, *number);
  return entry && entry->Counts();
}

}  // namespace

void MakeOrderBooks(Connection& connection, const MigrationListener& listener) {
  constexpr size_t kToldEvery = 20'000;
  std::vector<int64_t> numbers;
  {
    // In the order in which they came: what is returned comes before its returns.
    Query query = connection.PrepareOnce(
        "SELECT number FROM fiscalizations WHERE order_id <> '' OR original_id <> '' ORDER BY number");
    while (query.Step()) numbers.push_back(query.Int64(0));
  }
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0 && i % kToldEvery == 0) {
      listener(absl::StrCat("entered ", i, " of ", numbers.size(), " documents of orders"));
    }
    if (const auto row = FindByNumber(connection, numbers[i])) {
      KeepInBooks(connection, numbers[i], row->fiscalization);
    }
  }
}

bool CountsDifferently(State before, State now) {
  return StandingIn(before) != StandingIn(now);
}

void KeepInBooks(Connection& connection, int64_t number, const Fiscalization& f) {
  Entry now;
  now.is_return = f.key.kind == DocumentKind::kReturn;
  if (now.is_return && !f.original_id.empty()) now.original = NumberOf(connection, f.original_id);
  const std::optional<Entry> before = FindEntry(connection, number);
  if (f.order_id.empty() && !now.original && !before) return;
  if (!f.order_id.empty()) now.book = MakeBook(connection, f);
  now.register_fiscal_number = f.register_fiscal_number;
  now.standing = StandingIn(f.state);
  now.sum = f.draft.sum.kopiykas();
  if (before) {
    Enter(connection, *before, -1);
    now.returned = before->returned;
    now.surely_returned = before->surely_returned;
  }
  StoreEntry(connection, number, now);
  Enter(connection, now, +1);
  if (now.book) KeepGoods(connection, *now.book, number, f);
}

domain::OrderOthers ReadOrderOthers(Connection& connection, const Fiscalization& f) {
  domain::OrderOthers others;
  if (f.order_id.empty()) return others;
  const std::optional<int64_t> book = FindBook(connection, f);
  if (!book) return others;
  // Seldom: then it is read as it is.
  if (IsInBooks(connection, f)) {
    return domain::OthersOf(ReadWholeOrder(connection, f), f.register_fiscal_number);
  }
  {
    Query query =
        connection.Prepare("SELECT at_most_kopiykas, at_least_kopiykas FROM order_books WHERE number = ?");
    query.Bind(*book);
    if (!query.Step()) return others;
    others.standing = {.at_most = Money::FromKopiykas(query.Int64(0)),
                       .at_least = Money::FromKopiykas(query.Int64(1))};
  }
  if (IsElsewhere(connection, *book, f)) {
    others.elsewhere = domain::OthersOf(ReadWholeOrder(connection, f), f.register_fiscal_number).elsewhere;
  }
  for (const int64_t number : WithGoodsOf(connection, *book, f)) {
    std::optional<FiscalizationRow> row = FindByNumber(connection, number);
    if (row && StandingIn(row->fiscalization.state) != Standing::kNothing) {
      others.with_goods.push_back(std::move(row->fiscalization));
    }
  }
  AddReturnsOfAll(connection, f.id, others.with_goods);
  return others;
}

}  // namespace kasa::store
