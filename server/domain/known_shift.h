#ifndef KASA_SERVER_DOMAIN_KNOWN_SHIFT_H_
#define KASA_SERVER_DOMAIN_KNOWN_SHIFT_H_

#include <optional>

#include "absl/time/time.h"
#include "common/reason.h"
#include "server/domain/register_status.h"

namespace kasa::domain {

// What is known of the shift of one register since the gateway was started: by its statuses, and by its
// openings. A register that does not tell its shift is taken at its last opening's word.
class KnownShift {
 public:
  // Whether it may be sent to without asking first.
  bool is_open() const { return open_; }

  // The register took the opening, and the status that followed says closed all the same.
  bool opening_was_taken_back() const { return opening_taken_back_; }

  // Whether it is open is to be asked anew.
  void Doubt() { open_ = false; }

  // A status, as soon as it is known to be this register's: since when its shift is open.
  void NoteOpenedTime(const RegisterStatus& status);

  // A status of a register that can work: whether its shift is open.
  void NoteState(std::optional<ShiftStatus> told);

  // The register took an opening, at `time`; or said that the shift was open already, since an unknown time.
  void NoteOpening(std::optional<absl::Time> time);

  // A document got its receipt: the shift is open, and nothing is the matter with it, however old it is told
  // to be.
  void NoteReceipt(absl::Time now);

  // The register refused for `told`: the reason for a pause, which is SHIFT_TOO_LONG where the words are
  // unclear and a shift of more than 24 hours can be behind them (product.md, point 15).
  Reason ReasonOfRefusal(Reason told, absl::Time now);

  // After NoteOpenedTime(): whether the register refused before, and by its own word its shift is open for
  // more than 24 hours, so that it will refuse again. Now and then not, so that a document is tried: the
  // refusals may have had another cause, which is over.
  bool ExplainsRefusals(absl::Time now);

  // Open for more than 24 hours, and no receipt has shown that this register works on all the same.
  bool IsTooLong(absl::Time now) const;

 private:
  bool open_ = false;
  bool just_opened_ = false;         // the register took the opening, and no status was read since
  bool opening_taken_back_ = false;  // ... and the status that followed said closed all the same
  std::optional<absl::Time> opened_time_;
  bool opened_time_told_ = false;   // by a status, not taken from the opening
  bool refused_unclearly_ = false;  // in words that a long shift may be behind; no receipt since
  bool refused_for_age_ = false;    // and no younger shift was seen since
  int statuses_since_refusal_ = 0;
  std::optional<absl::Time> works_though_opened_;  // so long ago
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_KNOWN_SHIFT_H_
