#include "server/domain/order_rules.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/reason.h"
#include "common/status_reason.h"
#include "server/domain/state_machine.h"

namespace kasa::domain {
namespace {

// An open receipt is settled in about this time when its register answers.
constexpr absl::Duration kUntilSettled = absl::Seconds(30);

bool IsReturn(const Fiscalization& fiscalization) {
  return fiscalization.key.kind == DocumentKind::kReturn;
}

bool HasReceipt(const Fiscalization& fiscalization) {
  return fiscalization.state == State::kFiscalized;
}

absl::Status Refuse(Reason reason, absl::string_view message) {
  return ReasonedError(absl::StatusCode::kFailedPrecondition, reason, message);
}

// Sums of one sale or payment and its returns: of amounts that are each in range, and few, far from overflow.
struct Net {
  int64_t at_most = 0;
  int64_t at_least = 0;
};

Net NetOf(const Fiscalization& receipt, const std::vector<Fiscalization>& all) {
  const int64_t sum = receipt.draft.sum.kopiykas();
  int64_t returned = 0;
  int64_t surely_returned = 0;
  for (const Fiscalization& other : all) {
    if (!IsReturn(other) || other.original_id != receipt.id) continue;
    returned += other.draft.sum.kopiykas();
    if (HasReceipt(other)) surely_returned += other.draft.sum.kopiykas();
  }
  Net net;
  net.at_most = std::max<int64_t>(sum - surely_returned, 0);
  net.at_least = HasReceipt(receipt) ? std::max<int64_t>(sum - returned, 0) : 0;
  return net;
}

// How much of row `row` of a receipt has surely come back.
int64_t ReturnedOf(const Fiscalization& receipt, size_t row, const std::vector<Fiscalization>& all) {
  int64_t returned = 0;
  for (const Fiscalization& other : all) {
    if (!IsReturn(other) || other.original_id != receipt.id || !HasReceipt(other)) continue;
    for (const PricedRow& back : other.draft.rows) {
      if (back.original_row == static_cast<int>(row) + 1) returned += back.quantity.thousandths();
    }
  }
  return returned;
}

bool ListsGoods(DocumentKind kind, const Document& document) {
  return kind == DocumentKind::kSale || (kind == DocumentKind::kPayment && !document.lines.empty());
}

// The name of goods that both list and that have not come back; nothing when there are none.
std::optional<std::string> GoodsOfBoth(const OrderCandidate& candidate, const Fiscalization& other,
                                       const std::vector<Fiscalization>& all) {
  for (size_t row = 0; row < other.draft.rows.size(); ++row) {
    const PricedRow& there = other.draft.rows[row];
    for (const PricedRow& here : candidate.receipt.rows) {
      if (!AreSameGoods(here, there)) continue;
      if (ReturnedOf(other, row, all) < there.quantity.thousandths()) return there.name;
      break;
    }
  }
  return std::nullopt;
}

absl::Status CheckTotalIsTheKnownOne(const Document& document, const DocumentHistory& history) {
  if (!document.order_total || !history.order_total || *document.order_total == *history.order_total) {
    return absl::OkStatus();
  }
  absl::Status refusal =
      Refuse(Reason::kOrderTotalDiffers,
             absl::StrCat("the total of order ", document.order_id, " is ", history.order_total->ToDecimal(),
                          " as it was told before, and not ", document.order_total->ToDecimal()));
  return WithFact(std::move(refusal), "order_total_kopiykas", absl::StrCat(history.order_total->kopiykas()));
}

absl::Status CheckRegister(const OrderCandidate& candidate, const DocumentHistory& history) {
  for (const Fiscalization& other : history.order) {
    if (other.register_fiscal_number == candidate.register_fiscal_number) continue;
    absl::Status refusal =
        Refuse(Reason::kOrderOnOtherRegister,
               absl::StrCat("document ", other.key.document_id, " of order ", candidate.document.order_id,
                            " went to register ", other.register_fiscal_number, ", and this one would go to ",
                            candidate.register_fiscal_number));
    refusal = WithFact(std::move(refusal), "register_fiscal_number", other.register_fiscal_number);
    return WithFact(std::move(refusal), "fiscalization_id", other.id);
  }
  return absl::OkStatus();
}

absl::Status AlreadyOnReceipt(const Fiscalization& other, absl::string_view what) {
  absl::Status refusal =
      Refuse(Reason::kOrderAlreadyFiscalized,
             absl::StrCat(what, " on a receipt by ",
                          other.key.kind == DocumentKind::kPayment ? "the payment " : "the delivery note ",
                          other.key.document_id, ", which is ", NameOf(other.state)));
  refusal = WithFact(std::move(refusal), "fiscalization_id", other.id);
  return WithFact(std::move(refusal), "state", NameOf(other.state));
}

absl::Status CheckSameGoods(const OrderCandidate& candidate, const DocumentHistory& history) {
  for (const Fiscalization& other : history.same_goods) {
    if (IsReturn(other) || NetOf(other, history.same_goods).at_most == 0) continue;
    return AlreadyOnReceipt(other, "what this document is for is already");
  }
  if (!ListsGoods(candidate.kind, candidate.document)) return absl::OkStatus();
  for (const Fiscalization& other : history.order) {
    if (other.key.kind == candidate.kind || !ListsGoods(other.key.kind, other.document)) continue;
    if (NetOf(other, history.order).at_most == 0) continue;
    if (const auto name = GoodsOfBoth(candidate, other, history.order)) {
      return AlreadyOnReceipt(other, absl::StrCat("'", *name, "' of this order is already"));
    }
  }
  return absl::OkStatus();
}

absl::Status WithSums(absl::Status refusal, Money total, int64_t others) {
  refusal = WithFact(std::move(refusal), "order_total_kopiykas", absl::StrCat(total.kopiykas()));
  refusal = WithFact(std::move(refusal), "on_receipts_kopiykas", absl::StrCat(others));
  return WithFact(std::move(refusal), "left_kopiykas",
                  absl::StrCat(std::max<int64_t>(total.kopiykas() - others, 0)));
}

absl::Status CheckCap(const OrderCandidate& candidate, Money total, const OrderStanding& others) {
  const int64_t sum = candidate.receipt.sum.kopiykas();
  if (sum + others.at_most.kopiykas() <= total.kopiykas()) return absl::OkStatus();
  return WithSums(Refuse(Reason::kOrderAlreadyFiscalized,
                         absl::StrCat("order ", candidate.document.order_id, " comes to ", total.ToDecimal(),
                                      ", of which ", others.at_most.ToDecimal(),
                                      " is, or may yet be, on receipts: there is no room for ",
                                      candidate.receipt.sum.ToDecimal(), " more")),
                  total, others.at_most.kopiykas());
}

absl::Status CheckPaysTheRest(const OrderCandidate& candidate, Money total, const OrderStanding& others) {
  if (candidate.kind != DocumentKind::kPayment || candidate.part_payments == PartPayments::kAllowed) {
    return absl::OkStatus();
  }
  const int64_t sum = candidate.receipt.sum.kopiykas();
  if (sum + others.at_least.kopiykas() >= total.kopiykas()) return absl::OkStatus();
  const bool may_become_the_rest = sum + others.at_most.kopiykas() >= total.kopiykas();
  absl::Status refusal = WithSums(
      Refuse(
          Reason::kFiscalChainPrepayment,
          absl::StrCat("with ", others.at_least.ToDecimal(), " that surely is on receipts, this payment of ",
                       candidate.receipt.sum.ToDecimal(), " is only a part of order ",
                       candidate.document.order_id, ", which comes to ", total.ToDecimal(),
                       may_become_the_rest ? "; other receipts of the order are not settled yet" : "")),
      total, others.at_least.kopiykas());
  return may_become_the_rest ? WithRetryDelay(std::move(refusal), kUntilSettled) : refusal;
}

}  // namespace

OrderStanding StandingOf(const std::vector<Fiscalization>& receipts) {
  Net total;
  for (const Fiscalization& receipt : receipts) {
    if (IsReturn(receipt)) continue;
    const Net net = NetOf(receipt, receipts);
    total.at_most += net.at_most;
    total.at_least += net.at_least;
  }
  return {.at_most = Money::FromKopiykas(total.at_most), .at_least = Money::FromKopiykas(total.at_least)};
}

bool AreSameGoods(const PricedRow& a, const PricedRow& b) {
  if (!a.code.empty() && !b.code.empty()) return a.code == b.code;
  if (!a.barcode.empty() && !b.barcode.empty()) return a.barcode == b.barcode;
  return a.name == b.name;
}

absl::Status HoldAgainstOrder(const OrderCandidate& candidate, const DocumentHistory& history) {
  const bool in_order = !candidate.document.order_id.empty();
  if (in_order) {
    if (absl::Status same = CheckTotalIsTheKnownOne(candidate.document, history); !same.ok()) return same;
    if (absl::Status here = CheckRegister(candidate, history); !here.ok()) return here;
  }
  if (candidate.kind == DocumentKind::kReturn) return absl::OkStatus();
  if (absl::Status goods = CheckSameGoods(candidate, history); !goods.ok()) return goods;
  const std::optional<Money> total =
      history.order_total ? history.order_total : candidate.document.order_total;
  if (!in_order || !total) return absl::OkStatus();
  const OrderStanding others = StandingOf(history.order);
  if (absl::Status cap = CheckCap(candidate, *total, others); !cap.ok()) return cap;
  return CheckPaysTheRest(candidate, *total, others);
}

}  // namespace kasa::domain
