#ifndef KASA_TESTS_SIMULATION_REGISTER_MODEL_H_
#define KASA_TESTS_SIMULATION_REGISTER_MODEL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/kyiv_time.h"
#include "tests/simulation/random.h"
#include "tests/simulation/switches.h"
#include "tests/simulation/task_request.h"

namespace kasa::simulation {

// A receipt that exists, whatever anybody was told of it.
struct LedgerEntry {
  std::string fiscal_number;
  std::string register_number;
  int64_t local_number = 0;
  TaskRequest request;
  std::string body;
  absl::Time time;
  int shift = 0;
  bool offline = false;
};

// How a task came out, before anything befalls the answer.
struct TaskOutcome {
  int res = 0;
  std::string text;
  const LedgerEntry* receipt = nullptr;  // of a sale or return that is done
  bool repeated = false;                 // it was made before
};

// A shift that was opened.
struct ShiftRecord {
  int number = 0;
  absl::Time opened;
  std::optional<absl::Time> closed;
};

// A register: its shift, its ledger, and what it remembers of tags. It does everything at the moment at which
// it is asked to; the cloud in front of it decides when that is.
class RegisterModel {
 public:
  RegisterModel(std::string number, std::string edrpou, Switches switches, const KyivTime& kyiv,
                absl::Time now, Random random);

  // Executes a sale, a return or the opening of a shift.
  TaskOutcome Execute(const TaskRequest& request, const std::string& body, absl::Time now);
  // A refusal that comes from elsewhere, and that it remembers like its own.
  TaskOutcome Refuse(const TaskRequest& request, int res);
  // What it says without doing anything, when it remembers the tag.
  std::optional<TaskOutcome> Remembered(const TaskRequest& request, const std::string& body, absl::Time now);

  // Closes the shift when that is due.
  void PassTimeTo(absl::Time now);
  // Somebody reads the status now: the shift is not closed within `kNoCloseAfterStatus` of it.
  void NoteStatusRead(absl::Time now) { status_read_ = now; }

  const std::string& number() const { return number_; }
  const std::string& edrpou() const { return edrpou_; }
  const Switches& switches() const { return switches_; }
  const std::vector<LedgerEntry*>& ledger() const { return ledger_order_; }
  const LedgerEntry* FindReceipt(const std::string& fiscal_number) const;
  bool shift_open() const { return shift_opened_.has_value(); }
  std::optional<absl::Time> shift_opened() const { return shift_opened_; }
  int shift() const { return shift_; }
  const std::vector<ShiftRecord>& shifts() const { return shifts_; }  // the oldest first
  int closings() const { return closings_; }
  int64_t cash_in_drawer() const { return cash_; }
  int sales() const { return sales_; }
  int returns() const { return returns_; }
  // Arithmetic that it had to refuse: always somebody's bug.
  const std::vector<std::string>& wrong_sums() const { return wrong_sums_; }

  // The gateway's promise to re-send within a shift needs this much: that a shift which was open when the
  // status was read is still open when the request that follows it arrives.
  static constexpr absl::Duration kNoCloseAfterStatus = absl::Seconds(30);

 private:
  struct Memory {
    std::string body;
    int res = 0;  // 0: done
    LedgerEntry* receipt = nullptr;
  };

  void OpenShift(absl::Time now);
  void Remember(const TaskRequest& request, const std::string& body, int res, LedgerEntry* receipt);
  std::optional<int> ClosedShiftCode() const;
  std::optional<int> ContentError(const TaskRequest& request) const;
  absl::Time NextClosing(absl::Time after) const;

  const std::string number_;
  const std::string edrpou_;
  const Switches switches_;
  const KyivTime& kyiv_;
  Random random_;

  int shift_ = 0;
  int closings_ = 0;
  std::vector<ShiftRecord> shifts_;
  std::optional<absl::Time> shift_opened_;
  absl::Time status_read_ = absl::InfinitePast();
  std::map<std::string, Memory> memory_;
  std::map<std::string, int> groups_in_shift_;  // item code -> tax group
  std::vector<LedgerEntry*> ledger_order_;
  std::map<std::string, std::unique_ptr<LedgerEntry>> ledger_;
  int64_t cash_ = 1'000'00;
  int sales_ = 0;
  int returns_ = 0;
  std::vector<std::string> wrong_sums_;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_REGISTER_MODEL_H_
