#include "tests/engine/engine_on_simulator.h"

#include <cstdlib>
#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/store/sqlite_store.h"
#include "server/vchasno/client_factory.h"

namespace kasa::engine {
namespace {

// Calls something that answers by a callback, and waits for the answer.
template <typename T, typename Call>
absl::StatusOr<T> Await(Call call) {
  std::promise<absl::StatusOr<T>> answered;
  auto answer = answered.get_future();
  call([&answered](absl::StatusOr<T> value) { answered.set_value(std::move(value)); });
  return answer.get();
}

domain::InstallationId TestInstallation() {
  return *domain::InstallationId::Parse("00c0ffee");
}

}  // namespace

EngineOnSimulator::EngineOnSimulator(Options options)
    : options_(std::move(options)), kyiv_(*KyivTime::Load()), logger_(clock_, [](absl::string_view) {}) {
  simulator::SimulatorOptions simulated;
  simulated.registers = simulator::DefaultRegisters(options_.registers);
  simulated.clock = &clock_;
  for (auto& one : simulated.registers) {
    one.switches = options_.switches;
    one.is_real = options_.real_registers;
  }
  auto started = simulator::Simulator::Start(std::move(simulated));
  EXPECT_TRUE(started.ok()) << started.status();
  simulator_ = *std::move(started);
  Open();
  CreateIntegrations();
}

EngineOnSimulator::~EngineOnSimulator() {
  Close();
  simulator_.reset();
  std::filesystem::remove_all(kept_);
}

void EngineOnSimulator::Open(bool store_is_ours) {
  lane_executor_ = std::make_unique<ThreadExecutor>(1, clock_);
  work_executor_ = std::make_unique<ThreadExecutor>(1, clock_);
  auto store =
      store::OpenSqliteStore({.path = folder_.Path("kasa.db"), .installation = TestInstallation()}, clock_);
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
  Settings settings = Settings().Scaled(options_.scale);
  if (options_.settings) options_.settings(settings);
  vchasno::ClientOptions options;
  options.base_url = simulator_->BaseUrl();
  options.transport.total_timeout = settings.request_timeout;
  options.transport.idle_age = options_.connection_idle_age;
  options.transport.max_answer_bytes = 256 << 10;
  auto client =
      vchasno::MakeClient(options, kyiv_, {.clock = clock_, .logger = logger_, .metrics = metrics_});
  ASSERT_TRUE(client.ok()) << client.status();
  client_ = *std::move(client);
  engine_ = MakeEngine({.store = *store_,
                        .client = *client_,
                        .lane_executor = *lane_executor_,
                        .work_executor = *work_executor_,
                        .clock = clock_,
                        .kyiv = kyiv_,
                        .logger = logger_,
                        .installation = TestInstallation(),
                        .store_is_ours = store_is_ours,
                        .settings = settings,
                        .random = [] { return 0.5; }});
  std::promise<absl::Status> started;
  engine_->Start([&started](absl::Status status) { started.set_value(std::move(status)); });
  const absl::Status status = started.get_future().get();
  ASSERT_TRUE(status.ok()) << status;
}

void EngineOnSimulator::Close() {
  work_executor_->Stop();
  lane_executor_->Stop();
  client_.reset();
  store_.reset();
  engine_.reset();
  lane_executor_.reset();
  work_executor_.reset();
}

void EngineOnSimulator::CrashAndStart() {
  Close();
  Open();
}

void EngineOnSimulator::LoseStore(bool noticed) {
  Close();
  std::filesystem::remove_all(folder_.path());
  std::filesystem::create_directory(folder_.path());
  Open(/*store_is_ours=*/!noticed);
  CreateIntegrations();
}

void EngineOnSimulator::KeepStore() {
  Close();
  kept_ = folder_.path().string() + ".kept";
  std::filesystem::remove_all(kept_);
  std::filesystem::copy(folder_.path(), kept_);
  Open();
}

void EngineOnSimulator::PutStoreBack(bool noticed) {
  Close();
  std::filesystem::remove_all(folder_.path());
  std::filesystem::copy(kept_, folder_.path());
  Open(/*store_is_ours=*/!noticed);
}

void EngineOnSimulator::CreateIntegrations() {
  for (int at = 1; at <= options_.registers; ++at) {
    store::IntegrationRecord record;
    record.integration.id = IntegrationId(at);
    record.integration.legal_entity_id = "tov-1";
    record.integration.active = true;
    record.integration.cashier_name = "Каса";
    record.integration.tag_memory = options_.tag_memory;
    record.integration.token_state = domain::TokenState::kAccepted;
    record.integration.pinned_register =
        domain::PinnedRegister{.fiscal_number = Fisid(at), .edrpou = "12345678"};
    if (options_.real_registers) record.integration.pinned_register->mode = domain::RegisterMode::kReal;
    record.token = Secret(absl::StrCat("simulator-token-", at));
    domain::Mapping mapping;
    mapping.tax_groups = {{"vat20", 1}};
    mapping.payment_types = {{"cash", 0}, {"card", 2}};
    const auto created = Await<domain::Integration>([&](auto done) {
      store_->integrations().Create(
          std::move(record), std::move(mapping),
          [](store::IntegrationRecord&, const store::IntegrationSurroundings&) { return absl::OkStatus(); },
          std::move(done));
    });
    ASSERT_TRUE(created.ok()) << created.status();
  }
}

DocumentRequest EngineOnSimulator::Sale(const std::string& document_id, int64_t kopiykas, int at) const {
  DocumentRequest request;
  request.source_system = "test";
  request.document_id = document_id;
  domain::Document& sale = request.document;
  sale.activated = true;
  sale.document_date = FormatCivilDay(kyiv_.DayOf(clock_.Now()));
  sale.currency_code = "UAH";
  sale.legal_entity_id = "tov-1";
  sale.integration_id = IntegrationId(at);
  sale.order_id = document_id;
  domain::Line line;
  line.name = "Кава";
  line.quantity = Quantity::FromThousandths(1000);
  line.price = Money::FromKopiykas(kopiykas);
  line.tax_id = "vat20";
  sale.lines.push_back(line);
  domain::Payment payment;
  payment.payment_method_id = "card";
  payment.amount = Money::FromKopiykas(kopiykas);
  sale.payments.push_back(payment);
  return request;
}

absl::StatusOr<FiscalizeOutcome> EngineOnSimulator::Fiscalize(DocumentRequest request,
                                                              absl::Duration max_wait) {
  request.max_wait = max_wait;
  return Await<FiscalizeOutcome>(
      [&](auto done) { engine_->fiscalizer().Fiscalize(std::move(request), std::move(done)); });
}

absl::StatusOr<domain::Fiscalization> EngineOnSimulator::Get(const std::string& id, absl::Duration max_wait) {
  return Await<domain::Fiscalization>(
      [&](auto done) { engine_->fiscalizer().Get({.name = id, .max_wait = max_wait}, std::move(done)); });
}

absl::StatusOr<domain::Fiscalization> EngineOnSimulator::Cancel(const std::string& id) {
  return Await<domain::Fiscalization>(
      [&](auto done) { engine_->fiscalizer().Cancel(id, std::nullopt, std::move(done)); });
}

absl::StatusOr<FiscalizeOutcome> EngineOnSimulator::Retry(const std::string& id) {
  return Await<FiscalizeOutcome>([&](auto done) {
    engine_->fiscalizer().Retry({.fiscalization_id = id, .max_wait = absl::Seconds(30)}, std::move(done));
  });
}

absl::StatusOr<domain::Fiscalization> EngineOnSimulator::Resolve(ResolveRequest request) {
  return Await<domain::Fiscalization>(
      [&](auto done) { engine_->fiscalizer().Resolve(std::move(request), std::move(done)); });
}

AdoptionOutcome EngineOnSimulator::Adopt(std::vector<std::string> registers) {
  auto adopted = Await<AdoptionOutcome>([&](auto done) {
    engine_->AdoptStore(
        {.registers = std::move(registers), .principal = "olena", .note = "looked"}, [] { return false; },
        std::move(done));
  });
  EXPECT_TRUE(adopted.ok()) << adopted.status();
  return adopted.ok() ? *std::move(adopted) : AdoptionOutcome();
}

absl::Status EngineOnSimulator::ResolveWhenTaken(const ResolveRequest& request) {
  absl::Status told;
  AwaitThat([&] {
    told = Resolve(request).status();
    return told.ok();
  });
  return told;
}

bool EngineOnSimulator::AwaitThat(const std::function<bool()>& condition) {
  const absl::Duration deadline = clock_.Monotonic() + absl::Seconds(30);
  while (!condition()) {
    if (clock_.Monotonic() >= deadline) return false;
    std::promise<void> looked_later;
    lane_executor_->After(absl::Milliseconds(2), [&looked_later] { looked_later.set_value(); });
    looked_later.get_future().wait();
  }
  return true;
}

bool EngineOnSimulator::AwaitLane(LaneState state, Reason reason, int at) {
  return AwaitThat([&] {
    const auto view = engine_->LaneOf(Fisid(at));
    return view.ok() && view->state == state && view->reason == reason;
  });
}

simulator::Fault RefusalOf(int task, int res, int res_action) {
  simulator::Fault fault{.kind = simulator::FaultKind::kRefusal, .committed = false};
  fault.task = task;
  fault.res = res;
  fault.res_action = res_action;
  return fault;
}

simulator::Fault LostSaleOn(const std::string& fisid, bool made) {
  simulator::Fault fault{.kind = simulator::FaultKind::kCutAfterBody, .committed = made};
  fault.task = 1;
  fault.fisid = fisid;
  return fault;
}

void OnRegister(EngineOnSimulator& gateway, const std::function<void(simulator::Register&)>& change) {
  ASSERT_TRUE(gateway.cloud().WithRegister(EngineOnSimulator::kFisid, change).ok());
}

void EngineOnSimulator::AskAgainForEvery(int task) {
  simulator::Fault fault = RefusalOf(task, 1034, 1);
  fault.fisid = kFisid;
  fault.times = 0;
  EXPECT_TRUE(cloud().AddFault(fault).ok());
}

bool EngineOnSimulator::AwaitOpeningAskedForAgain() {
  return AwaitThat([this] {
    const auto opening = store().sends().LastShiftOpening(kFisid);
    return opening.ok() && opening->bound;
  });
}

std::vector<simulator::LedgerEntry> EngineOnSimulator::Receipts() const {
  std::vector<simulator::LedgerEntry> receipts;
  for (simulator::LedgerEntry& entry : simulator_->cloud().Ledger()) {
    if (entry.IsReceipt()) receipts.push_back(std::move(entry));
  }
  return receipts;
}

void EngineOnSimulator::Change(int at, store::IntegrationChange change) {
  const auto changed = Await<domain::Integration>([&](auto done) {
    store_->integrations().Change(IntegrationId(at), std::nullopt, std::move(change), std::move(done));
  });
  ASSERT_TRUE(changed.ok()) << changed.status();
}

}  // namespace kasa::engine
