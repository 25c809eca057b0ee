#ifndef KASA_TESTS_ENGINE_ENGINE_BY_HAND_H_
#define KASA_TESTS_ENGINE_ENGINE_BY_HAND_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/kyiv_time.h"
#include "common/log.h"
#include "server/engine/engine.h"
#include "server/store/store.h"
#include "tests/engine/fake_client.h"
#include "tests/engine/manual_executor.h"
#include "tests/testing/temporary_folder.h"

namespace kasa::engine {

// A register of a few lines, for tests that move time: it opens and closes its shift, remembers each tag for
// as long as its shift lasts, and tells its own clock.
struct HandRegister {
  std::string fiscal_number = "4000000001";
  bool shift_open = false;
  absl::Time shift_opened;
  absl::Duration clock_ahead;  // of the right time
  bool tells_clock = true;
  bool tells_opening = true;  // when its shift was opened
  // The right time, which the gateway's wall clock may differ from.
  std::function<absl::Time()> right_time;
  // Answers a sale, a return or a payment in the register's place, when it is set and gives one. `make` makes
  // the receipt all the same.
  std::function<std::optional<vchasno::ExecuteAnswer>(const std::string& tag,
                                                      const std::function<void()>& make)>
      instead;
  // The same for a status.
  std::function<std::optional<vchasno::StatusAnswer>()> instead_of_status;
  std::function<absl::Time()> gateway_time;
  const KyivTime* kyiv = nullptr;

  struct Made {
    std::string tag;
    std::string fiscal_number;
    absl::Time time;
  };
  std::vector<Made> receipts;
  std::map<std::string, size_t> remembered;  // of this shift: which receipt a tag made
  int statuses = 0;
  int openings = 0;

  void OpenShift();
  void CloseShift();
  const Made& Make(const std::string& tag);

  vchasno::ExecuteAnswer Execute(const std::string& body);
  vchasno::StatusAnswer Status();
};

vchasno::ExecuteAnswer Refused(domain::SendEnding ending, Reason reason, int64_t res, int64_t res_action = 3);
// Nothing was heard.
vchasno::ExecuteAnswer Unheard();
// For HandRegister::instead: the receipt is made, and nothing was heard.
vchasno::ExecuteAnswer MadeAndUnheard(const std::string& tag, const std::function<void()>& make);

// A moment of November 2026, by the clock on the wall in Kyiv.
inline absl::Time Kyiv(int day, int hour, int minute) {
  return absl::FromCivil(absl::CivilSecond(2026, 11, day, hour, minute, 0), absl::FixedTimeZone(2 * 3600));
}

// The real engine and store over a register of a few lines, with time that the test moves. One integration,
// "shop-1".
class EngineByHand {
 public:
  struct Options {
    absl::Time now;
    domain::TagMemory tag_memory = domain::TagMemory::kSameShift;
    Settings settings;
    double random = 1;  // no jitter
  };
  explicit EngineByHand(const Options& options);
  ~EngineByHand();

  // Takes the gateway down as a crash does, and starts it again on the same store.
  void CrashAndStart();

  // Documents of `kopiykas`, dated today in Kyiv where they are dated.
  DocumentRequest Sale(const std::string& id, int64_t kopiykas = 4500) const;
  DocumentRequest ReturnOf(const std::string& sale_id, const std::string& id) const;
  DocumentRequest Payment(const std::string& id) const;
  // A sale that a rule made: dated when it is sent.
  DocumentRequest AutomationSale(const std::string& id) const;

  // Accepts, and lets all happen that happens at once.
  absl::StatusOr<domain::Fiscalization> Fiscalize(DocumentRequest request);
  domain::Fiscalization Get(const std::string& id);
  absl::StatusOr<FiscalizeOutcome> Retry(const std::string& id);
  absl::StatusOr<domain::Fiscalization> Resolve(ResolveRequest request);
  LaneView Lane();
  // Changes nothing, and has what rests try again, as every change of an integration does.
  void OperatorTouchesTheIntegration();
  void Change(const std::function<void(store::IntegrationRecord&)>& change);

  // Lets happen what needs no answer of the store.
  void RunWhatIsReady() { executor_->RunUntilIdle(); }
  // Lets all happen that happens without time passing.
  void Settle();
  // Lets time pass, in steps, and all happen that becomes due; `until` ends it early.
  void Pass(absl::Duration time, absl::Duration step = absl::Seconds(30),
            const std::function<bool()>& until = nullptr);
  // The same until the fiscalization is in that state.
  bool AwaitState(const std::string& id, domain::State state, absl::Duration at_most = absl::Minutes(30));
  // Somebody sets the gateway's wall clock; the right time goes on as before.
  void SetWallClock(absl::Duration by);

  ManualClock clock;
  HandRegister cash_register;
  FakeClient client;

  store::Store& store() { return *store_; }
  Engine& engine() { return *engine_; }
  const KyivTime& kyiv() const { return kyiv_; }

 private:
  template <typename T>
  absl::StatusOr<T> Await(const std::function<void(Done<T>)>& start);
  void Open();
  void Close();

  Options options_;
  absl::Duration wall_ahead_;  // the gateway's wall clock is ahead of the right time by this
  KyivTime kyiv_;
  Logger logger_;
  TemporaryFolder folder_;
  std::unique_ptr<ManualExecutor> executor_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace kasa::engine

#endif  // KASA_TESTS_ENGINE_ENGINE_BY_HAND_H_
