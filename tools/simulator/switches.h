#ifndef KASA_TOOLS_SIMULATOR_SWITCHES_H_
#define KASA_TOOLS_SIMULATOR_SWITCHES_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace kasa::simulator {

// What is not known of the real service, and what an account can have set up
// differently, as switches of one register. The defaults are the likeliest service. A plain value.
enum class TagMemory { kForever, kShift, kNone };
enum class OtherBytes { kFirstReceipt, kRefuse, kSecondReceipt };
enum class RefusedTag { kJudgedAnew, kRepeated, kKnownCode };
enum class BusySameTag { kWait, kCollide, kSecondReceipt };
enum class BusyOtherTag { kWait, kBusy };
enum class BadText { kReplace, kRefuse };
enum class LongText { kRefuse, kCut };
enum class UnknownFields { kRefuse, kIgnore };
enum class LookUp { kHonoured, kIgnored };
enum class ListingNames { kDeviceManager, kCloud, kShort };
enum class ListingState { kOk, kLate, kEmpty, kUnreadable, kNotFound };
// What the listing tells of tags: those of the requests, none, or ids of its own.
enum class ListingTags { kTold, kOmitted, kOther };
enum class ListingTasks { kTold, kOmitted, kZero };
// Where the rows are and what is said about pages: a member with the totals, the same without totals, or the
// bare array.
enum class ListingEnvelope { kTotals, kNoTotals, kArray };
// How pages are turned: as asked; never (every page is the first); numbered from 0; ten rows at the most.
enum class ListingPages { kAsAsked, kIgnored, kFromZero, kSmall };
enum class CheckTask { kAnswers, kNotFound, kWrong };
enum class Qr { kLink, kText, kEmpty };
enum class DocnoScope { kShift, kRegister };

struct Switches {
  // How long a tag is remembered.
  TagMemory tag_memory = TagMemory::kForever;
  // A known tag with another body.
  OtherBytes other_bytes = OtherBytes::kFirstReceipt;
  // A tag whose request was refused (res_action 3), asked again: judged, refused in the same words, or
  // refused with other_bytes_code because the tag is known.
  RefusedTag refused_tag = RefusedTag::kJudgedAnew;
  // A request while the register still works on the same tag, or on another.
  BusySameTag busy_same_tag = BusySameTag::kWait;
  BusyOtherTag busy_other_tag = BusyOtherTag::kWait;
  // `type` 0: looked up by tag, or taken for an ordinary request (and a receipt issued).
  LookUp look_up = LookUp::kHonoured;

  // Characters outside the alphabet; text that is too long; fields that are not documented.
  BadText bad_text = BadText::kReplace;
  LongText long_text = LongText::kRefuse;
  UnknownFields unknown_fields = UnknownFields::kRefuse;
  bool zero_receipt = true;
  bool rounding = true;
  std::set<int> payment_types = {0, 1, 2, 3, 4, 5, 6, 16, 20};
  std::set<int> tax_groups = {1, 2, 3, 4, 5, 6, 7, 8, 9};

  // Whether a first receipt opens a closed shift, and the codes of refusals that differ from client to
  // client.
  bool auto_open_shift = true;
  int shift_closed_code = 2007;
  int shift_open_code = 1096;
  int sum_differs_code = 1101;
  int over_24h_code = 1037;
  int blocked_code = 1044;
  int other_bytes_code = 1059;

  ListingNames listing_names = ListingNames::kDeviceManager;
  ListingState listing_state = ListingState::kOk;
  // With kLate: a document is listed from the (N+1)-th listing call of its register on after it was made.
  int listing_late_by = 1;
  ListingTags listing_tags = ListingTags::kTold;
  ListingTasks listing_tasks = ListingTasks::kTold;
  ListingEnvelope listing_envelope = ListingEnvelope::kTotals;
  ListingPages listing_pages = ListingPages::kAsAsked;
  // Every listing of documents has a row whose fields have names that nobody knows.
  bool listing_odd_row = false;
  // Shifts do not tell when they were opened and closed.
  bool listing_omits_times = false;
  CheckTask check_task = CheckTask::kAnswers;

  // Which fields a status answer leaves out, and which value of online_status means online.
  bool status_omits_fisid = false;
  bool status_omits_edrpou = false;
  bool status_omits_mode = false;
  bool status_omits_shift_dt = false;
  bool status_omits_shift = false;
  bool status_omits_numbers = false;
  int online_value = 1;
  Qr qr = Qr::kLink;
  DocnoScope docno_scope = DocnoScope::kShift;
  // How long each document takes the register, in milliseconds.
  int latency_ms = 0;
};

// One switch in words, for --help, admin JSON and docs.
struct SwitchWord {
  std::string name;
  std::string value;    // as it is now
  std::string choices;  // "forever|shift|none", "true|false", "a number", ...
};

// Sets one switch from words ("tag_memory", "shift"). INVALID_ARGUMENT names the choices.
absl::Status SetSwitch(Switches& switches, std::string_view name, std::string_view value);

// Every switch, in the order in which they are documented.
std::vector<SwitchWord> DescribeSwitches(const Switches& switches);

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_SWITCHES_H_
