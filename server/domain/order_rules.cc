#include "server/domain/order_rules.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/reason.h"
#include "common/status_reason.h"
#include "server/domain/findings.h"
#include "server/domain/limits.h"
#include "server/domain/line_fields.h"
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

Net NetOf(const Fiscalization& receipt, const std::vector<const Fiscalization*>& returns) {
  const int64_t sum = receipt.draft.sum.kopiykas();
  int64_t returned = 0;
  int64_t surely_returned = 0;
  for (const Fiscalization* back : returns) {
    returned += back->draft.sum.kopiykas();
    if (HasReceipt(*back)) surely_returned += back->draft.sum.kopiykas();
  }
  Net net;
  net.at_most = std::max<int64_t>(sum - surely_returned, 0);
  net.at_least = HasReceipt(receipt) ? std::max<int64_t>(sum - returned, 0) : 0;
  return net;
}

Net NetOf(const Fiscalization& receipt, const std::vector<Fiscalization>& all) {
  std::vector<const Fiscalization*> returns;
  for (const Fiscalization& other : all) {
    if (IsReturn(other) && other.original_id == receipt.id) returns.push_back(&other);
  }
  return NetOf(receipt, returns);
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
  if (!history.order.elsewhere) return absl::OkStatus();
  const Fiscalization& other = *history.order.elsewhere;
  absl::Status refusal =
      Refuse(Reason::kOrderOnOtherRegister,
             absl::StrCat("document ", other.key.document_id, " of order ", candidate.document.order_id,
                          " went to register ", other.register_fiscal_number, ", and this one would go to ",
                          candidate.register_fiscal_number));
  refusal = WithFact(std::move(refusal), "register_fiscal_number", other.register_fiscal_number);
  return WithFact(std::move(refusal), "fiscalization_id", other.id);
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
  const std::vector<Fiscalization>& others = history.order.with_goods;
  for (const Fiscalization& other : others) {
    if (other.key.kind == candidate.kind || !ListsGoods(other.key.kind, other.document)) continue;
    if (NetOf(other, others).at_most == 0) continue;
    if (const auto name = GoodsOfBoth(candidate, other, others)) {
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
  std::map<absl::string_view, std::vector<const Fiscalization*>> returns;  // by what they return
  for (const Fiscalization& receipt : receipts) {
    if (IsReturn(receipt)) returns[receipt.original_id].push_back(&receipt);
  }
  Net total;
  for (const Fiscalization& receipt : receipts) {
    if (IsReturn(receipt)) continue;
    const auto own = returns.find(receipt.id);
    const Net net = NetOf(receipt, own == returns.end() ? std::vector<const Fiscalization*>() : own->second);
    total.at_most += net.at_most;
    total.at_least += net.at_least;
  }
  return {.at_most = Money::FromKopiykas(total.at_most), .at_least = Money::FromKopiykas(total.at_least)};
}

OrderOthers OthersOf(std::vector<Fiscalization> all, absl::string_view register_fiscal_number) {
  OrderOthers others;
  others.standing = StandingOf(all);
  const auto elsewhere = std::find_if(all.begin(), all.end(), [&](const Fiscalization& each) {
    return each.register_fiscal_number != register_fiscal_number;
  });
  if (elsewhere != all.end()) others.elsewhere = *elsewhere;
  others.with_goods = std::move(all);
  return others;
}

bool AreSameGoods(const PricedRow& a, const PricedRow& b) {
  if (!a.code.empty() && !b.code.empty()) return a.code == b.code;
  if (!a.barcode.empty() && !b.barcode.empty()) return a.barcode == b.barcode;
  return a.name == b.name;
}

std::vector<std::string> GoodsNamesOf(const Fiscalization& document) {
  std::vector<std::string> names;
  if (!ListsGoods(document.key.kind, document.document)) return names;
  std::vector<PricedRow> rows = document.draft.rows;
  if (rows.empty()) {
    Findings unheard;  // what is wrong with a line is told when it is priced
    for (const Line& line : document.document.lines) {
      const FieldScope scope(unheard, "");
      PricedRow& row = rows.emplace_back();
      row.code = CheckLineCode("code", line.code, kRegisterCodeLength, scope);
      row.barcode = CheckLineCode("barcode", line.barcode, kRegisterBarcodeLength, scope);
      row.name = CheckLineName(line, scope);
    }
  }
  for (const PricedRow& row : rows) {
    if (!row.code.empty()) names.push_back(absl::StrCat("code:", row.code));
    if (!row.barcode.empty()) names.push_back(absl::StrCat("barcode:", row.barcode));
    names.push_back(absl::StrCat("name:", row.name));
  }
  return names;
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
  const OrderStanding& others = history.order.standing;
  if (absl::Status cap = CheckCap(candidate, *total, others); !cap.ok()) return cap;
  return CheckPaysTheRest(candidate, *total, others);
}

}  // namespace kasa::domain
