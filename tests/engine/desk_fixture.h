#ifndef KASA_TESTS_ENGINE_DESK_FIXTURE_H_
#define KASA_TESTS_ENGINE_DESK_FIXTURE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/kyiv_time.h"
#include "common/log.h"
#include "gtest/gtest.h"
#include "server/engine/integration_desk.h"
#include "server/engine/lanes.h"
#include "server/engine/outcome_board.h"
#include "server/store/store.h"
#include "tests/engine/fake_client.h"
#include "tests/engine/manual_executor.h"
#include "tests/testing/temporary_folder.h"

namespace kasa::engine {

inline constexpr char kFiscalNumber[] = "4000000001";
inline constexpr char kEdrpou[] = "12345678";
inline constexpr char kToken[] = "token-of-the-first-1111";
inline constexpr char kOtherToken[] = "token-of-another-2222";

// The desk over the real store in a temporary folder, real lanes, a scripted cloud, and time that the test
// moves.
class DeskTest : public testing::Test {
 public:
  DeskTest();
  ~DeskTest() override;

 protected:
  // --- the register
  // A status that names everything, of a working register with an open shift.
  static domain::RegisterStatus Named(const std::string& fiscal_number = kFiscalNumber,
                                      domain::RegisterMode mode = domain::RegisterMode::kTest);
  // From now on every question is answered so.
  void RegisterAnswers(domain::RegisterStatus status);
  void RegisterIs(vchasno::StatusOutcome outcome, Reason reason, int http_status = 0);
  int questions() const;

  // --- the operator
  static CreateIntegrationCall NewIntegration(const std::string& id, const std::string& token = "");
  absl::StatusOr<IntegrationOutcome> Create(CreateIntegrationCall call);
  absl::StatusOr<IntegrationOutcome> Update(const std::string& id, SettingsChange change,
                                            bool acknowledge = false);
  absl::StatusOr<IntegrationOutcome> SetToken(const std::string& id, const std::string& token,
                                              StatedRegister stated = {});
  absl::StatusOr<ConnectionReport> CheckConnection(const std::string& id);
  absl::StatusOr<domain::Integration> Delete(const std::string& id);
  absl::StatusOr<MappingOutcome> UpdateMapping(const std::string& id,
                                               std::function<void(domain::Mapping&)> edit);

  // Creates an integration that must come out without violations.
  domain::Integration Existing(const std::string& id, const std::string& token = "");
  domain::Integration Stored(const std::string& id);
  store::IntegrationRecord Record(const std::string& id);

  // A document is accepted for the integration, which must be active and know its register; nothing sends it.
  void AcceptSale(const std::string& integration_id);

  // --- below
  template <typename T>
  absl::StatusOr<T> Await(const std::function<void(Done<T>)>& start) {
    std::optional<absl::StatusOr<T>> outcome;
    start([&outcome](absl::StatusOr<T> value) { outcome.emplace(std::move(value)); });
    if (!executor_.RunUntil([&] { return outcome.has_value(); })) {
      return absl::DeadlineExceededError("nothing was answered");
    }
    executor_.RunUntilIdle();
    return *std::move(outcome);
  }

  ManualClock clock_;
  ManualExecutor executor_;
  FakeClient client_;
  Settings settings_;
  KyivTime kyiv_;
  Logger logger_;
  TemporaryFolder folder_;
  std::unique_ptr<store::Store> store_;
  OutcomeBoard board_;
  PausedRegisters paused_;
  std::unique_ptr<Lanes> lanes_;
  std::unique_ptr<CoverageRecorder> coverage_;
  std::unique_ptr<IntegrationDesk> desk_;
};

}  // namespace kasa::engine

#endif  // KASA_TESTS_ENGINE_DESK_FIXTURE_H_
