#include "tests/engine/engine_by_hand.h"

#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/domain/tag.h"
#include "server/store/sqlite_store.h"
#include "server/vchasno/answer.h"
#include "server/vchasno/request.h"

namespace kasa::engine {
namespace {

constexpr char kId[] = "shop-1";

domain::InstallationId Installation() {
  return *domain::InstallationId::Parse("00c0ffee");
}

}  // namespace

void HandRegister::OpenShift() {
  shift_open = true;
  shift_opened = right_time();
  remembered.clear();
}

void HandRegister::CloseShift() {
  shift_open = false;
  remembered.clear();
}

const HandRegister::Made& HandRegister::Make(const std::string& tag) {
  const auto known = remembered.find(tag);
  if (known != remembered.end()) return receipts[known->second];
  remembered[tag] = receipts.size();
  receipts.push_back({tag, absl::StrCat("TEST_", receipts.size() + 1), right_time()});
  return receipts.back();
}

vchasno::ExecuteAnswer HandRegister::Execute(const std::string& body) {
  const vchasno::RequestIdentity asked = vchasno::ReadRequestIdentity(body);
  vchasno::ExecuteAnswer answer;
  if (asked.task == vchasno::kTaskOpenShift) {
    ++openings;
    OpenShift();
    answer.ending = domain::SendEnding::kDone;
    answer.res = 0;
    return answer;
  }
  if (instead) {
    if (auto scripted = instead(asked.tag, [&] { Make(asked.tag); })) return *std::move(scripted);
  }
  if (!shift_open) return Refused(domain::SendEnding::kShiftClosed, Reason::kShiftClosed, 1092);
  const Made& made = Make(asked.tag);
  answer.ending = domain::SendEnding::kDone;
  answer.res = 0;
  answer.facts.fiscal_number = made.fiscal_number;
  answer.facts.register_fiscal_number = fiscal_number;
  answer.facts.tag = asked.tag;
  answer.facts.task = asked.task;
  answer.facts.mode = domain::RegisterMode::kTest;
  answer.facts.time = made.time;
  answer.facts.offline = false;
  return answer;
}

vchasno::StatusAnswer HandRegister::Status() {
  ++statuses;
  if (instead_of_status) {
    if (auto scripted = instead_of_status()) return *std::move(scripted);
  }
  vchasno::StatusAnswer answer;
  answer.wire.http_status = 200;
  answer.outcome = vchasno::StatusOutcome::kAnswered;
  // Through the adapter's own reading, as times of Kyiv's clock on the wall.
  const std::string told_time = tells_clock ? kyiv->FormatRegisterTime(right_time() + clock_ahead) : "";
  const std::string body = absl::StrCat(
      R"({"res":0,"dt":")", told_time, R"(","info":{"fisid":")", fiscal_number,
      R"(","edrpou":"12345678","isFis":0,"sign_status":1,"shift_status":)", shift_open ? 1 : 0,
      R"(,"shift_dt":")",
      shift_open && tells_opening ? kyiv->FormatRegisterTime(shift_opened + clock_ahead) : "", R"("}})");
  answer.status = vchasno::ReadStatusAnswer(body, *kyiv, gateway_time()).status;
  return answer;
}

vchasno::ExecuteAnswer Refused(domain::SendEnding ending, Reason reason, int64_t res, int64_t res_action) {
  vchasno::ExecuteAnswer answer;
  answer.ending = ending;
  answer.reason = reason;
  answer.message = "refused as scripted";
  answer.upstream = domain::Upstream{.http_status = 200, .res = res, .res_action = res_action};
  answer.res = res;
  answer.res_action = res_action;
  return answer;
}

vchasno::ExecuteAnswer Unheard() {
  vchasno::ExecuteAnswer answer;
  answer.ending = domain::SendEnding::kDoubt;
  answer.reason = Reason::kAnswerLost;
  answer.message = "nothing was heard";
  return answer;
}

vchasno::ExecuteAnswer MadeAndUnheard(const std::string& /*tag*/, const std::function<void()>& make) {
  make();
  return Unheard();
}

