#ifndef KASA_TOOLS_SIMULATOR_REGISTER_H_
#define KASA_TOOLS_SIMULATOR_REGISTER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "tools/simulator/envelope.h"
#include "tools/simulator/ledger.h"
#include "tools/simulator/switches.h"

namespace kasa::simulator {

// What a register is set up as.
struct RegisterOptions {
  std::string token;
  std::string fisid;
  std::string edrpou = "12345678";
  bool is_real = false;
  std::string cashier;  // taken where the request names none
  Switches switches;
};

// How a request ended at the register.
struct Outcome {
  int task = 0;
  int res = 0;
  int res_action = 0;
  std::string text;
  Json extra;
  Json info;
  std::string fiscal_number;  // of the document made or found
  bool made = false;          // a document was made just now
  bool replayed = false;      // the tag was known: its earlier outcome again

  bool ok() const { return res == 0; }
  static Outcome Refused(int task, Refusal refusal);
};

// One cash register: its shift, its numbers, its drawer, its memory of tags, its ledger. Judges one request
// at a time; whether it is free is the Cloud's affair. Not thread-safe: the Cloud guards it.
class Register {
 public:
  // `clock` and `kyiv` outlive the register. `salt` sets the fiscal numbers apart from those of other runs.
  Register(RegisterOptions options, const Clock& clock, const KyivTime& kyiv, uint64_t salt);

  const RegisterOptions& options() const { return options_; }
  Switches& switches() { return options_.switches; }
  const Switches& switches() const { return options_.switches; }
  void SetToken(std::string token) { options_.token = std::move(token); }

  // Judges and, if all is well, makes the document. With `ignore_tag` the memory of tags is neither asked
  // nor, for a known tag, changed: a second receipt.
  Outcome Judge(const ExecuteRequest& request, bool ignore_tag = false);
  // A request refused by a fault, to be remembered as any refusal is.
  void RememberRefusal(const ExecuteRequest& request, const Refusal& refusal);
  // The envelope's fields of an answer to `request`, in the order of the published samples.
  Json AnswerJson(const ExecuteRequest& request, const Outcome& outcome) const;

  // By the register's clock, which may be set apart from ours.
  absl::Time Now() const { return clock_.Now() + clock_offset_; }
  std::string Dt(absl::Time time) const { return kyiv_.FormatRegisterTime(time); }

  // What happens to a register from outside. FAILED_PRECONDITION when the shift already is so.
  absl::Status OpenShift();
  absl::Status CloseShift();                  // as the automatic closing does: with a Z-report
  absl::Status AgeShift(absl::Duration age);  // the open shift was opened so much earlier
  void SetBlocked(bool blocked) { blocked_ = blocked; }
  void SetOffline(bool offline) { offline_ = offline; }
  void SetSignStatus(int status) { sign_status_ = status; }
  void SetClockOffset(absl::Duration offset) { clock_offset_ = offset; }
  void SetCash(int64_t kopiykas) { safe_ = kopiykas; }

  bool shift_is_open() const { return !shifts_.empty() && !shifts_.back().closed.has_value(); }
  bool blocked() const { return blocked_; }
  bool offline() const { return offline_; }
  int sign_status() const { return sign_status_; }
  absl::Duration clock_offset() const { return clock_offset_; }
  int64_t safe() const { return safe_; }
  int64_t safe_at_shift_start() const { return safe_at_shift_start_; }
  const std::vector<Shift>& shifts() const { return shifts_; }
  const std::vector<LedgerEntry>& ledger() const { return ledger_; }
  const LedgerEntry* FindReceipt(std::string_view fiscal_number) const;

  // Counts a listing call; entries made at or after the count minus `listing_late_by` are not listed yet.
  int64_t CountListing() { return ++listings_; }

 private:
  struct TagRecord {
    std::shared_ptr<const std::string> body;
    std::optional<size_t> entry;  // of the ledger; else refused
    Outcome outcome;
  };

  Outcome LookUp(const ExecuteRequest& request) const;
  std::optional<Outcome> AnswerKnownTag(const ExecuteRequest& request);
  Outcome CarryOut(const ExecuteRequest& request);
  std::optional<Refusal> CheckState(const ExecuteRequest& request) const;
  std::optional<Refusal> CheckAccount(const ExecuteRequest& request) const;
  std::optional<Refusal> CheckItems(const ExecuteRequest& request) const;
  Outcome MakeReceipt(const ExecuteRequest& request);
  Outcome MakeReport(const ExecuteRequest& request);
  Outcome OpenShiftFor(const ExecuteRequest* request);
  LedgerEntry& Append(int task, const ExecuteRequest* request);
  Json ReceiptInfo(const LedgerEntry& entry) const;
  std::string NewFiscalNumber(int64_t dataid) const;

  RegisterOptions options_;
  const Clock& clock_;
  const KyivTime& kyiv_;
  const uint64_t salt_;

  absl::Duration clock_offset_;
  bool blocked_ = false;
  bool offline_ = false;
  int sign_status_ = 1;
  int64_t safe_ = 0;
  int64_t safe_at_shift_start_ = 0;
  int64_t next_dataid_ = 1;
  int64_t next_docno_ = 1;
  int64_t listings_ = 0;
  std::vector<Shift> shifts_;
  std::vector<LedgerEntry> ledger_;
  std::unordered_map<std::string, TagRecord> tags_;
  std::unordered_map<std::string, size_t> by_number_;
  std::map<std::string, int> groups_by_code_;  // of items sold in this shift
};

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_REGISTER_H_
