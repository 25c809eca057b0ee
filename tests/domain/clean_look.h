#ifndef KASA_TESTS_DOMAIN_CLEAN_LOOK_H_
#define KASA_TESTS_DOMAIN_CLEAN_LOOK_H_

#include <functional>
#include <string>
#include <vector>

#include "server/domain/absence.h"

// A look that proves absence, and what tests change in it.
namespace kasa::domain {

inline constexpr char kTag[] = "00c0ffee0123456789abcdef01234567";
inline constexpr char kOtherTag[] = "00c0ffeeffffffffffffffffffffffff";
inline constexpr char kForeignTag[] = "deadbeef0123456789abcdef01234567";
inline constexpr char kRegister[] = "4000000001";

// 12:00 of some day; the send is at noon, the receipts before it at 11:40 and 11:50.
inline absl::Time At(int hour, int minute) {
  return absl::FromUnixSeconds(1'763'850'000) + absl::Hours(hour) + absl::Minutes(minute);
}

inline DoubtedReceipt Sought() {
  return {.expected = {.tag = kTag,
                       .task = 1,
                       .register_fiscal_number = kRegister,
                       .mode = RegisterMode::kTest,
                       .due = Money::FromKopiykas(4500)},
          .row_sum = Money::FromKopiykas(4510),
          .first_send = At(12, 0)};
}

inline ListedReceipt Row(const std::string& number, const std::string& tag, int64_t local, absl::Time time) {
  return {.fiscal_number = number,
          .tag = tag,
          .task = 1,
          .sum = Money::FromKopiykas(4500),
          .local_number = local,
          .time = time,
          .register_fiscal_number = ""};
}

inline KnownReceipt Known(const std::string& number, int64_t local, absl::Time time) {
  return {.fiscal_number = number, .tag = kOtherTag, .task = 1, .local_number = local, .time = time};
}

// Two receipts of ours before the send, and nothing since.
inline Look CleanLook() {
  Look look;
  look.made = absl::Seconds(1000);
  look.register_verified = true;
  look.status =
      RegisterStatus{.shift = ShiftStatus::kOpen, .shift_opened = At(8, 0), .last_receipt_number = 2};
  look.status->register_clock = At(12, 3);
  look.status_read_time = At(12, 3);
  const ListedShift shift{.id = "37", .opened = At(8, 0), .closed = std::nullopt};
  look.shifts = {shift, {.id = "36", .opened = At(-16, 0), .closed = At(-1, 0)}};
  look.documents = {{shift, {Row("F2", kOtherTag, 2, At(11, 50)), Row("F1", kOtherTag, 1, At(11, 40))}}};
  look.known = {{"F1", Known("F1", 1, At(11, 40))}, {"F2", Known("F2", 2, At(11, 50))}};
  return look;
}

// How a clean look is judged once it, or what is sought, is changed so.
inline LookJudgement JudgeChanged(const std::function<void(Look&, DoubtedReceipt&)>& change) {
  Look look = CleanLook();
  DoubtedReceipt sought = Sought();
  change(look, sought);
  return JudgeLook(look, sought);
}

inline std::vector<ListedReceipt>& RowsOf(Look& look) {
  return look.documents[0].rows;
}

inline TaskFacts Task(const std::string& number, const std::string& tag) {
  return {.answered = true, .fiscal_number = number, .tag = tag, .task = 1, .sum = Money::FromKopiykas(4510)};
}

// No number is told by anyone: neither by the status nor in rows.
inline void WithoutNumbers(Look& look, DoubtedReceipt&) {
  look.status->last_receipt_number.reset();
  for (ListedReceipt& row : RowsOf(look)) row.local_number.reset();
  for (auto& [number, known] : look.known) known.local_number.reset();
}

inline void WithoutTags(Look& look, DoubtedReceipt&) {
  for (ListedReceipt& row : RowsOf(look)) row.tag.clear();
}

}  // namespace kasa::domain

#endif  // KASA_TESTS_DOMAIN_CLEAN_LOOK_H_
