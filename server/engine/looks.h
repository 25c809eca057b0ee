#ifndef KASA_SERVER_ENGINE_LOOKS_H_
#define KASA_SERVER_ENGINE_LOOKS_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/log.h"
#include "server/domain/absence.h"
#include "server/domain/lost_receipt.h"
#include "server/domain/tag.h"
#include "server/engine/executor.h"
#include "server/engine/listing_walk.h"
#include "server/engine/settings.h"
#include "server/engine/task.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

// A status of the verified register that was read for a look, and when by our clock.
struct StatusRead {
  domain::RegisterStatus status;
  absl::Time time;
};

// What came of looking for one doubt.
struct LookOutcome {
  domain::Finding finding;
  // What became of the fiscalization: set when it is settled by this look, and not in doubt any more.
  std::optional<domain::Fiscalization> settled;
};

// Looks into one register's listings for receipts in doubt, remembers what each look saw, and settles what
// they prove (domain/absence.h). Sends nothing: its requests are GETs, so it works beside the lane, for the
// lane's head and for what is parked alike. Looks of one register never run at the same time as far as its
// callers keep to Due(). Executor's thread only.
class Looks {
 public:
  // Everything must outlive it.
  struct World {
    store::Store& store;
    vchasno::Client& client;
    Executor& executor;
    const Clock& clock;
    Logger& logger;
    domain::InstallationId installation;
    Settings settings;
    // Told when the store was paused, since this register has receipts of a history that it lost.
    std::function<void(const std::string& register_fiscal_number)> lost_history_seen;
  };

  Looks(std::string register_fiscal_number, World world);

  // Whether a look is under way.
  bool looking() const { return looking_; }

  // Whether it is time to look for this doubt: never while a look is under way, else when its last one has
  // grown old enough, and the listings, where they could not be read, have been left alone for long enough.
  bool Due(const std::string& fiscalization_id) const;
  // How long until then, as far as that is known; a while, while a look is under way.
  absl::Duration DueIn(const std::string& fiscalization_id) const;

  // Looks once and, where `settles`, settles what is proven: FISCALIZED; or, where `absence_settles`,
  // ACCEPTED, or FAILED when `give_up` (what has left its lane is not sent again but by a person's word).
  // `hold_over`: the hold time after the last send is over. `status`: nothing where the register may not be
  // asked for it. Not while looking().
  struct Question {
    bool hold_over = false;
    bool settles = true;
    bool absence_settles = true;
    bool give_up = false;
    std::optional<StatusRead> status;
  };
  Task<LookOutcome> LookFor(const store::LaneHead& doubted, const store::IntegrationRecord& record,
                            const Question& question);

  // What the looks so far come to; nothing before the first one.
  std::optional<domain::Finding> LastFinding(const std::string& fiscalization_id) const;

  // The receipt on this register under a tag of the document, of whatever number, that the store does not
  // have, where one was seen: the document has it from a history that the store lost. Of several, the one
  // under the tag that the document has now.
  absl::StatusOr<std::optional<domain::LostReceipt>> LostReceiptOf(const domain::Fiscalization& unsettled);
  // Such receipts were remembered.
  void UnknownRemembered() { unknown_.reset(); }

  // Whether the register's counters stand elsewhere than at the last receipts of ours, and not ahead of them
  // by no more than `doubts`, which may have been made: somebody wrote to it without this store. False where
  // that can't be told.
  absl::StatusOr<bool> RegisterWentOn(const domain::RegisterStatus& status, int64_t doubts) const;
  // A receipt of ours has this local number in this shift ("" and nothing where they are not told). True when
  // numbers were left out since the last one of ours: somebody else may write to the register.
  bool NumbersJump(const std::string& shift, std::optional<int64_t> local_number);
  // Reads what was made lately and remembers what the gateway did not make. Not while looking().
  Task<void> LookAround(const store::IntegrationRecord& record);

  // The integration, its token or an operator's mind changed: looks are due at once.
  void Changed();

 private:
  struct History {
    // Of the fiscalization, when these looks were made: a send since, or another tag, makes them void.
    int attempts = 0;
    std::string tag;
    bool hold_over = false;  // before the first of them
    std::vector<domain::LookJudgement> looks;
    domain::Finding finding;
    int unknown_in_a_row = 0;
    absl::Duration next;  // monotonic
  };

  // The looks for this doubt that still count, for another one to be added.
  History& HistoryFor(const domain::Fiscalization& sought, bool hold_over);
  // Questions to check-task of one look; the rest of what can't be explained waits for the next one.
  static constexpr size_t kMostChecks = 20;
  // A look that took long is not repeated often: the listings are at rest for so many times as long.
  static constexpr int kRestAfterLook = 10;

  // Everything that one look takes, read and asked.
  Task<domain::Look> Take(const store::LaneHead& doubted, const store::IntegrationRecord& record,
                          const domain::DoubtedReceipt& looked_for, const Question& question);
  void FillInKnown(absl::Time since, domain::Look& look) const;
  Task<std::optional<domain::Fiscalization>> Settle(const store::LaneHead& doubted,
                                                    const domain::Finding& finding, const Question& question,
                                                    const domain::ExpectedReceipt& expected);
  Task<void> Remember(const domain::Look& look);
  void PlanNext(History& history, absl::Duration took);

  const std::string register_;
  const World world_;
  bool looking_ = false;
  std::map<std::string, History> histories_;
  // Listings that could not be read are left alone for a while, whatever the doubt.
  int unread_in_a_row_ = 0;
  absl::Duration not_before_;
  absl::Duration around_not_before_;  // likewise, for looks around alone
  std::optional<absl::Duration> asked_to_wait_;
  std::string last_shift_;
  std::optional<int64_t> last_number_;
  // Receipts that LostReceiptOf() may find; nothing: not known.
  std::optional<std::vector<domain::ListedReceipt>> unknown_;
};

// What the receipt of a fiscalization must be.
domain::ExpectedReceipt ExpectedReceiptOf(const domain::Fiscalization& sent,
                                          const domain::Integration& integration);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_LOOKS_H_
