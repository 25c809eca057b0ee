#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/domain/state_machine.h"
#include "tests/simulation/audit.h"

// What is stored of documents, against the receipts that there are.
namespace kasa::simulation {

namespace {

using domain::DocumentKind;
using domain::Fiscalization;
using domain::State;

}  // namespace

void Audit::CheckDocument(const Fiscalization& one, const std::vector<const LedgerEntry*>& receipts) {
  const std::string name = one.key.document_id;
  if (one.tag != TagByTheRule(one.key, one.tag_number)) {
    trace_.Violate("deterministic_tag", absl::StrCat(name, " has tag ", one.tag));
  }
  if (one.state == State::kFiscalized) {
    if (receipts.size() != 1) {
      trace_.Violate("one_receipt",
                     absl::StrCat(name, " is FISCALIZED and has ", receipts.size(), " receipts"));
    } else {
      CheckReceipt(one, *receipts.front());
    }
  } else if (one.state == State::kFailed || one.state == State::kCancelled) {
    if (!receipts.empty()) {
      trace_.Violate("surely_none", absl::StrCat(name, " is ", domain::NameOf(one.state), " and has receipt ",
                                                 receipts.front()->fiscal_number));
    }
  } else if (one.state == State::kAccepted && !receipts.empty()) {
    trace_.Violate("surely_none",
                   absl::StrCat(name, " is ACCEPTED and has receipt ", receipts.front()->fiscal_number));
  }
}

void Audit::CheckReceipt(const Fiscalization& one, const LedgerEntry& entry) {
  const std::string name = one.key.document_id;
  const auto wrong = [&](const std::string& what) {
    trace_.Violate("right_receipt", absl::StrCat(name, ", receipt ", entry.fiscal_number, ": ", what));
  };
  if (!one.receipt || one.receipt->fiscal_number != entry.fiscal_number) {
    wrong(absl::StrCat("the gateway has fiscal number ", one.receipt ? one.receipt->fiscal_number : "none"));
    return;
  }
  if (entry.register_number != one.register_fiscal_number) wrong("it is of another register");
  const int task = one.key.kind == DocumentKind::kReturn ? kReturn : kSale;
  if (entry.request.task != task) wrong("it is of another kind");
  if (entry.request.due() != one.receipt->total.kopiykas()) {
    wrong(absl::StrCat("it is over ", entry.request.due(), ", and the gateway says ",
                       one.receipt->total.kopiykas()));
  }
  const DocumentCase* const asked = people_.CaseOfKey(one.key);
  if (asked == nullptr) {
    wrong("nobody asked for it");
    return;
  }
  if (std::find(asked->dues.begin(), asked->dues.end(), entry.request.due()) == asked->dues.end()) {
    wrong(absl::StrCat("it is over ", entry.request.due(), ", and the document comes to ",
                       asked->dues.front()));
  }
  for (const TaskRow& row : entry.request.rows) {
    const bool untaxed = row.code == "c-3" || row.code == "c-5";
    const bool is_right =
        untaxed ? row.tax_group == 2 || row.tax_group == 7 : row.tax_group == (row.code == "c-4" ? 4 : 1);
    if (!is_right) wrong(absl::StrCat("tax group ", row.tax_group, " for ", row.code));
  }
}

void Audit::CheckReturns(const std::vector<Fiscalization>& all) {
  for (const Fiscalization& sale : all) {
    if (sale.key.kind == DocumentKind::kReturn || !sale.receipt) continue;
    std::map<std::string, int64_t> left;  // thousandths by code
    int64_t sum_left = 0;
    for (size_t at = 0; at < cloud_.registers(); ++at) {
      for (const LedgerEntry* entry : cloud_.at(at).ledger()) {
        const bool is_sale = entry->fiscal_number == sale.receipt->fiscal_number;
        const bool is_return = entry->request.task == kReturn &&
                               absl::StartsWith(entry->request.comment_down, sale.receipt->fiscal_number);
        if (!is_sale && !is_return) continue;
        // Asked for in a history that is lost, and perhaps once more since.
        const DocumentCase* const asked =
            is_return ? people_.CaseNamed(OwnerOf(entry->request.tag)) : nullptr;
        if (asked != nullptr && asked->lost) continue;
        const int64_t sign = is_sale ? 1 : -1;
        for (const TaskRow& row : entry->request.rows) left[row.code] += sign * row.count;
        sum_left += sign * entry->request.sum;
      }
    }
    for (const auto& [code, thousandths] : left) {
      if (thousandths < 0) {
        trace_.Violate("returns",
                       absl::StrCat("more of ", code, " came back than ", sale.key.document_id, " sold"));
      }
    }
    if (sum_left < 0)
      trace_.Violate("returns", absl::StrCat("more money went back than ", sale.key.document_id));
  }
}

void Audit::CheckOrders(const std::vector<Fiscalization>& all) {
  std::map<std::string, int64_t> total;
  std::map<std::string, int64_t> sold;
  std::map<std::string, std::set<std::string>> registers;
  for (const Fiscalization& one : all) {
    if (one.order_id.empty() || !one.receipt) continue;
    sold[one.order_id] +=
        one.key.kind == DocumentKind::kReturn ? -one.draft.sum.kopiykas() : one.draft.sum.kopiykas();
    registers[one.order_id].insert(one.register_fiscal_number);
    if (one.document.order_total) total[one.order_id] = one.document.order_total->kopiykas();
  }
  for (const auto& [order, of] : registers) {
    if (of.size() > 1) trace_.Violate("orders", absl::StrCat(order, " is on two registers"));
  }
  for (const auto& [order, cap] : total) {
    if (sold[order] > cap) {
      trace_.Violate("orders",
                     absl::StrCat(order, " has receipts over ", sold[order], " and comes to ", cap));
    }
  }
}

}  // namespace kasa::simulation
