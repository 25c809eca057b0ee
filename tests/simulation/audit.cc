#include "tests/simulation/audit.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/domain/state_machine.h"
#include "tests/simulation/store_reading.h"

namespace kasa::simulation {
namespace {

using domain::Fiscalization;
using domain::State;

constexpr int kMostTagNumbers = 64;

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

}  // namespace

std::string Audit::OwnerOf(const std::string& tag) {
  auto owner = owners_.find(tag);
  // Most tags have one of the first numbers, and working them out takes its time.
  for (const int numbers : {1, 4, 16, kMostTagNumbers}) {
    if (owner != owners_.end() || tag_numbers_ >= numbers) continue;
    for (const DocumentCase& one : people_.cases()) {
      const domain::DocumentKey key{"simulation", one.planned.kind, one.planned.name(),
                                    domain::RegisterMode::kTest};
      for (int number = tag_numbers_; number < numbers; ++number) {
        owners_[TagByTheRule(key, number)] = one.planned.name();
      }
    }
    tag_numbers_ = numbers;
    owner = owners_.find(tag);
  }
  return owner == owners_.end() ? "" : owner->second;
}

void Audit::Watch(store::Store& store) {
  while (true) {
    const auto page = store.changes().After(watched_through_, 1000);
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
      // What waits may have been sent by a history that this store lost (rule 11).
      const bool lost = now.state == State::kInDoubt && now.failure &&
                        now.failure->reason == Reason::kStoreCopied && before != watched_.end() &&
                        before->second == State::kAccepted;
      if (before != watched_.end() && before->second != now.state && !lost &&
          !IsArrow(before->second, now.state)) {
        trace_.Violate("arrows", absl::StrCat(now.key.document_id, " went from ", Name(before->second),
                                              " to ", Name(now.state)));
      }
      watched_[now.id] = now.state;
      all_watched_.push_back({change.sequence, now.id, now.state});
      trace_.Say("  change ", change.sequence, ": ", now.key.document_id, " ", Name(now.state));
    }
    const bool further = page->read_through != std::exchange(watched_through_, page->read_through);
    if (page->at_end || !further) return;
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
    const auto page = store.changes().After(through, 1000);
    if (!page.ok()) return;
    for (const store::StateChange& change : page->changes) {
      if (same == all_watched_.size()) break;
      const Watched& watched = all_watched_[same++];
      if (change.fiscalization.id == watched.id && change.fiscalization.state == watched.state) continue;
      return trace_.Violate("watched_is_durable", "what a watcher saw has changed");
    }
    if (page->at_end || page->read_through == through) break;
    through = page->read_through;
  }
  if (same < all_watched_.size()) trace_.Violate("watched_is_durable", "what a watcher saw is gone");
}

void Audit::StoreWasPutBack(int64_t last_change) {
  put_back_ = true;
  std::erase_if(all_watched_, [&](const Watched& one) { return one.sequence > last_change; });
  watched_.clear();
  for (const Watched& one : all_watched_) watched_[one.id] = one.state;
  last_watched_ = watched_through_ = all_watched_.empty() ? 0 : all_watched_.back().sequence;
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
    const DocumentCase* const asked = people_.CaseNamed(owner);
    if (asked != nullptr && asked->out_of_sight) continue;
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
    const DocumentCase* const asked = people_.CaseOfKey(one.key);
    const bool excused =
        asked != nullptr && (asked->lost || (asked->made_before && one.state != State::kFiscalized));
    if (!excused) CheckDocument(one, receipts);
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
    CountRulings(store, one, coverage_);
  }
  for (const DocumentCase& one : people_.cases()) {
    const bool there = stored.contains(one.planned.name());
    if (there && one.fiscalization_id.empty() && !one.may_be_stored) {
      trace_.Violate("error_stored_nothing",
                     absl::StrCat(one.planned.name(), " got errors only, and is stored"));
    }
    if (nobody_waits && !one.settled_for_caller()) {
      trace_.Violate("liveness", absl::StrCat("the caller of ", one.planned.name(), " never got an answer"));
    }
  }
  // What an older store does not have of the receipts that there are, it can't count.
  if (put_back_) return;
  CheckReturns(page->fiscalizations);
  CheckOrders(page->fiscalizations);
}

}  // namespace kasa::simulation
