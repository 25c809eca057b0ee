#ifndef KASA_SERVER_DOMAIN_ORIGINAL_H_
#define KASA_SERVER_DOMAIN_ORIGINAL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/money.h"
#include "server/domain/fiscalization.h"
#include "server/domain/receipt.h"

// What a return returns, and what is left of it (product.md, point 9). Plain values and pure functions.
namespace kasa::domain {

// One row of the original's receipt. What came back of it is the total over the returns that were taken off.
struct OriginalRow {
  PricedRow sold;
  std::optional<std::string> tax_id;  // the caller's tax of that line; nothing when it is not known
  Quantity returned;
  Money returned_amount;
  std::vector<std::string> stamps_left;  // those of `sold` that have not come back

  Quantity Left() const;
};

// The receipt of a sale or a payment.
struct Original {
  std::string fiscal_number;

  // In the order of the receipt. Not known for a receipt made elsewhere about which the register told
  // nothing: then lines can't be held against it.
  bool rows_known = true;
  std::vector<OriginalRow> rows;

  // What was paid for all rows, before cash rounding, and what came back of that. Nothing: not known.
  std::optional<Money> sum;
  Money returned_sum;

  // By payment type, before cash rounding: what is left of the money that came that way. Nothing: not known.
  std::optional<std::map<int, Money>> paid_left;

  // Of the document; empty where it told none, and for a receipt made elsewhere.
  std::string branch_id;
  std::string legal_entity_id;
  std::string order_id;
};

// As it is told by a register about a receipt that the gateway did not make. Absent fields are empty.
struct ToldReceipt {
  std::vector<PricedRow> rows;  // empty: not told, or not understood
  std::optional<Money> sum;     // of the rows after every discount, before cash rounding
  std::map<int, Money> paid;    // by payment type, before cash rounding; empty: not told
  bool part_of_chain = false;   // a prepayment or postpayment
  bool is_return = false;

  friend bool operator==(const ToldReceipt&, const ToldReceipt&) = default;
};

// Why a return of this fiscalization is refused, whatever comes back: FAILED_PRECONDITION with
// SALE_NOT_FISCALIZED (with a retry delay while that is not settled) or FISCAL_CHAIN_RETURN.
absl::Status MayBeReturned(const Fiscalization& original);

// Of a fiscalization with a receipt; nothing has come back yet.
Original OriginalOf(const Fiscalization& original);

// Of a receipt made elsewhere; `told` is nothing when the register told nothing about it.
Original OriginalOf(const std::string& fiscal_number, const std::optional<ToldReceipt>& told);

// Counts what an earlier return, in any state but FAILED and CANCELLED, gave back. A row that does not tell
// which row it returned (original_row is 0) counts for the only row that it can mean, if there is one, and
// for the sum in any case.
void TakeOff(const PricedReceipt& earlier_return, Original& original);

// By payment type, before cash rounding: what the payments of a receipt come to.
std::map<int, Money> PaidByType(const PricedReceipt& receipt);

// What the buyer gets back for `quantity` of a row: round half up of amount x (returned + quantity) / sold,
// less what came back already. So parts of any size, in any order, come to the amount exactly when all of the
// row is back. May be zero or less for a small part. `quantity` is at most what is left.
Money ShareOf(const OriginalRow& row, Quantity quantity);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_ORIGINAL_H_
