#include "server/gateway.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <mutex>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/metrics.h"
#include "server/api/services.h"
#include "server/engine/engine.h"
#include "server/engine/executor.h"
#include "server/monitoring/call_meter.h"
#include "server/monitoring/http_listener.h"
#include "server/monitoring/metrics_page.h"
#include "server/server_limits.h"
#include "server/store_health.h"
#include "server/store_mark.h"

namespace kasa {
namespace {

constexpr int kLaneThreads = 1;        // all lanes: their coroutines need no locks
constexpr int kWorkThreads = 2;        // check and price documents
constexpr int kApiThreads = 2;         // read the store and encode answers
constexpr int kMarkThreads = 1;        // the store's mark and health
constexpr int kWatchThreads = 1;       // those who watch
constexpr int kMonitoringThreads = 1;  // metrics

static_assert(kLaneThreads + kWorkThreads + kApiThreads + kMarkThreads + kWatchThreads + kMonitoringThreads ==
              kReadingThreads);

// After the drain, whoever still waits has been answered; this is for those answers to get out.
constexpr auto kLastAnswers = std::chrono::seconds(2);

Severity SeverityOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return Severity::kError;
    default:
      return Severity::kInfo;
  }
}

api::CallLog MakeCallLog(Logger& logger, monitoring::CallMeter& meter) {
  return [&logger, &meter](const api::CallRecord& call) {
    meter.Count(call.method, call.code, call.reason, call.duration);
    logger.Log(SeverityOf(call.code), "grpc.call",
               {{"method", call.method},
                {"code", absl::StatusCodeToString(call.code)},
                {"reason", call.reason},
                {"seconds", call.duration}});
  };
}

}  // namespace

// Members are destroyed from the last to the first; Stop() does what needs another order.
class Gateway::Impl {
 public:
  Impl(GatewayOptions options, std::unique_ptr<store::Store> store, domain::InstallationId installation,
       const KyivTime& kyiv, const Clock& clock, Logger& logger, Metrics& metrics)
      : options_(std::move(options)),
        kyiv_(kyiv),
        logger_(logger),
        metrics_(metrics),
        call_meter_(metrics),
        call_log_(MakeCallLog(logger, call_meter_)),
        random_(std::random_device()()),
        lane_executor_(kLaneThreads, clock),
        work_executor_(kWorkThreads, clock),
        api_executor_(kApiThreads, clock),
        mark_executor_(kMarkThreads, clock),
        watch_executor_(kWatchThreads, clock),
        monitoring_executor_(kMonitoringThreads, clock),
        clock_(clock),
        installation_(std::move(installation)),
        store_(std::move(store)) {}

  ~Impl() { Stop(); }

  absl::Status Start() {
    absl::StatusOr<std::unique_ptr<vchasno::Client>> client = vchasno::MakeClient(
        options_.client, kyiv_, {.clock = clock_, .logger = logger_, .metrics = metrics_});
    if (!client.ok()) return client.status();
    client_ = *std::move(client);
    const absl::StatusOr<bool> ours = StoreIsOurs();
    if (!ours.ok()) return ours.status();
    const absl::StatusOr<store::ChangeHistory> history = store_->changes().GetHistory();
    if (!history.ok()) return history.status();
    engine_ = engine::MakeEngine({.store = *store_,
                                  .client = *client_,
                                  .lane_executor = lane_executor_,
                                  .work_executor = work_executor_,
                                  .clock = clock_,
                                  .kyiv = kyiv_,
                                  .logger = logger_,
                                  .installation = installation_,
                                  .store_is_ours = *ours,
                                  .settings = options_.settings,
                                  .random = [this] { return std::uniform_real_distribution<>()(random_); }});
    std::promise<absl::Status> started;
    engine_->Start([&started](absl::Status status) { started.set_value(std::move(status)); });
    const absl::Status status = started.get_future().get();
    if (!status.ok()) return status;
    if (!options_.store_mark_file.empty()) {
      store_mark_.emplace(options_.store_mark_file, *store_, mark_executor_, logger_);
      if (absl::Status kept = store_mark_->Start(); !kept.ok()) return kept;
    }
    if (absl::Status serving = Serve(); !serving.ok()) return serving;
    return options_.metrics_listen ? ServeMetrics(history->last) : absl::OkStatus();
  }

  int port() const { return port_; }
  int metrics_port() const { return monitoring_ ? monitoring_->port() : 0; }

