#include "tests/store/fixture.h"

#include <cstdlib>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "server/domain/fingerprint.h"
#include "server/domain/state_machine.h"

namespace kasa::store {

absl::Time SettableClock::Now() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return now_;
}

absl::Duration SettableClock::Monotonic() const {
  return Now() - absl::UnixEpoch();
}

void SettableClock::Advance(absl::Duration by) {
  const std::lock_guard<std::mutex> lock(mutex_);
  now_ += by;
}

domain::InstallationId TestInstallation() {
  return *domain::InstallationId::Parse("0123abcd");
}

IntegrationRecord AnIntegration(const std::string& id, const std::string& register_fiscal_number) {
  IntegrationRecord record;
  record.integration.id = id;
  record.integration.active = true;
  record.integration.pinned_register =
      domain::PinnedRegister{register_fiscal_number, "12345678", domain::RegisterMode::kTest, false};
  record.integration.token_state = domain::TokenState::kAccepted;
  record.token = Secret("token-of-" + id);
  return record;
}

Acceptance ASale(const std::string& document_id, const std::string& integration_id,
                 const std::string& register_fiscal_number, int variant) {
  Acceptance acceptance;
  domain::Fiscalization& f = acceptance.fiscalization;
  f.id = "f-" + document_id;
  f.key = {"erp", domain::DocumentKind::kSale, document_id, domain::RegisterMode::kTest};
  f.integration_id = integration_id;
  f.register_fiscal_number = register_fiscal_number;
  f.order_id = "order-of-" + document_id;
  domain::Line line;
  line.name = "Кава";
  line.quantity = Quantity::FromThousandths(1000);
  line.price = Money::FromKopiykas(4500 + variant);
  line.tax_id = "vat20";
  f.document.activated = true;
  f.document.document_date = "2025-11-24";
  f.document.currency_code = "UAH";
  f.document.lines = {line};
  f.fingerprint = domain::FingerprintOf(f.document);
  f.tag = domain::TagFor(TestInstallation(), f.key, 0);
  f.draft.sum = line.price;
  f.draft.due = line.price;
  acceptance.request_body = absl::StrCat("body ", f.tag, " ", variant);
  return acceptance;
}

Acceptance ABigSale(const std::string& document_id, size_t bytes) {
  Acceptance sale = ASale(document_id, "one", "4000000001");
  sale.fiscalization.document.comment.assign(bytes, 'x');
  return sale;
}

domain::Failure AFailure(Reason reason, bool correction_allowed) {
  domain::Failure failure;
  failure.reason = reason;
  failure.message = "as the test wants it";
  failure.correction_allowed = correction_allowed;
  return failure;
}

domain::Receipt AReceipt(const std::string& register_fiscal_number, const std::string& fiscal_number) {
  domain::Receipt receipt;
  receipt.fiscal_number = fiscal_number;
  receipt.register_fiscal_number = register_fiscal_number;
  receipt.local_number = 7;
  receipt.fiscal_time = absl::FromUnixSeconds(1764000001);
  receipt.fiscal_time_raw = "20251124180001";
  receipt.total = Money::FromKopiykas(4500);
  receipt.qr = "https://kasa.example/c/" + fiscal_number;
  return receipt;
}

void StoreTest::SetUp() {
  Reopen();
  ASSERT_TRUE(Create(AnIntegration(kOne, kRegisterOne)).ok());
  ASSERT_TRUE(Create(AnIntegration(kTwo, kRegisterTwo)).ok());
}

SqliteStoreOptions StoreTest::Options() const {
  return SqliteStoreOptions{.path = path(), .installation = TestInstallation()};
}

