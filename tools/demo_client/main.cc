// kasa-demo-client: sets up an integration on a gateway, fiscalizes one sale and shows the receipt. --help
// tells the rest.
#include <cstdio>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/kyiv_time.h"
#include "kasa/client/client.h"
#include "tools/demo_client/next_steps.h"
#include "tools/demo_client/receipt_text.h"
#include "tools/demo_client/sale.h"
#include "tools/demo_client/set_up.h"

namespace kasa::demo {
namespace {

enum ExitCode { kReceiptMade = 0, kRefused = 1, kBadFlags = 2, kNotKnown = 3 };

constexpr absl::string_view kHelp =
    R"(kasa-demo-client: fiscalizes one sale on a test register, and shows the receipt

  --gateway HOST:PORT    the gateway, on this machine            (default 127.0.0.1:50051)
  --token TOKEN          the token of a test register, for example the simulator's; required
  --document-id ID       the sale's document id; one that was sent before shows what became of it
                         (default: made of the time)
  --grpcurl COMMAND      how to call grpcurl, in the lines printed at the end   (default grpcurl)
  --help                 this text

Ends with 0 when there is a receipt; 1 when something was refused or failed, with what to do; 2 when the flags
are wrong; 3 when the gateway can't be reached or the outcome is not known yet.
)";

constexpr absl::Duration kPatience = absl::Minutes(1);

void Print(absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int Fail(ExitCode code, absl::string_view text) {
  const std::string line = absl::StrCat("kasa-demo-client: ", text);
  std::fwrite(line.data(), 1, line.size(), stderr);
  return code;
}

int FailedCall(absl::string_view gateway, const absl::Status& status) {
  const client::Error error = *client::ErrorFrom(status);
  if (!error.stored_nothing() && absl::IsUnavailable(status)) {
    return Fail(kNotKnown, absl::StrCat("nobody answers at ", gateway, ": is the gateway running there? (",
                                        error.message, ")\n"));
  }
  const bool not_known = !error.stored_nothing() && absl::IsDeadlineExceeded(status);
  return Fail(not_known ? kNotKnown : kRefused, ErrorText(status));
}

// "--name value" or "--name=value"; the error is a text for a person.
absl::Status ReadFlags(int argc, char** argv, std::map<std::string, std::string>& flags) {
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    std::string value;
    const size_t equals = name.find('=');
    const bool has_value = equals != std::string::npos;
    if (has_value) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    const auto flag = flags.find(name);
    if (flag == flags.end()) return absl::InvalidArgumentError(absl::StrCat("there is no flag ", name));
    if (!has_value) {
      if (i + 1 == argc) return absl::InvalidArgumentError(absl::StrCat(name, " needs a value"));
      value = argv[++i];
    }
    flag->second = value;
  }
  return absl::OkStatus();
}

int Run(const std::string& gateway, const std::string& token, std::string document_id,
        absl::string_view grpcurl) {
  const absl::StatusOr<KyivTime> kyiv = KyivTime::Load();
  if (!kyiv.ok()) return Fail(kRefused, ErrorText(kyiv.status()));
  const absl::StatusOr<client::Client> connected = client::Client::Connect(gateway);
  if (!connected.ok()) return Fail(kBadFlags, ErrorText(connected.status()));
  const client::Client& client = *connected;

  const auto integration =
      SetUp(client, token, [](absl::string_view line) { Print(absl::StrCat("- ", line, "\n")); });
  if (!integration.ok()) return FailedCall(gateway, integration.status());

  const absl::Time now = absl::Now();
  if (document_id.empty()) {
    document_id = absl::StrCat("demo-", kyiv->FormatRegisterTime(now), "-", absl::ToUnixMillis(now) % 1000);
  }
  const absl::CivilDay today = kyiv->DayOf(now);
  const v1::FiscalizeSaleRequest sale = DemoSale(document_id, today);
  const auto answer = client.FiscalizeSaleUntilKnown(sale, kPatience);
  if (!answer.ok()) return FailedCall(gateway, answer.status());
  const v1::Fiscalization& fiscalization = answer->fiscalization();
  if (fiscalization.state() != v1::FISCALIZATION_STATE_FISCALIZED) {
    const bool settled = fiscalization.state() == v1::FISCALIZATION_STATE_FAILED ||
                         fiscalization.state() == v1::FISCALIZATION_STATE_CANCELLED;
    return Fail(settled ? kRefused : kNotKnown, NoReceiptText(fiscalization));
  }

  Print(absl::StrCat(answer->replayed() ? "- the sale was fiscalized before, and has this receipt:\n"
                                        : "- fiscalized a sale:\n",
                     "\n", ReceiptText(fiscalization), "\nTo go on by hand:\n"));
  for (const NextStep& step : NextSteps(grpcurl, gateway, sale, FaultySale(today), fiscalization)) {
    Print(absl::StrCat("\n# ", step.what, "\n", step.command, "\n"));
  }
  return kReceiptMade;
}

int Main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (absl::string_view(argv[i]) == "--help" || absl::string_view(argv[i]) == "-h") {
      Print(kHelp);
      return kReceiptMade;
    }
  }
  std::map<std::string, std::string> flags = {
      {"--gateway", "127.0.0.1:50051"}, {"--token", ""}, {"--document-id", ""}, {"--grpcurl", "grpcurl"}};
  if (const absl::Status read = ReadFlags(argc, argv, flags); !read.ok()) {
    return Fail(kBadFlags, absl::StrCat(read.message(), " (--help tells the flags)\n"));
  }
  if (flags["--token"].empty()) {
    return Fail(kBadFlags, "--token is required: that of a test register\n");
  }
  return Run(flags["--gateway"], flags["--token"], flags["--document-id"], flags["--grpcurl"]);
}

}  // namespace
}  // namespace kasa::demo

int main(int argc, char** argv) {
  return kasa::demo::Main(argc, argv);
}