EngineByHand::EngineByHand(const Options& options)
    : clock(options.now),
      client(clock),
      options_(options),
      kyiv_(*KyivTime::Load()),
      logger_(clock, [](absl::string_view) {}) {
  cash_register.right_time = [this] { return clock.Now() - wall_ahead_; };
  cash_register.gateway_time = [this] { return clock.Now(); };
  cash_register.kyiv = &kyiv_;
  client.OnExecute(
      [this](const FakeClient::Request& request) { return cash_register.Execute(request.body); });
  client.OnStatus([this](const FakeClient::Request&) { return cash_register.Status(); });
  Open();
  store::IntegrationRecord record;
  record.integration.id = kId;
  record.integration.legal_entity_id = "tov-1";
  record.integration.active = true;
  record.integration.cashier_name = "Каса";
  record.integration.tag_memory = options_.tag_memory;
  record.integration.token_state = domain::TokenState::kAccepted;
  record.integration.pinned_register =
      domain::PinnedRegister{.fiscal_number = cash_register.fiscal_number, .edrpou = "12345678"};
  record.integration.default_payment_line = domain::DefaultPaymentLine{"Оплата", "vat20"};
  record.token = Secret("token-of-the-register");
  domain::Mapping mapping;
  mapping.tax_groups = {{"vat20", 1}};
  mapping.payment_types = {{"card", 2}};
  const auto created = Await<domain::Integration>([&](Done<domain::Integration> done) {
    store_->integrations().Create(
        std::move(record), std::move(mapping),
        [](store::IntegrationRecord&, const store::IntegrationSurroundings&) { return absl::OkStatus(); },
        std::move(done));
  });
  EXPECT_TRUE(created.ok()) << created.status();
}

EngineByHand::~EngineByHand() {
  Close();
}

void EngineByHand::Open() {
  executor_ = std::make_unique<ManualExecutor>(clock);
  auto opened =
      store::OpenSqliteStore({.path = folder_.Path("kasa.db"), .installation = Installation()}, clock);
  if (!opened.ok()) throw std::runtime_error(opened.status().ToString());
  store_ = *std::move(opened);
  engine_ = MakeEngine({.store = *store_,
                        .client = client,
                        .lane_executor = *executor_,
                        .work_executor = *executor_,
                        .clock = clock,
                        .kyiv = kyiv_,
                        .logger = logger_,
                        .installation = Installation(),
                        .settings = options_.settings,
                        .random = [this] { return options_.random; }});
  bool started = false;
  engine_->Start([&started](const absl::Status& status) {
    EXPECT_TRUE(status.ok()) << status;
    started = true;
  });
  EXPECT_TRUE(executor_->RunUntil([&] { return started; }));
}

void EngineByHand::Close() {
  store_.reset();
  engine_.reset();
  executor_.reset();
}

void EngineByHand::CrashAndStart() {
  client.DropAnswers();
  Close();
  Open();
  Settle();
}