  bool Drain(absl::Duration at_most) {
    draining_ = true;
    TellHealth();
    std::promise<bool> drained;
    engine_->Drain(at_most, [&drained](bool everything_finished) { drained.set_value(everything_finished); });
    const bool everything_finished = drained.get_future().get();
    // After the engine, so that those who watch see how what was in flight came out.
    watches_->Drain();
    // Calls that are still there when this is over are cancelled; what they set going is stored or marked.
    server_->Shutdown(std::chrono::system_clock::now() + kLastAnswers);
    return everything_finished;
  }

 private:
  // Whether the store is the one that the mark was made of.
  absl::StatusOr<bool> StoreIsOurs() {
    if (options_.store_mark_file.empty()) return true;
    const absl::StatusOr<store::StoreIdentity> identity = store_->Identity();
    if (!identity.ok()) return identity.status();
    const absl::StatusOr<std::optional<StoreMark>> mark = ReadStoreMark(options_.store_mark_file);
    if (!mark.ok()) return mark.status();
    const StoreOrigin origin = OriginOf(*identity, *mark);
    const bool ours = origin == StoreOrigin::kOurs || origin == StoreOrigin::kNew;
    if (origin == StoreOrigin::kNew && *mark) {
      logger_.Log(Severity::kWarning, "store.lost", {{"mark", options_.store_mark_file}});
    }
    if (!ours) {
      logger_.Log(Severity::kError, origin == StoreOrigin::kRestored ? "store.restored" : "store.copied",
                  {{"mark", options_.store_mark_file}, {"last_change", identity->last_change}});
    }
    return ours;
  }

