#ifndef KASA_TESTS_STORE_FIXTURE_H_
#define KASA_TESTS_STORE_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "server/domain/tag.h"
#include "server/store/sqlite_store.h"
#include "server/store/store.h"
#include "tests/testing/temporary_folder.h"

// What the tests of the store share.
namespace kasa::store {

// Stands still until it is moved. Thread-safe.
class SettableClock final : public Clock {
 public:
  absl::Time Now() const override;
  absl::Duration Monotonic() const override;
  void Advance(absl::Duration by);

 private:
  mutable std::mutex mutex_;
  absl::Time now_ = absl::FromUnixSeconds(1764000000);  // guarded by mutex_
};

// Calls a write and waits for its answer: Await<T>([&](Callback<T> done) { store.Write(..., done); }).
template <typename T>
absl::StatusOr<T> Await(const std::function<void(Callback<T>)>& write) {
  std::promise<absl::StatusOr<T>> promise;
  std::future<absl::StatusOr<T>> answer = promise.get_future();
  write([&promise](absl::StatusOr<T> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

domain::InstallationId TestInstallation();

// An integration that takes work for a register.
IntegrationRecord AnIntegration(const std::string& id, const std::string& register_fiscal_number);

// A sale of one line, as it is accepted; `variant` makes its content another.
Acceptance ASale(const std::string& document_id, const std::string& integration_id,
                 const std::string& register_fiscal_number, int variant = 0);

// One whose document takes about `bytes` to store: five of 1 MB fill a page.
Acceptance ABigSale(const std::string& document_id, size_t bytes = 1'000'000);

domain::Failure AFailure(Reason reason, bool correction_allowed = false);
domain::Receipt AReceipt(const std::string& register_fiscal_number, const std::string& fiscal_number);

// As its lane would read it now.
SendCandidate CandidateNow(Store& store, const std::string& id);

// A store on a file of its own, with two integrations: "one" on register "4000000001" and "two" on
// "4000000002". The calls wait for their answers.
class StoreTest : public testing::Test {
 protected:
  static constexpr char kOne[] = "one";
  static constexpr char kRegisterOne[] = "4000000001";
  static constexpr char kTwo[] = "two";
  static constexpr char kRegisterTwo[] = "4000000002";

  void SetUp() override;

  std::string path() const { return folder_.Path("kasa.db"); }
  SqliteStoreOptions Options() const;
  // Closes the store and opens it anew from its files.
  void Reopen();

  absl::StatusOr<domain::Integration> Create(IntegrationRecord record);
  absl::StatusOr<domain::Integration> Change(const std::string& id,
                                             const std::function<void(IntegrationRecord&)>& change,
                                             std::optional<int64_t> revision = std::nullopt);
  absl::StatusOr<Accepted> Accept(Acceptance acceptance);
  // Accepts a sale through integration "one", which must be taken.
  domain::Fiscalization AcceptSale(const std::string& document_id);
  absl::StatusOr<MarkedSend> Mark(const std::string& id);
  absl::StatusOr<MarkedSend> MarkOpening(const std::string& body = "open:");
  absl::StatusOr<domain::Fiscalization> Settle(Settlement settlement);
  absl::StatusOr<bool> SettleOpening(Settlement settlement);
  // What a start does.
  absl::StatusOr<int64_t> RecoverAfterStart();
  absl::StatusOr<domain::Fiscalization> Cancel(const std::string& id,
                                               std::optional<int64_t> revision = std::nullopt);
  absl::StatusOr<domain::Fiscalization> RetryIt(const std::string& id, const std::string& body = "retried");
  absl::StatusOr<domain::Fiscalization> ResolveIt(const std::string& id, domain::ResolutionOutcome outcome,
                                                  std::optional<domain::Receipt> receipt = std::nullopt);

  // How a mark ends, as the state machine's table rules it.
  Settlement Ended(const MarkedSend& mark, domain::SendEnding ending) const;

  // Lives of a sale that tests start from.
  domain::Fiscalization FiscalizedSale(const std::string& document_id, const std::string& fiscal_number);
  domain::Fiscalization FailedSale(const std::string& document_id, bool correction_allowed);
  domain::Fiscalization SaleInDoubt(const std::string& document_id);

  Store& store() { return *store_; }

  TemporaryFolder folder_;
  SettableClock clock_;
  std::unique_ptr<Store> store_;
};

}  // namespace kasa::store

#endif  // KASA_TESTS_STORE_FIXTURE_H_
