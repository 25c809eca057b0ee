#include "tests/simulation/switches.h"

#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace kasa::simulation {
namespace {

template <typename Enum>
Enum AnyOf(Random& random, int values) {
  return static_cast<Enum>(random.Below(values));
}

// What most registers will do, in half of the cases.
template <typename Enum>
Enum UsuallyFirstOf(Random& random, int values) {
  return random.Percent(50) ? static_cast<Enum>(0) : AnyOf<Enum>(random, values);
}

template <typename Enum>
std::string Word(Enum value, std::initializer_list<const char*> words) {
  return words.begin()[static_cast<int>(value)];
}

std::string YesNo(bool value) {
  return value ? "yes" : "no";
}

}  // namespace

Switches Switches::Draw(Random random) {
  Switches drawn;
  drawn.tag_memory = AnyOf<TagMemory>(random, 3);
  drawn.other_body = AnyOf<OtherBody>(random, 2);
  drawn.same_tag_busy = AnyOf<SameTagBusy>(random, 3);
  // A register that makes a second receipt of a tag that it is at work on has no memory of tags to speak of.
  if (drawn.tag_memory == TagMemory::kNever && random.Percent(60)) {
    drawn.same_tag_busy = SameTagBusy::kSecondReceipt;
  }
  drawn.refused_tag = AnyOf<RefusedTag>(random, 2);
  drawn.closed_shift = AnyOf<ClosedShift>(random, 4);
  drawn.told_shift = UsuallyFirstOf<ToldShift>(random, 4);
  drawn.told_online = AnyOf<ToldOnline>(random, 4);
  drawn.check_task = AnyOf<CheckTask>(random, 6);
  drawn.told_action = random.Percent(75) ? ToldAction::kTold : ToldAction::kAbsent;
  drawn.listings = AnyOf<Listings>(random, 6);
  if (random.Percent(30)) drawn.listing_lag = random.Between(absl::Seconds(20), absl::Minutes(4));
  if (random.Percent(30)) drawn.listing_page = random.Between(1, 3);
  drawn.closes_at_midnight = random.Percent(70);
  drawn.open_at_start = random.Percent(70);
  drawn.tells_fisid = random.Percent(80);
  drawn.echoes_tag = random.Percent(80);
  drawn.echoes_task = random.Percent(80);
  drawn.tells_dtype = random.Percent(80);
  drawn.tells_clock = random.Percent(80);
  drawn.numbers_as_text = random.Percent(20);
  drawn.rounding_enabled = random.Percent(85);
  drawn.offline_percent = random.Percent(30) ? random.Between(10, 100) : 0;
  drawn.clock_ahead =
      random.Percent(50) ? absl::ZeroDuration() : random.Between(-absl::Minutes(4), absl::Minutes(4));
  if (random.Percent(20))
    drawn.listing_flaw = random.Pick({ListingFlaw::kNamelessRow, ListingFlaw::kShownTwice});
  return drawn;
}

void Switches::DrawLater(Random random) {
  if (random.Percent(12)) check_task = CheckTask::kOwnId;
}

std::vector<std::string> Switches::Values() const {
  return {
      absl::StrCat("tag_memory=", Word(tag_memory, {"never", "shift", "forever"})),
      absl::StrCat("other_body=", Word(other_body, {"refused", "first_receipt"})),
      absl::StrCat("same_tag_busy=",
                   Word(same_tag_busy, {"waits", "code_1105", "action_2", "second_receipt"})),
      absl::StrCat("refused_tag=", Word(refused_tag, {"judged_anew", "refusal_repeated"})),
      absl::StrCat("closed_shift=", Word(closed_shift, {"opens", "1092", "2007", "2011"})),
      absl::StrCat("told_shift=", Word(told_shift, {"told", "without_time", "minus_one", "silent"})),
      absl::StrCat("told_online=", Word(told_online, {"one", "zero", "minus_one", "silent"})),
      absl::StrCat("check_task=", Word(check_task, {"nested", "flat", "without_tag", "not_found", "lags",
                                                    "wrong_at_first", "own_id"})),
      absl::StrCat("told_action=", Word(told_action, {"told", "absent"})),
      absl::StrCat("listings=", Word(listings, {"not_there", "whole", "without_tags", "without_numbers",
                                                "without_times", "refused"})),
      absl::StrCat("listing_flaw=", Word(listing_flaw, {"none", "nameless_row", "shown_twice"})),
      absl::StrCat("listings_lag=", YesNo(listing_lag > absl::ZeroDuration())),
      absl::StrCat("listings_in_small_pages=", YesNo(listing_page > 0)),
      absl::StrCat("closes_at_midnight=", YesNo(closes_at_midnight)),
      absl::StrCat("closes_in_quiet_window=", YesNo(closing_minute.has_value())),
      absl::StrCat("open_at_start=", YesNo(open_at_start)),
      absl::StrCat("tells_fisid=", YesNo(tells_fisid)),
      absl::StrCat("echoes_tag=", YesNo(echoes_tag)),
      absl::StrCat("echoes_task=", YesNo(echoes_task)),
      absl::StrCat("tells_dtype=", YesNo(tells_dtype)),
      absl::StrCat("tells_clock=", YesNo(tells_clock)),
      absl::StrCat("numbers_as_text=", YesNo(numbers_as_text)),
      absl::StrCat("rounding_enabled=", YesNo(rounding_enabled)),
      absl::StrCat("receipts_offline=", offline_percent == 0 ? "none" : "some"),
      absl::StrCat("clock=", clock_ahead == absl::ZeroDuration()  ? "right"
                             : clock_ahead > absl::ZeroDuration() ? "ahead"
                                                                  : "behind"),
  };
}

std::vector<std::string> AllSwitchValues() {
  std::set<std::string> all;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    Switches drawn = Switches::Draw(Random(seed));
    drawn.DrawLater(Random(seed).Fork(1));
    for (std::string& value : drawn.Values()) all.insert(std::move(value));
  }
  all.insert("closes_in_quiet_window=yes");
  return {all.begin(), all.end()};
}

bool CanBeTogether(absl::string_view value, absl::string_view other) {
  const auto is_switch = [](absl::string_view name, absl::string_view of) {
    return absl::StartsWith(name, absl::StrCat(of, "="));
  };
  if (is_switch(other, value.substr(0, value.find('=')))) return false;
  for (const auto& [one, two] : {std::pair(value, other), std::pair(other, value)}) {
    if (one == "same_tag_busy=second_receipt" && is_switch(two, "tag_memory")) {
      return two == "tag_memory=never";
    }
  }
  return true;
}

}  // namespace kasa::simulation