  absl::Status Serve() {
    fiscalizations_.emplace(engine_->fiscalizer(), *store_, api_executor_,
                            api::ReceiptPages{.kyiv = kyiv_, .viewer_url = options_.viewer_url});
    integrations_.emplace(*engine_, *store_, api_executor_, clock_);
    receipts_.emplace(engine_->receipts(), *store_, api_executor_,
                      api::ReceiptPages{.kyiv = kyiv_, .viewer_url = options_.viewer_url});
    automation_.emplace(engine_->automation(), *store_, api_executor_,
                        api::ReceiptPages{.kyiv = kyiv_, .viewer_url = options_.viewer_url});
    attention_.emplace(*engine_, *store_, api_executor_, clock_, kyiv_,
                       domain::AttentionRules{.doubt = options_.settings.doubt_alert});
    watches_.emplace(api::WatchHandlers::Parts{.store = *store_,
                                               .executor = watch_executor_,
                                               .clock = clock_,
                                               .pages = {.kyiv = kyiv_, .viewer_url = options_.viewer_url},
                                               .heartbeat = options_.settings.watch_heartbeat,
                                               .history = options_.settings.change_history});
    if (const absl::Status watching = watches_->Start(); !watching.ok()) return watching;
    services_ = api::MakeServices(
        {*fiscalizations_, *integrations_, *receipts_, *automation_, *watches_, *attention_}, call_log_);

    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    const std::string address = absl::StrCat(options_.listen.host, ":", options_.listen.port);
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
    for (const std::shared_ptr<grpc::Service>& service : services_) builder.RegisterService(service.get());
    SetServerLimits(builder, options_.max_message_bytes);
    // Two gateways on one port would share its calls; the second must fail instead.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      return absl::UnavailableError(absl::StrCat("can't listen on ", address, ": is the port taken?"));
    }
    store_health_.emplace(*store_, mark_executor_, logger_, metrics_, [this](bool well) {
      TellHealth();
      if (well) engine_->StoreRecovered();
    });
    TellHealth();
    store_health_->Start();
    return absl::OkStatus();
  }

  // Metrics and health for machines.
  absl::Status ServeMetrics(int64_t last_change) {
    metrics_page_.emplace(monitoring::MetricsPage::Parts{.counted = metrics_,
                                                         .store = *store_,
                                                         .engine = *engine_,
                                                         .clock = clock_,
                                                         .kyiv = kyiv_,
                                                         .rules = {.doubt = options_.settings.doubt_alert},
                                                         .watchers = [this] { return watches_->watchers(); },
                                                         .version = KASA_VERSION},
                          last_change);
    using Done = absl::AnyInvocable<void(monitoring::HttpAnswer) &&>;
    std::map<std::string, monitoring::HttpPage> pages;
    pages["/metrics"] = [this](Done done) {
      monitoring_executor_.Post([this, done = std::move(done)]() mutable {
        std::move(done)(
            {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics_page_->Render()});
      });
    };
    // That the process answers at all is what this says.
    pages["/healthz"] = [](Done done) { std::move(done)({.body = "ok\n"}); };
    pages["/readyz"] = [this](Done done) {
      if (serving_) return std::move(done)({.body = "ok\n"});
      std::move(done)({.status = 503, .body = "not serving\n"});
    };
    auto listener = monitoring::HttpListener::Start(options_.metrics_listen->host,
                                                    options_.metrics_listen->port, std::move(pages), {});
    if (!listener.ok()) return listener.status();
    monitoring_ = *std::move(listener);
    return absl::OkStatus();
  }

  // Serving while it takes work, and the store takes it.
  void TellHealth() {
    const std::lock_guard lock(health_mutex_);
    serving_ = !draining_ && store_health_->is_well();
    // All services at once, "" included.
    server_->GetHealthCheckService()->SetServingStatus(serving_);
  }

  // The order matters. First no call comes in; then no thread runs the engine's code; then the client ends
  // what is in flight and the store finishes its writes, whose callbacks still find the engine and only post
  // to executors that take nothing any more; then the engine goes.
  void Stop() {
    monitoring_.reset();
    monitoring_executor_.Stop();
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    if (watches_) watches_->Stop();
    if (store_health_ && store_) store_health_->Stop();
    work_executor_.Stop();
    watch_executor_.Stop();
    api_executor_.Stop();
    lane_executor_.Stop();
    mark_executor_.Stop();
    if (store_mark_ && store_) KeepMarkAtEnd();
    client_.reset();
    store_.reset();
    server_.reset();
    services_.clear();
    engine_.reset();
  }

  void KeepMarkAtEnd() {
    if (const absl::Status kept = store_mark_->KeepNow(); !kept.ok()) {
      logger_.Log(Severity::kError, "store_mark.unwritable", {{"message", std::string(kept.message())}});
    }
  }

  const GatewayOptions options_;
  const KyivTime kyiv_;
  Logger& logger_;
  Metrics& metrics_;
  monitoring::CallMeter call_meter_;
  api::CallLog call_log_;
  std::mt19937_64 random_;  // the lanes' thread only
  engine::ThreadExecutor lane_executor_;
  engine::ThreadExecutor work_executor_;
  engine::ThreadExecutor api_executor_;
  engine::ThreadExecutor mark_executor_;
  engine::ThreadExecutor watch_executor_;
  engine::ThreadExecutor monitoring_executor_;
  const Clock& clock_;
  const domain::InstallationId installation_;
  std::unique_ptr<store::Store> store_;
  std::optional<StoreMarkKeeper> store_mark_;
  std::unique_ptr<vchasno::Client> client_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<api::FiscalizationHandlers> fiscalizations_;
  std::optional<api::IntegrationHandlers> integrations_;
  std::optional<api::ReceiptHandlers> receipts_;
  std::optional<api::AutomationHandlers> automation_;
  std::optional<api::WatchHandlers> watches_;
  std::optional<api::AttentionHandlers> attention_;
  std::vector<std::shared_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  std::optional<StoreHealth> store_health_;
  std::mutex health_mutex_;  // one tells at a time, and the last one is right
  std::atomic<bool> draining_ = false;
  std::atomic<bool> serving_ = false;
  std::optional<monitoring::MetricsPage> metrics_page_;
  std::unique_ptr<monitoring::HttpListener> monitoring_;
};

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Gateway::~Gateway() = default;

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(GatewayOptions options,
                                                        std::unique_ptr<store::Store> store,
                                                        const domain::InstallationId& installation,
                                                        const KyivTime& kyiv, const Clock& clock,
                                                        Logger& logger, Metrics& metrics) {
  if (const absl::Status checked = options.settings.Check(); !checked.ok()) return checked;
  auto impl = std::make_unique<Impl>(std::move(options), std::move(store), installation, kyiv, clock, logger,
                                     metrics);
  if (const absl::Status started = impl->Start(); !started.ok()) return started;
  return std::unique_ptr<Gateway>(new Gateway(std::move(impl)));  // the constructor is private
}

int Gateway::port() const {
  return impl_->port();
}

int Gateway::metrics_port() const {
  return impl_->metrics_port();
}

bool Gateway::Drain(absl::Duration at_most) {
  return impl_->Drain(at_most);
}

}  // namespace kasa
