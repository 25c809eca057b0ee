// kasa-bench-sales: loads a gateway with distinct sales from many callers at a time, each waiting for its
// receipt, and prints how many a second became FISCALIZED, as one line of JSON. Any other end of any sale is
// an error.
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/kyiv_time.h"
#include "kasa/client/client.h"
#include "kasa/v1/fiscalization_service.grpc.pb.h"

ABSL_FLAG(std::string, gateway, "127.0.0.1:50051", "HOST:PORT of the gateway.");
ABSL_FLAG(int, registers, 50, "How many integrations to use.");
ABSL_FLAG(int, callers, 400, "How many sales are under way at a time.");
ABSL_FLAG(int, channels, 4, "Over so many connections.");
ABSL_FLAG(absl::Duration, warm_up, absl::Seconds(1), "Not measured.");
ABSL_FLAG(absl::Duration, duration, absl::Seconds(4), "Measured.");
ABSL_FLAG(std::string, prefix, "bench", "Of the document ids; another one for each run against one store.");
ABSL_FLAG(bool, set_up, false, "Only make the integrations, on registers 1 to N of the simulator.");
ABSL_FLAG(
    std::string, replay_request, "",
    "Only fiscalize one sale, and write its request there as a gRPC message, to be sent again by others.");

namespace kasa::bench {
namespace {

constexpr absl::Duration kMaxWait = absl::Seconds(30);
constexpr absl::Duration kDeadline = absl::Seconds(40);

absl::Status SetUp(const client::Client& gateway, int number) {
  v1::CreateIntegrationRequest create;
  create.set_integration_id(absl::StrCat("bench-", number));
  create.set_token(absl::StrCat("simulator-token-", number));
  create.mutable_integration()->set_display_name(absl::StrCat("Bench ", number));
  create.mutable_integration()->set_legal_entity_id("tov-1");
  create.mutable_integration()->set_active(true);
  if (const auto created = gateway.CreateIntegration(create); !created.ok()) return created.status();
  v1::UpdateMappingRequest update;
  update.mutable_mapping()->set_integration_id(create.integration_id());
  v1::TaxMapping& tax = *update.mutable_mapping()->add_taxes();
  tax.set_tax_id("vat20");
  tax.set_tax_group(1);
  v1::PaymentMethodMapping& card = *update.mutable_mapping()->add_payment_methods();
  card.set_payment_method_id("card");
  card.set_payment_type(2);
  return gateway.UpdateMapping(update).status();
}

v1::FiscalizeSaleRequest Sale(int64_t number, const std::string& today) {
  v1::FiscalizeSaleRequest request;
  request.set_document_id(absl::StrCat(absl::GetFlag(FLAGS_prefix), "-", number));
  request.set_source_system("bench");
  *request.mutable_max_wait() =
      google::protobuf::util::TimeUtil::SecondsToDuration(absl::ToInt64Seconds(kMaxWait));
  v1::Document& sale = *request.mutable_sale();
  sale.set_activated(true);
  sale.set_document_date(today);
  sale.set_currency_code("UAH");
  sale.set_legal_entity_id("tov-1");
  sale.set_integration_id(absl::StrCat("bench-", number % absl::GetFlag(FLAGS_registers) + 1));
  sale.set_order_id(absl::StrCat("order-", request.document_id()));
  const int64_t kopiykas = 1000 + number % 1000;
  v1::Line& line = *sale.add_lines();
  line.set_name(absl::StrCat("Товар ", number));
  line.set_quantity_thousandths(1000);
  line.set_price_kopiykas(kopiykas);
  line.set_tax_id("vat20");
  v1::Payment& payment = *sale.add_payments();
  payment.set_payment_method_id("card");
  payment.set_amount_kopiykas(kopiykas);
  return request;
}

// Why the sale has no receipt, or OK.
absl::Status Judge(const grpc::Status& status, const v1::FiscalizeSaleResponse& response) {
  if (!status.ok()) {
    return absl::InternalError(
        absl::StrCat("status ", static_cast<int>(status.error_code()), ": ", status.error_message()));
  }
  const v1::Fiscalization& fiscalization = response.fiscalization();
  if (fiscalization.state() == v1::FISCALIZATION_STATE_FISCALIZED &&
      !fiscalization.receipt().fiscal_number().empty()) {
    return absl::OkStatus();
  }
  return absl::InternalError(fiscalization.ShortDebugString());
}

// Callers that each send one sale after another until told to stop. Thread-safe.
class Load {
 public:
  explicit Load(std::string today)
      : today_(std::move(today)), callers_(static_cast<size_t>(absl::GetFlag(FLAGS_callers))) {
    for (int i = 0; i < absl::GetFlag(FLAGS_channels); ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection each
      stubs_.push_back(v1::FiscalizationService::NewStub(grpc::CreateCustomChannel(
          absl::GetFlag(FLAGS_gateway), grpc::InsecureChannelCredentials(), arguments)));
    }
  }

  void Start() {
    under_way_ = callers_.size();
    for (size_t i = 0; i < callers_.size(); ++i) Next(i);
  }
  void Measure(bool measure) { measuring_ = measure; }

  // Begins no sale more and waits for those under way.
  void Stop() {
    stopping_ = true;
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return under_way_ == 0; });
  }

  // After Stop().
  std::vector<absl::Duration> Latencies() const {
    std::vector<absl::Duration> all;
    for (const Caller& caller : callers_)
      all.insert(all.end(), caller.latencies.begin(), caller.latencies.end());
    std::sort(all.begin(), all.end());
    return all;
  }
  const absl::Status& first_failure() const { return first_failure_; }

