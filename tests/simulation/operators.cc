#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/state_machine.h"
#include "tests/simulation/people.h"

// What operators do: they look into the ledger and tell the truth, and set integrations right.
namespace kasa::simulation {

namespace {

using domain::Fiscalization;
using domain::ResolutionOutcome;
using domain::State;

// So often an operator has a document sent before it is given up.
constexpr int kMostWords = 2;

// The document's tags, of more numbers than it gets to in a history.
std::vector<std::string> TagsTried(const domain::DocumentKey& key) {
  constexpr int kNumbers = 32;
  std::vector<std::string> tags;
  for (int number = 0; number < kNumbers; ++number) tags.push_back(TagByTheRule(key, number));
  return tags;
}

// Whether a look tells the tag of every receipt, and at once.
bool ShowsTags(const Switches& switches) {
  if (switches.listing_lag > absl::ZeroDuration() || switches.listing_flaw != ListingFlaw::kNone)
    return false;
  switch (switches.listings) {
    case Listings::kWhole:
    case Listings::kWithoutNumbers:
    case Listings::kWithoutTimes:
      return true;
    case Listings::kWithoutTags:
      return switches.check_task == CheckTask::kNested || switches.check_task == CheckTask::kFlat;
    case Listings::kNotThere:
    case Listings::kRefused:
      return false;
  }
  return false;
}

}  // namespace

std::string WordsOf(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  return absl::StrCat(std::string(absl::StatusCodeToString(status.code())), " ",
                      reason ? std::string(NameOf(*reason)) : "");
}

void People::Resolve(const Fiscalization& doubted, bool give_up) {
  // Truthfully: what is in the ledger by now, under any tag of the document.
  const std::vector<std::string> tags = TagsTried(doubted.key);
  const LedgerEntry* exists = nullptr;
  for (size_t at = 0; at < world_.cloud.registers(); ++at) {
    for (const LedgerEntry* entry : world_.cloud.at(at).ledger()) {
      if (std::ranges::count(tags, entry->request.tag) > 0) exists = entry;
    }
  }
  engine::ResolveRequest request{.fiscalization_id = doubted.id,
                                 .revision = std::nullopt,
                                 .principal = "olena",
                                 .note = "looked into the ledger",
                                 .accept_unverified = true};
  // A history that was lost corrected it: what the store has now was never made, and is not to be.
  const bool has_other_content = exists != nullptr && exists->request.sum != doubted.draft.sum.kopiykas() &&
                                 exists->request.sum != doubted.draft.due.kopiykas();
  if (has_other_content) {
    if (DocumentCase* const one = CaseOfKey(doubted.key)) one->lost = true;
    request.outcome = ResolutionOutcome::kAbsentGiveUp;
    exists = nullptr;
  } else if (exists != nullptr) {
    request.outcome = ResolutionOutcome::kReceiptExists;
    request.fiscal_number = exists->fiscal_number;
  } else {
    request.outcome = give_up ? ResolutionOutcome::kAbsentGiveUp : ResolutionOutcome::kAbsentSend;
  }
  world_.trace.Say("operator resolves ", doubted.key.document_id, " as ", static_cast<int>(request.outcome),
                   " ", request.fiscal_number);
  const std::string tag = doubted.tag;
  open_resolutions_[doubted.id] = tag;
  if (exists == nullptr) world_.watch.WordUnderWay(tag);
  world_.gateway()->engine().fiscalizer().Resolve(
      request, [this, id = doubted.id, tag, absent = exists == nullptr](absl::StatusOr<Fiscalization> now) {
        if (now.ok() || ReasonOf(now.status())) {
          open_resolutions_.erase(id);
          world_.watch.WordIsOver(tag);
        }
        if (!now.ok()) {
          world_.trace.Say("the operator is refused: ", WordsOf(now.status()));
          return world_.coverage.Count(absl::StrCat("refusal/", WordsOf(now.status())));
        }
        if (absent) world_.watch.ResolvedAbsent(tag);
        world_.watch.ForgetBinding(tag);  // nothing is left to be sent under it
        DocumentCase* const one = CaseOfKey(now->key);
        if (one == nullptr) return;
        if (now->resolution && now->resolution->outcome == ResolutionOutcome::kAbsentSend)
          ++one->sent_by_word;
        Learn(*one, *now);
      });
}

void People::FindLostResolutions() {
  for (const auto& [id, tag] : std::exchange(open_resolutions_, {})) {
    world_.watch.WordIsOver(tag);
    const auto now = world_.gateway()->store().GetFiscalization(id);
    if (!now.ok() || !now->resolution) continue;
    if (now->resolution->outcome != ResolutionOutcome::kReceiptExists) world_.watch.ResolvedAbsent(tag);
    world_.watch.ForgetBinding(tag);
  }
}

void People::StoreWasPutBack() {
  store_was_put_back_ = true;
  store::Store& store = world_.gateway()->store();
  open_resolutions_.clear();
  content_.StoreWasPutBack();
  for (size_t at = 0; at < cases_.size(); ++at) {
    DocumentCase& one = cases_[at];
    const auto& of = plan_.registers[static_cast<size_t>(one.planned.at_register)];
    const domain::DocumentKey key{"simulation", one.planned.kind, one.planned.name(),
                                  domain::RegisterMode::kTest};
    const auto stored = store.FindFiscalization(key);
    const std::vector<std::string> tags = TagsTried(key);
    const std::string& next_tag = stored.ok() ? stored->tag : tags.front();
    bool may_be_made = false;
    // Under a tag that the store will not come to by itself.
    bool may_be_elsewhere = false;
    for (const std::string& tag : tags) {
      if (!world_.watch.MayHaveMade(tag)) continue;
      may_be_made = true;
      may_be_elsewhere = may_be_elsewhere || tag != next_tag;
    }
    const bool has_receipt = stored.ok() && stored->receipt.has_value();
    one.out_of_sight = may_be_elsewhere && !has_receipt && !ShowsTags(of.switches);
    one.dues = one.every_due;
    if (stored.ok()) {
      if (!stored->receipt) one.told_fiscal_number.clear();
      const bool over = stored->state == State::kFailed || stored->state == State::kCancelled;
      one.lost = (may_be_made && over) || one.out_of_sight;
      continue;
    }
    if (one.fiscalization_id.empty() && !may_be_made) continue;
    one.fiscalization_id.clear();
    one.told_fiscal_number.clear();
    one.may_be_stored = true;
    // A register that never forgets a tag gives its receipt once more.
    one.made_before = may_be_made;
    // Mapped in another way by now, it is other content to a register that refuses that under a known tag.
    const bool may_be_other =
        mappings_[one.planned.at_register] != 0 && of.switches.other_body == OtherBody::kRefused;
    one.lost =
        may_be_made && (of.switches.tag_memory != TagMemory::kForever || one.out_of_sight || may_be_other);
    if (one.lost) {
      one.given_up = true;
    } else {
      for (const std::string& tag : tags) world_.watch.Forget(tag);
      TryAgain(at, absl::Seconds(5));
    }
  }
}

void People::Adopt(std::function<void(bool)> done) {
  world_.gateway()->engine().AdoptStore(
      {.registers = {}, .principal = "olena", .note = "the backup of the night"}, [] { return false; },
      [this, done = std::move(done)](const absl::StatusOr<engine::AdoptionOutcome>& outcome) {
        world_.trace.Say("the store is adopted: ", outcome.ok() ? "OK" : WordsOf(outcome.status()));
        done(outcome.ok());
      });
}

void People::SettleDoubts(bool all) {
  GatewayProcess* const gateway = world_.gateway();
  if (gateway == nullptr) return;
  const auto page = gateway->store().ListFiscalizations({.states = {State::kInDoubt}}, std::nullopt, 100);
  if (!page.ok()) return;
  for (const Fiscalization& doubted : page->fiscalizations) {
    const bool waits = doubted.doubt && doubted.doubt->next_step == domain::DoubtStep::kWaitForOperator;
    if (!waits && !all) continue;
    const DocumentCase* const one = CaseOfKey(doubted.key);
    const bool tried = one != nullptr && one->sent_by_word >= kMostWords;
    Resolve(doubted, tried || doubted.lane_position % 2 == 0);
  }
}

void People::SetActive(int at_register, bool active) {
  GatewayProcess* const gateway = world_.gateway();
  if (gateway == nullptr) return;
  gateway->engine().integrations().Update(
      {.integration_id = IntegrationId(at_register),
       .revision = std::nullopt,
       .change = [active](domain::Integration& one) { one.active = active; },
       .acknowledge_unready = true,
       .principal = "olena"},
      [this, at_register, active](absl::StatusOr<engine::IntegrationOutcome> outcome) {
        if (outcome.ok() && outcome->violations.empty()) {
          world_.watch.SetActive(static_cast<size_t>(at_register), active);
        }
      });
}

void People::ChangeMapping(int at_register) {
  // What is sent again would be other content than the lost history's: that is left alone
  // (docs/reliability.md).
  if (store_was_put_back_) return;
  const int version = (mappings_[at_register] + 1) % kMappings;
  mappings_[at_register] = version;
  content_.MappingMayBe(at_register, version);
  world_.gateway()->engine().integrations().UpdateMapping(
      {.integration_id = IntegrationId(at_register),
       .revision = std::nullopt,
       .change =
           [version](domain::Mapping& mapping) {
             mapping.tax_groups = MappingOfEach(version).tax_groups;
             mapping.payment_types = MappingOfEach(version).payment_types;
           }},
      [this, at_register, version](const absl::StatusOr<engine::MappingOutcome>& outcome) {
        const bool done = outcome.ok() && outcome->violations.empty();
        world_.trace.Say("mapping of register ", at_register + 1, done ? " changed" : " not changed");
        // Another change may have been asked for meanwhile.
        if (done && mappings_[at_register] == version) content_.MappingIs(at_register, version);
      });
}

void People::SetToken(int at_register) {
  GatewayProcess* const gateway = world_.gateway();
  if (gateway == nullptr) return;
  world_.watch.OthersAsk(static_cast<size_t>(at_register), true);
  gateway->engine().integrations().SetToken(
      {.integration_id = IntegrationId(at_register),
       .revision = std::nullopt,
       .token = Secret(world_.cloud.TokenOf(static_cast<size_t>(at_register))),
       // Or it would be taken for whatever register a status names that was spoilt on its way.
       .stated = {.fiscal_number = world_.cloud.at(static_cast<size_t>(at_register)).number()}},
      [this, at_register](const absl::StatusOr<engine::IntegrationOutcome>& outcome) {
        world_.watch.OthersAsk(static_cast<size_t>(at_register), false);
        world_.trace.Say("token of register ", at_register + 1,
                         " set: ", outcome.ok() ? "OK" : WordsOf(outcome.status()));
      });
}

void People::RepairIntegrations() {
  GatewayProcess* const gateway = world_.gateway();
  if (gateway == nullptr) return;
  for (int at = 0; at < static_cast<int>(plan_.registers.size()); ++at) {
    const auto record = gateway->store().integrations().Get(IntegrationId(at));
    if (!record.ok()) continue;
    if (!record->integration.active) SetActive(at, true);
    if (record->token.Reveal() != world_.cloud.TokenOf(static_cast<size_t>(at))) SetToken(at);
  }
}

}  // namespace kasa::simulation
