#ifndef KASA_TESTS_SIMULATION_SWITCHES_H_
#define KASA_TESTS_SIMULATION_SWITCHES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/simulation/random.h"

// What is not known of the register (vchasno-kasa-api.md, "Not known" and every field of confidence C or D):
// each as a switch that a seed sets. The gateway has to be right with any of them.
namespace kasa::simulation {

enum class TagMemory { kNever, kShift, kForever };
// The same tag with other bytes.
enum class OtherBody { kRefused, kFirstReceipt };
// The same tag while the register still works on it.
enum class SameTagBusy { kWaits, kCode1105, kAction2, kSecondReceipt };
// A tag that was refused, asked again.
enum class RefusedTag { kJudgedAnew, kRefusalRepeated };
// A receipt while the shift is closed.
enum class ClosedShift { kOpensByReceipt, kCode1092, kCode2007, kCode2011 };
enum class ToldShift { kTold, kWithoutTime, kMinusOne, kSilent };
enum class ToldOnline { kOneIsOnline, kZeroIsOnline, kMinusOne, kSilent };
enum class CheckTask { kNested, kFlat, kWithoutTag, kNotFound, kLags, kWrongAtFirst, kOwnId };
// What the two listing calls say.
enum class Listings { kNotThere, kWhole, kWithoutTags, kWithoutNumbers, kWithoutTimes, kRefused };
// What is wrong with the list of a shift's documents: nothing, one that has no number, or the last receipt is
// there twice, under two numbers. A list that hides a receipt, or names it under another tag, is not among
// them: nothing could be proven by it.
enum class ListingFlaw { kNone, kNamelessRow, kShownTwice };
// Whether refusals name res_action 3, or leave it out.
enum class ToldAction { kTold, kAbsent };

struct Switches {
  TagMemory tag_memory = TagMemory::kForever;
  OtherBody other_body = OtherBody::kRefused;
  SameTagBusy same_tag_busy = SameTagBusy::kWaits;
  RefusedTag refused_tag = RefusedTag::kJudgedAnew;
  ClosedShift closed_shift = ClosedShift::kOpensByReceipt;
  ToldShift told_shift = ToldShift::kTold;
  ToldOnline told_online = ToldOnline::kOneIsOnline;
  CheckTask check_task = CheckTask::kNested;
  ToldAction told_action = ToldAction::kTold;
  Listings listings = Listings::kNotThere;
  ListingFlaw listing_flaw = ListingFlaw::kNone;
  absl::Duration listing_lag;      // until a new receipt is listed
  int listing_page = 0;            // rows of a page at most; 0: as many as are asked for
  bool closes_at_midnight = true;  // at 23:59 by its own clock; else never, but for the following
  // The minute of the day, by its own clock, at which it closes its shift instead: inside of the quiet
  // window.
  std::optional<int> closing_minute;
  bool open_at_start = true;
  bool tells_fisid = true;  // in receipts
  bool echoes_tag = true;
  bool echoes_task = true;
  bool tells_dtype = true;
  bool tells_clock = true;  // the envelope's dt
  bool numbers_as_text = false;
  bool rounding_enabled = true;
  int offline_percent = 0;     // of receipts
  absl::Duration clock_ahead;  // of the register's clock, within the gateway's tolerance

  // All but the minute of closing, which goes by what happens in the history (later_draws.h).
  static Switches Draw(Random random);
  // Values that were thought of when there were many seeds already: some registers have them instead.
  void DrawLater(Random random);
  // "tag_memory=shift", ... each switch with its value.
  std::vector<std::string> Values() const;
};

// Every switch with every value that it can have, in the words of Values(): what a run should have tried.
std::vector<std::string> AllSwitchValues();
// Whether one register can have both of these: they are of two switches, and Draw() does not keep them apart.
bool CanBeTogether(absl::string_view value, absl::string_view other);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_SWITCHES_H_