DocumentRequest EngineByHand::Sale(const std::string& id, int64_t kopiykas) const {
  DocumentRequest request;
  request.source_system = "test";
  request.document_id = id;
  request.max_wait = absl::ZeroDuration();
  domain::Document& sale = request.document;
  sale.activated = true;
  sale.document_date = FormatCivilDay(kyiv_.DayOf(clock.Now()));
  sale.currency_code = "UAH";
  sale.legal_entity_id = "tov-1";
  sale.integration_id = kId;
  sale.order_id = id;
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

DocumentRequest EngineByHand::ReturnOf(const std::string& sale_id, const std::string& id) const {
  DocumentRequest request = Sale(id);
  request.kind = domain::DocumentKind::kReturn;
  request.document.order_id = "";
  request.document.original_sale = domain::OriginalSale{
      .document = domain::DocumentName{"test", domain::DocumentKind::kSale, sale_id, std::nullopt},
      .fiscal_number = ""};
  return request;
}

DocumentRequest EngineByHand::Payment(const std::string& id) const {
  DocumentRequest request = Sale(id);
  request.kind = domain::DocumentKind::kPayment;
  request.document.document_date.clear();
  request.document.lines.clear();
  request.document.order_total = Money::FromKopiykas(4500);
  request.document.direction = domain::PaymentDirection::kIncoming;
  return request;
}

DocumentRequest EngineByHand::AutomationSale(const std::string& id) const {
  DocumentRequest request = Sale(id);
  request.rule_id = "rule-1";
  return request;
}

template <typename T>
absl::StatusOr<T> EngineByHand::Await(const std::function<void(Done<T>)>& start) {
  std::optional<absl::StatusOr<T>> outcome;
  // What the store calls back on its own thread is taken on the test's.
  start([this, &outcome](absl::StatusOr<T> value) {
    executor_->Post([&outcome, value = std::move(value)]() mutable { outcome.emplace(std::move(value)); });
  });
  if (!executor_->RunUntil([&] { return outcome.has_value(); })) {
    return absl::DeadlineExceededError("nothing was answered");
  }
  return *std::move(outcome);
}

absl::StatusOr<domain::Fiscalization> EngineByHand::Fiscalize(DocumentRequest request) {
  const auto outcome = Await<FiscalizeOutcome>([&](Done<FiscalizeOutcome> done) {
    engine_->fiscalizer().Fiscalize(std::move(request), std::move(done));
  });
  if (!outcome.ok()) return outcome.status();
  if (!outcome->fiscalization) {
    return absl::InvalidArgumentError(outcome->violations.empty() ? "nothing was stored"
                                                                  : outcome->violations[0].message);
  }
  Settle();
  return Get(outcome->fiscalization->id);
}

domain::Fiscalization EngineByHand::Get(const std::string& id) {
  const auto found = store_->GetFiscalization(id);
  EXPECT_TRUE(found.ok()) << found.status();
  return found.ok() ? *found : domain::Fiscalization();
}

void EngineByHand::OperatorTouchesTheIntegration() {
  UpdateIntegrationCall call{
      .integration_id = kId, .change = [](domain::Integration&) {}, .principal = "olena"};
  const auto updated = Await<IntegrationOutcome>([&](Done<IntegrationOutcome> done) {
    engine_->integrations().Update(std::move(call), std::move(done));
  });
  EXPECT_TRUE(updated.ok()) << updated.status();
  Settle();
}

absl::StatusOr<FiscalizeOutcome> EngineByHand::Retry(const std::string& id) {
  auto outcome = Await<FiscalizeOutcome>([&](Done<FiscalizeOutcome> done) {
    engine_->fiscalizer().Retry({.fiscalization_id = id, .max_wait = absl::ZeroDuration()}, std::move(done));
  });
  Settle();
  return outcome;
}

absl::StatusOr<domain::Fiscalization> EngineByHand::Resolve(ResolveRequest request) {
  auto resolved = Await<domain::Fiscalization>([&](Done<domain::Fiscalization> done) {
    engine_->fiscalizer().Resolve(std::move(request), std::move(done));
  });
  Settle();
  return resolved;
}

LaneView EngineByHand::Lane() {
  return *engine_->LaneOf(cash_register.fiscal_number);
}

void EngineByHand::Change(const std::function<void(store::IntegrationRecord&)>& change) {
  const auto changed = Await<domain::Integration>([&](Done<domain::Integration> done) {
    store_->integrations().Change(
        kId, std::nullopt,
        [change](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
          change(record);
          return absl::OkStatus();
        },
        std::move(done));
  });
  EXPECT_TRUE(changed.ok()) << changed.status();
}

void EngineByHand::Settle() {
  // Each round takes back the answers of all writes that were queued before it; a lane's longest way at one
  // moment has fewer writes than this.
  constexpr int kRounds = 16;
  for (int round = 0; round < kRounds; ++round) {
    bool answered = false;
    store_->integrations().RecordSeen("nobody", {}, [&, this](const absl::StatusOr<bool>&) {
      executor_->Post([&answered] { answered = true; });
    });
    EXPECT_TRUE(executor_->RunUntil([&] { return answered; }));
  }
}

void EngineByHand::Pass(absl::Duration time, absl::Duration step, const std::function<bool()>& until) {
  while (time > absl::ZeroDuration()) {
    if (until && until()) return;
    const absl::Duration now = std::min(step, time);
    executor_->Advance(now);
    Settle();
    time -= now;
  }
}

bool EngineByHand::AwaitState(const std::string& id, domain::State state, absl::Duration at_most) {
  const auto reached = [&] { return Get(id).state == state; };
  Pass(at_most, absl::Seconds(10), reached);
  return reached();
}

void EngineByHand::SetWallClock(absl::Duration by) {
  wall_ahead_ += by;
  clock.SetNow(clock.Now() + by);
}

}  // namespace kasa::engine
