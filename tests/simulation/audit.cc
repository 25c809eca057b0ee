#include "tests/simulation/audit.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/domain/state_machine.h"

namespace kasa::simulation {
namespace {

using domain::DocumentKind;
using domain::Fiscalization;
using domain::State;

constexpr int kMostTagNumbers = 8;

// The arrows of architecture.md, rule 8, written down once more.
bool IsArrow(State from, State to) {
  switch (from) {
    case State::kAccepted:
      return to == State::kSending || to == State::kCancelled || to == State::kFailed;
    case State::kSending:
      return to == State::kFiscalized || to == State::kFailed || to == State::kInDoubt ||
             to == State::kAccepted;
    case State::kInDoubt:
      return to == State::kSending || to == State::kFiscalized || to == State::kFailed ||
             to == State::kAccepted;
    case State::kFailed:
    case State::kCancelled:
      return to == State::kAccepted;
    case State::kFiscalized:
      return false;
  }
  return false;
}

std::string Name(State state) {
  return std::string(domain::NameOf(state));
}

bool Surely(const Fiscalization& one, State state) {
  return one.state == state;
}

}  // namespace

std::string Audit::OwnerOf(const std::string& tag) {
  if (owners_.empty()) {
    for (const DocumentCase& one : people_.cases()) {
      domain::DocumentKey key{"simulation", one.planned.kind, one.planned.name(),
                              domain::RegisterMode::kTest};
      for (int number = 0; number < kMostTagNumbers; ++number) {
        owners_[TagByTheRule(key, number)] = one.planned.name();
      }
    }
  }
  const auto owner = owners_.find(tag);
  return owner == owners_.end() ? "" : owner->second;
}

bool Audit::TakenForAbsent(store::Store& store, const std::string& tag) {
  const std::string owner = OwnerOf(tag);
  for (const DocumentCase& one : people_.cases()) {
    if (one.planned.name() != owner) continue;
    const auto found =
        store.FindFiscalization({"simulation", one.planned.kind, owner, domain::RegisterMode::kTest});
    return found.ok() && !found->doubt;
  }
  return false;
}

void Audit::Watch(store::Store& store) {
  while (true) {
    const auto page = store.ChangesAfter(watched_through_, 1000);
    if (!page.ok()) return;  // the disk; later
    for (const store::StateChange& change : page->changes) {
      const Fiscalization& now = change.fiscalization;
      if (change.sequence <= last_watched_) {
        trace_.Violate("watch", absl::StrCat("change ", change.sequence, " came after ", last_watched_));
      }
      last_watched_ = change.sequence;
      const auto before = watched_.find(now.id);
      if (before == watched_.end() && now.state != State::kAccepted) {
        trace_.Violate("arrows", absl::StrCat(now.key.document_id, " began as ", Name(now.state)));
      }
      if (before != watched_.end() && before->second != now.state && !IsArrow(before->second, now.state)) {
        trace_.Violate("arrows", absl::StrCat(now.key.document_id, " went from ", Name(before->second),
                                              " to ", Name(now.state)));
      }
      watched_[now.id] = now.state;
      all_watched_.emplace_back(now.id, now.state);
      trace_.Say("  change ", change.sequence, ": ", now.key.document_id, " ", Name(now.state));
    }
    watched_through_ = page->read_through;
    if (page->at_end) return;
  }
}

void Audit::AfterStart(store::Store& store) {
  for (const DocumentCase& one : people_.cases()) {
    if (one.fiscalization_id.empty()) continue;
    const auto found = store.GetFiscalization(one.fiscalization_id);
    if (absl::IsNotFound(found.status())) {
      trace_.Violate("accepted_is_durable",
                     absl::StrCat(one.planned.name(), " was acknowledged, and is gone"));
    } else if (found.ok() && !one.told_fiscal_number.empty() &&
               (!found->receipt || found->receipt->fiscal_number != one.told_fiscal_number)) {
      trace_.Violate("outcome_is_durable", absl::StrCat(one.planned.name(), " was told to have receipt ",
                                                        one.told_fiscal_number, ", and it is gone"));
    }
  }
  size_t same = 0;
  for (int64_t through = 0; same < all_watched_.size();) {
    const auto page = store.ChangesAfter(through, 1000);
    if (!page.ok()) return;
    for (const store::StateChange& change : page->changes) {
      if (same == all_watched_.size()) break;
      const auto& [id, state] = all_watched_[same++];
      if (change.fiscalization.id == id && change.fiscalization.state == state) continue;
      return trace_.Violate("watched_is_durable", "what a watcher saw has changed");
    }
    through = page->read_through;
    if (page->at_end) break;
  }
  if (same < all_watched_.size()) trace_.Violate("watched_is_durable", "what a watcher saw is gone");
}

void Audit::Ledgers() {
  std::map<std::string, std::vector<const LedgerEntry*>> by_owner;
  for (size_t at = 0; at < cloud_.registers(); ++at) {
    for (const std::string& body : cloud_.at(at).wrong_sums()) trace_.Violate("arithmetic", body);
    for (const LedgerEntry* entry : cloud_.at(at).ledger()) {
      const std::string owner = OwnerOf(entry->request.tag);
      if (owner.empty()) {
        trace_.Violate("nobodys_receipt",
                       absl::StrCat(entry->fiscal_number, " has tag ", entry->request.tag));
        continue;
      }
      by_owner[owner].push_back(entry);
    }
  }
  for (const auto& [owner, entries] : by_owner) {
    if (entries.size() < 2) continue;
    trace_.Violate("one_receipt",
                   absl::StrCat(owner, " has ", entries.size(), " receipts: ", entries[0]->fiscal_number,
                                " and ", entries[1]->fiscal_number));
  }
}

void Audit::AtEnd(store::Store& store, bool nobody_waits) {
  Watch(store);
  AfterStart(store);
  Ledgers();
  const auto page = store.ListFiscalizations({}, std::nullopt, 1000);
  if (!page.ok()) {
    trace_.Violate("readable", absl::StrCat("the store can't be read at the end: ",
                                            std::string(page.status().message())));
    return;
  }
  std::set<std::string> stored;
  for (const Fiscalization& one : page->fiscalizations) {
    const std::string name = one.key.document_id;
    stored.insert(name);
    std::vector<const LedgerEntry*> receipts;
    for (size_t at = 0; at < cloud_.registers(); ++at) {
      for (const LedgerEntry* entry : cloud_.at(at).ledger()) {
        if (OwnerOf(entry->request.tag) == name) receipts.push_back(entry);
      }
    }
    CheckDocument(one, receipts);
    if (nobody_waits && !domain::IsFinal(one.state)) {
      trace_.Violate("liveness",
                     absl::StrCat(name, " is still ", Name(one.state), " because of ",
                                  one.failure ? std::string(NameOf(one.failure->reason)) : "nothing"));
    }
    const auto watched = watched_.find(one.id);
    if (watched == watched_.end() || watched->second != one.state) {
      trace_.Violate("watch",
                     absl::StrCat("the last change of ", name, " that was watched is not ", Name(one.state)));
    }
    coverage_.Count(absl::StrCat("end/", Name(one.state)));
    CountRulings(store, one);
  }
  for (const DocumentCase& one : people_.cases()) {
    const bool there = stored.count(one.planned.name()) > 0;
    if (there && one.fiscalization_id.empty() && !one.may_be_stored) {
      trace_.Violate("error_stored_nothing",
                     absl::StrCat(one.planned.name(), " got errors only, and is stored"));
    }
    if (nobody_waits && !one.settled_for_caller()) {
      trace_.Violate("liveness", absl::StrCat("the caller of ", one.planned.name(), " never got an answer"));
    }
  }
  CheckReturns(page->fiscalizations);
  CheckOrders(page->fiscalizations);
}

void Audit::CheckDocument(const Fiscalization& one, const std::vector<const LedgerEntry*>& receipts) {
  const std::string name = one.key.document_id;
  if (one.tag != TagByTheRule(one.key, one.tag_number)) {
    trace_.Violate("deterministic_tag", absl::StrCat(name, " has tag ", one.tag));
  }
  if (Surely(one, State::kFiscalized)) {
    if (receipts.size() != 1) {
      trace_.Violate("one_receipt",
                     absl::StrCat(name, " is FISCALIZED and has ", receipts.size(), " receipts"));
    } else {
      CheckReceipt(one, *receipts.front());
    }
  } else if (one.state == State::kFailed || one.state == State::kCancelled) {
    if (!receipts.empty()) {
      trace_.Violate("surely_none", absl::StrCat(name, " is ", Name(one.state), " and has receipt ",
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
    const int expected = row.code == "c-4" ? 4 : row.code == "c-3" || row.code == "c-5" ? 2 : 1;
    if (row.tax_group != expected) wrong(absl::StrCat("tax group ", row.tax_group, " for ", row.code));
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

void Audit::CountRulings(store::Store& store, const Fiscalization& one) {
  const auto page = store.ListExchanges(one.id, 0, 500);
  if (!page.ok()) return;
  std::set<std::string> unexplained;  // tags
  for (const store::Exchange& exchange : page->exchanges) {
    if (exchange.kind != store::ExchangeKind::kReceipt) continue;
    coverage_.Count(absl::StrCat("ruling/", exchange.outcome,
                                 unexplained.count(exchange.tag) > 0 ? " repeated" : " first"));
    if (absl::StartsWith(exchange.outcome, "DOUBT") || !exchange.end_time) unexplained.insert(exchange.tag);
  }
}

}  // namespace kasa::simulation
