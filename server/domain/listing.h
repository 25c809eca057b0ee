#ifndef KASA_SERVER_DOMAIN_LISTING_H_
#define KASA_SERVER_DOMAIN_LISTING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/money.h"

// What a register's two listings told: its shifts, and the receipts of one shift. The names and shapes of
// their fields are not known (vchasno-kasa-api.md, "Not known"), so every fact may be absent, and what could
// not be understood is said. Plain values.
namespace kasa::domain {

// One shift of a register.
struct ListedShift {
  std::string id;  // by which its receipts are asked for
  std::optional<absl::Time> opened;
  std::optional<absl::Time> closed;
  bool said_closed = false;  // without saying when; with neither, it is open

  friend bool operator==(const ListedShift&, const ListedShift&) = default;
};

// One document of a shift. Absent facts are empty.
struct ListedReceipt {
  std::string fiscal_number;  // empty for what has none: an opening, a report, text
  std::string tag;
  std::optional<int> task;
  std::optional<Money> sum;
  std::optional<int64_t> local_number;
  std::optional<absl::Time> time;
  std::string register_fiscal_number;

  friend bool operator==(const ListedReceipt&, const ListedReceipt&) = default;
};

// One page of a listing as it was read.
template <typename Row>
struct ListingPage {
  // Those that were understood; and shifts of which all but the times was, without times.
  std::vector<Row> rows;
  // Why nothing may be concluded from this page: it could not be read, or a row of it could not. Empty: every
  // row was understood.
  std::string gap;
  // The gap is no more than that the page may not be the one that was asked for, or no page at all: it says
  // to be another, or has null for its list. Services answer so to what lies beyond the end; a total that the
  // rows add up to shows that it does.
  bool total_mends_gap = false;
  std::optional<int64_t> total;  // rows of the whole listing, where the page tells it
};

using ShiftPage = ListingPage<ListedShift>;
using ReceiptPage = ListingPage<ListedReceipt>;

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_LISTING_H_