 private:
  struct Caller {
    std::optional<grpc::ClientContext> context;
    v1::FiscalizeSaleRequest request;
    v1::FiscalizeSaleResponse response;
    absl::Time begun;
    std::vector<absl::Duration> latencies;  // of those that ended while it was measured
  };

  void Next(size_t index) {
    Caller& caller = callers_[index];
    caller.context.emplace();
    caller.context->set_deadline(absl::ToChronoTime(absl::Now() + kDeadline));
    caller.request = Sale(numbers_++, today_);
    caller.response.Clear();
    caller.begun = absl::Now();
    stubs_[index % stubs_.size()]->async()->FiscalizeSale(
        &*caller.context, &caller.request, &caller.response,
        [this, index](const grpc::Status& status) { OnEnd(index, status); });
  }

  void OnEnd(size_t index, const grpc::Status& status) {
    Caller& caller = callers_[index];
    if (const absl::Status judged = Judge(status, caller.response); !judged.ok()) {
      const std::lock_guard lock(mutex_);
      if (first_failure_.ok()) first_failure_ = judged;
      stopping_ = true;
    } else if (measuring_) {
      caller.latencies.push_back(absl::Now() - caller.begun);
    }
    if (!stopping_) return Next(index);
    const std::lock_guard lock(mutex_);
    // Told under the lock: whoever waits may destroy this as soon as it is free.
    if (--under_way_ == 0) ended_.notify_all();
  }

  const std::string today_;
  std::vector<std::unique_ptr<v1::FiscalizationService::Stub>> stubs_;
  std::vector<Caller> callers_;
  std::atomic<int64_t> numbers_ = 0;
  std::atomic<bool> measuring_ = false;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable ended_;
  size_t under_way_ = 0;        // guarded by mutex_
  absl::Status first_failure_;  // guarded by mutex_
};

absl::Status RunLoad(const std::string& today) {
  Load load(today);
  load.Start();
  absl::SleepFor(absl::GetFlag(FLAGS_warm_up));
  const absl::Time start = absl::Now();
  load.Measure(true);
  absl::SleepFor(absl::GetFlag(FLAGS_duration));
  load.Measure(false);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  load.Stop();
  if (!load.first_failure().ok()) return load.first_failure();
  const std::vector<absl::Duration> latencies = load.Latencies();
  if (latencies.empty()) return absl::DeadlineExceededError("no sale ended while it was measured");
  const auto milliseconds_at = [&latencies](double share) {
    const auto index = static_cast<size_t>(share * static_cast<double>(latencies.size() - 1));
    return absl::ToDoubleMilliseconds(latencies[index]);
  };
  absl::PrintF("{\"count\":%d,\"seconds\":%.3f,\"per_second\":%.1f,\"p50_ms\":%.1f,\"p99_ms\":%.1f}\n",
               latencies.size(), seconds, static_cast<double>(latencies.size()) / seconds,
               milliseconds_at(0.5), milliseconds_at(0.99));
  return absl::OkStatus();
}

// Length-prefixed, as gRPC puts it on the wire.
absl::Status WriteMessage(const std::string& path, const google::protobuf::MessageLite& message) {
  const std::string bytes = message.SerializeAsString();
  std::string prefix(1, '\0');  // not compressed
  for (int shift = 24; shift >= 0; shift -= 8) prefix += static_cast<char>(bytes.size() >> shift & 0xFFU);
  std::ofstream file(path, std::ios::binary);
  file << prefix << bytes;
  file.close();
  if (!file) return absl::InternalError(absl::StrCat("can't write ", path));
  return absl::OkStatus();
}

// Prints how many bytes an answer to the repeated sale has on the wire, by which the load is checked.
absl::Status PrepareReplay(const client::Client& gateway, const std::string& today) {
  const v1::FiscalizeSaleRequest request = Sale(0, today);
  auto answer = gateway.FiscalizeSale(request);
  if (answer.ok()) answer = gateway.FiscalizeSale(request);
  if (!answer.ok()) return answer.status();
  if (absl::Status judged = Judge(grpc::Status::OK, *answer); !judged.ok()) return judged;
  if (!answer->replayed()) return absl::InternalError("a repeated sale was not answered as one");
  absl::PrintF("{\"answer_bytes\":%d}\n", answer->ByteSizeLong() + 5);
  return WriteMessage(absl::GetFlag(FLAGS_replay_request), request);
}

absl::Status Run() {
  if (absl::GetFlag(FLAGS_registers) < 1 || absl::GetFlag(FLAGS_callers) < 1 ||
      absl::GetFlag(FLAGS_channels) < 1) {
    return absl::InvalidArgumentError("--registers, --callers and --channels are at least 1");
  }
  const absl::StatusOr<KyivTime> kyiv = KyivTime::Load();
  if (!kyiv.ok()) return kyiv.status();
  const std::string today = FormatCivilDay(kyiv->DayOf(absl::Now()));
  const absl::StatusOr<client::Client> gateway = client::Client::Connect(absl::GetFlag(FLAGS_gateway));
  if (!gateway.ok()) return gateway.status();
  if (!absl::GetFlag(FLAGS_replay_request).empty()) return PrepareReplay(*gateway, today);
  if (!absl::GetFlag(FLAGS_set_up)) return RunLoad(today);
  for (int number = 1; number <= absl::GetFlag(FLAGS_registers); ++number) {
    if (absl::Status set_up = SetUp(*gateway, number); !set_up.ok()) return set_up;
  }
  return absl::OkStatus();
}

int Main() {
  const absl::Status ran = Run();
  if (ran.ok()) return 0;
  absl::FPrintF(stderr, "kasa-bench-sales: %s\n", ran.ToString());
  return 1;
}

}  // namespace
}  // namespace kasa::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return kasa::bench::Main();
}
