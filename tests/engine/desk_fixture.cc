#include "tests/engine/desk_fixture.h"

#include <cstdlib>
#include <stdexcept>

#include "absl/strings/string_view.h"
#include "server/domain/tag.h"
#include "server/store/sqlite_store.h"

namespace kasa::engine {
namespace {

domain::InstallationId Installation() {
  return *domain::InstallationId::Parse("0badcafe");
}

}  // namespace

DeskTest::DeskTest()
    : clock_(absl::FromUnixSeconds(1'795'000'000)),
      executor_(clock_),
      client_(clock_),
      kyiv_(*KyivTime::Load()),
      logger_(clock_, [](absl::string_view) {}),
      board_(executor_) {
  auto opened =
      store::OpenSqliteStore({.path = folder_.Path("kasa.db"), .installation = Installation()}, clock_);
  if (!opened.ok()) throw std::runtime_error(opened.status().ToString());
  store_ = *std::move(opened);
  lanes_ = std::make_unique<Lanes>(LaneWorld{.store = *store_,
                                             .client = client_,
                                             .executor = executor_,
                                             .clock = clock_,
                                             .kyiv = kyiv_,
                                             .board = board_,
                                             .paused = paused_,
                                             .logger = logger_,
                                             .installation = Installation(),
                                             .settings = settings_,
                                             .random = [] { return 0.5; },
                                             .monotonic_zero = clock_.Now() - clock_.Monotonic(),
                                             .quiet_since = clock_.Monotonic()});
  coverage_ = std::make_unique<CoverageRecorder>(store_->integrations(), executor_, clock_, logger_);
  desk_ = std::make_unique<IntegrationDesk>(*store_, client_, *lanes_, executor_, clock_, Installation(),
                                            settings_, *coverage_);
}

DeskTest::~DeskTest() {
  desk_.reset();
  lanes_.reset();
  store_.reset();
  coverage_.reset();
}

domain::RegisterStatus DeskTest::Named(const std::string& fiscal_number, domain::RegisterMode mode) {
  return {.fiscal_number = fiscal_number,
          .edrpou = kEdrpou,
          .mode = mode,
          .shift = domain::ShiftStatus::kOpen,
          .sign = domain::SignStatus::kFine};
}

void DeskTest::RegisterAnswers(domain::RegisterStatus status) {
  client_.OnStatus([status](const FakeClient::Request&) {
    return vchasno::StatusAnswer{
        .wire = {.http_status = 200, .request = R"({"fiscal":{"task":18}})", .answer = R"({"res":0})"},
        .outcome = vchasno::StatusOutcome::kAnswered,
        .status = status};
  });
}

void DeskTest::RegisterIs(vchasno::StatusOutcome outcome, Reason reason, int http_status) {
  client_.OnStatus([=](const FakeClient::Request&) {
    return vchasno::StatusAnswer{
        .wire = {.http_status = http_status}, .outcome = outcome, .reason = reason, .message = "as scripted"};
  });
}

int DeskTest::questions() const {
  int questions = 0;
  for (const auto& request : client_.requests()) questions += request.kind == FakeClient::Kind::kStatus;
  return questions;
}

CreateIntegrationCall DeskTest::NewIntegration(const std::string& id, const std::string& token) {
  CreateIntegrationCall call;
  call.integration.id = id;
  call.integration.legal_entity_id = "acme";
  call.token = Secret(token);
  return call;
}

absl::StatusOr<IntegrationOutcome> DeskTest::Create(CreateIntegrationCall call) {
  return Await<IntegrationOutcome>([&](auto done) { desk_->Create(std::move(call), std::move(done)); });
}

absl::StatusOr<IntegrationOutcome> DeskTest::Update(const std::string& id, SettingsChange change,
                                                    bool acknowledge) {
  UpdateIntegrationCall call{.integration_id = id,
                             .change = std::move(change),
                             .acknowledge_unready = acknowledge,
                             .principal = "olena"};
  return Await<IntegrationOutcome>([&](auto done) { desk_->Update(std::move(call), std::move(done)); });
}

absl::StatusOr<IntegrationOutcome> DeskTest::SetToken(const std::string& id, const std::string& token,
                                                      StatedRegister stated) {
  return Await<IntegrationOutcome>([&](auto done) {
    desk_->SetToken({.integration_id = id, .token = Secret(token), .stated = std::move(stated)},
                    std::move(done));
  });
}

absl::StatusOr<ConnectionReport> DeskTest::CheckConnection(const std::string& id) {
  return Await<ConnectionReport>([&](auto done) { desk_->CheckConnection(id, std::move(done)); });
}

absl::StatusOr<domain::Integration> DeskTest::Delete(const std::string& id) {
  return Await<domain::Integration>([&](auto done) { desk_->Delete(id, std::nullopt, std::move(done)); });
}

absl::StatusOr<MappingOutcome> DeskTest::UpdateMapping(const std::string& id,
                                                       std::function<void(domain::Mapping&)> edit) {
  return Await<MappingOutcome>([&](auto done) {
    desk_->UpdateMapping({.integration_id = id, .change = std::move(edit)}, std::move(done));
  });
}

domain::Integration DeskTest::Existing(const std::string& id, const std::string& token) {
  const auto created = Create(NewIntegration(id, token));
  if (!created.ok() || !created->violations.empty()) {
    ADD_FAILURE() << "integration " << id << " was not created: " << created.status();
    return {};
  }
  return created->integration;
}

domain::Integration DeskTest::Stored(const std::string& id) {
  return Record(id).integration;
}

store::IntegrationRecord DeskTest::Record(const std::string& id) {
  const auto record = store_->integrations().Get(id);
  if (record.ok()) return *record;
  ADD_FAILURE() << "integration " << id << ": " << record.status();
  return {};
}

void DeskTest::AcceptSale(const std::string& integration_id) {
  const domain::Integration integration = Stored(integration_id);
  ASSERT_TRUE(integration.pinned_register);
  store::Acceptance acceptance;
  domain::Fiscalization& sale = acceptance.fiscalization;
  sale.id = "fiscalization-of-" + integration_id;
  sale.key = {.source_system = "erp", .document_id = "of-" + integration_id};
  sale.key.mode = integration.pinned_register->mode;
  sale.integration_id = integration_id;
  sale.register_fiscal_number = integration.pinned_register->fiscal_number;
  sale.fingerprint = "fingerprint";
  sale.tag = domain::TagFor(Installation(), sale.key, 0);
  acceptance.request_body = "{}";
  const auto accepted = Await<store::Accepted>([&](auto done) {
    store_->Accept(std::move(acceptance), [this, done = std::move(done)](auto outcome) mutable {
      executor_.Post([done = std::move(done), outcome = std::move(outcome)]() mutable {
        std::move(done)(std::move(outcome));
      });
    });
  });
  ASSERT_TRUE(accepted.ok()) << accepted.status();
}

}  // namespace kasa::engine