void StoreTest::Reopen() {
  store_.reset();
  absl::StatusOr<std::unique_ptr<Store>> opened = OpenSqliteStore(Options(), clock_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  store_ = *std::move(opened);
}

absl::StatusOr<domain::Integration> StoreTest::Create(IntegrationRecord record) {
  return Await<domain::Integration>([&](Callback<domain::Integration> done) {
    store().integrations().Create(
        std::move(record), domain::Mapping{},
        [](IntegrationRecord&, const IntegrationSurroundings&) { return absl::OkStatus(); }, std::move(done));
  });
}

absl::StatusOr<domain::Integration> StoreTest::Change(const std::string& id,
                                                      const std::function<void(IntegrationRecord&)>& change,
                                                      std::optional<int64_t> revision) {
  return Await<domain::Integration>([&](Callback<domain::Integration> done) {
    store().integrations().Change(
        id, revision,
        [&change](IntegrationRecord& record, const IntegrationSurroundings&) {
          change(record);
          return absl::OkStatus();
        },
        std::move(done));
  });
}

absl::StatusOr<Accepted> StoreTest::Accept(Acceptance acceptance) {
  return Await<Accepted>(
      [&](Callback<Accepted> done) { store().Accept(std::move(acceptance), std::move(done)); });
}

SendCandidate CandidateNow(Store& store, const std::string& id) {
  const absl::StatusOr<domain::Fiscalization> now = store.GetFiscalization(id);
  if (!now.ok()) return {.fiscalization_id = id};
  return {.fiscalization_id = id,
          .register_fiscal_number = now->register_fiscal_number,
          .state = now->state,
          .attempts = now->attempts};
}

domain::Fiscalization StoreTest::AcceptSale(const std::string& document_id) {
  absl::StatusOr<Accepted> accepted = Accept(ASale(document_id, kOne, kRegisterOne));
  EXPECT_TRUE(accepted.ok()) << accepted.status();
  return std::move(accepted->fiscalization);
}

absl::StatusOr<MarkedSend> StoreTest::Mark(const std::string& id) {
  return Await<MarkedSend>([&](Callback<MarkedSend> done) {
    store().sends().MarkSending(CandidateNow(store(), id), std::move(done));
  });
}

absl::StatusOr<MarkedSend> StoreTest::MarkOpening(const std::string& body) {
  return Await<MarkedSend>([&](Callback<MarkedSend> done) {
    store().sends().MarkShiftOpening({.register_fiscal_number = kRegisterOne,
                                      .integration_id = kOne,
                                      .for_fiscalization_id = "",
                                      .doubts_until = clock_.Now() - absl::Minutes(5),
                                      .make_body = [&body](const std::string& tag) { return body + tag; }},
                                     std::move(done));
  });
}

absl::StatusOr<domain::Fiscalization> StoreTest::Settle(Settlement settlement) {
  return Await<domain::Fiscalization>([&](Callback<domain::Fiscalization> done) {
    store().sends().Settle(std::move(settlement), std::move(done));
  });
}

absl::StatusOr<bool> StoreTest::SettleOpening(Settlement settlement) {
  return Await<bool>([&](Callback<bool> done) {
    store().sends().SettleShiftOpening(std::move(settlement), std::move(done));
  });
}

absl::StatusOr<int64_t> StoreTest::RecoverAfterStart() {
  return Await<int64_t>([&](Callback<int64_t> done) { store().sends().RecoverAfterStart(std::move(done)); });
}

absl::StatusOr<domain::Fiscalization> StoreTest::Cancel(const std::string& id,
                                                        std::optional<int64_t> revision) {
  return Await<domain::Fiscalization>(
      [&](Callback<domain::Fiscalization> done) { store().Cancel(id, revision, std::move(done)); });
}

absl::StatusOr<domain::Fiscalization> StoreTest::RetryIt(const std::string& id, const std::string& body) {
  Retry retry;
  retry.fiscalization_id = id;
  const absl::StatusOr<domain::Fiscalization> now = store().GetFiscalization(id);
  if (now.ok()) retry.prepared_revision = now->revision;
  retry.request_body = body;
  return Await<domain::Fiscalization>(
      [&](Callback<domain::Fiscalization> done) { store().RetryFailed(std::move(retry), std::move(done)); });
}

absl::StatusOr<domain::Fiscalization> StoreTest::ResolveIt(const std::string& id,
                                                           domain::ResolutionOutcome outcome,
                                                           std::optional<domain::Receipt> receipt) {
  ResolutionRequest request;
  request.fiscalization_id = id;
  request.resolution.outcome = outcome;
  request.resolution.principal = "olena";
  request.resolution.note = "looked it up in the cabinet";
  request.resolution.resolve_time = clock_.Now();
  request.receipt = std::move(receipt);
  return Await<domain::Fiscalization>(
      [&](Callback<domain::Fiscalization> done) { store().Resolve(std::move(request), std::move(done)); });
}

Settlement StoreTest::Ended(const MarkedSend& mark, domain::SendEnding ending) const {
  Settlement settlement;
  settlement.exchange_id = mark.permit.exchange_id();
  settlement.end_time = clock_.Now();
  settlement.http_status = 200;
  settlement.answer = "{}";
  settlement.ending = ending;
  settlement.edge = domain::RulingFor(ending, mark.order).edge;
  if (settlement.edge != domain::Edge::kToFiscalized) {
    settlement.failure = AFailure(Reason::kRegisterRefused, settlement.edge == domain::Edge::kToFailed);
  }
  return settlement;
}

domain::Fiscalization StoreTest::FiscalizedSale(const std::string& document_id,
                                                const std::string& fiscal_number) {
  const domain::Fiscalization sale = AcceptSale(document_id);
  absl::StatusOr<MarkedSend> mark = Mark(sale.id);
  EXPECT_TRUE(mark.ok()) << mark.status();
  Settlement settlement = Ended(*mark, domain::SendEnding::kDone);
  settlement.receipt = AReceipt(kRegisterOne, fiscal_number);
  absl::StatusOr<domain::Fiscalization> settled = Settle(std::move(settlement));
  EXPECT_TRUE(settled.ok()) << settled.status();
  return *std::move(settled);
}

domain::Fiscalization StoreTest::FailedSale(const std::string& document_id, bool correction_allowed) {
  const domain::Fiscalization sale = AcceptSale(document_id);
  absl::StatusOr<MarkedSend> mark = Mark(sale.id);
  EXPECT_TRUE(mark.ok()) << mark.status();
  Settlement settlement = Ended(*mark, domain::SendEnding::kRefusedDocument);
  settlement.failure = AFailure(Reason::kRegisterRefused, correction_allowed);
  absl::StatusOr<domain::Fiscalization> settled = Settle(std::move(settlement));
  EXPECT_TRUE(settled.ok()) << settled.status();
  return *std::move(settled);
}

domain::Fiscalization StoreTest::SaleInDoubt(const std::string& document_id) {
  const domain::Fiscalization sale = AcceptSale(document_id);
  absl::StatusOr<MarkedSend> mark = Mark(sale.id);
  EXPECT_TRUE(mark.ok()) << mark.status();
  absl::StatusOr<domain::Fiscalization> settled = Settle(Ended(*mark, domain::SendEnding::kDoubt));
  EXPECT_TRUE(settled.ok()) << settled.status();
  return *std::move(settled);
}

}  // namespace kasa::store
