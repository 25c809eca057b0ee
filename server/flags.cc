#include "server/flags.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "server/vchasno/base_url.h"

ABSL_FLAG(
    std::string, listen, "127.0.0.1:50051",
    "HOST:PORT to serve gRPC on; loopback only, since nothing is encrypted yet. Port 0: any free one. The "
    "address is printed as \"listening on HOST:PORT\".");
ABSL_FLAG(std::string, metrics_listen, "",
          "HOST:PORT to serve /metrics (Prometheus), /healthz and /readyz on, over plain HTTP; loopback "
          "only, since "
          "nobody is asked who he is. Port 0: any free one; the address is printed as \"metrics on URL\". "
          "Empty: not "
          "served.");
ABSL_FLAG(uint32_t, max_message_bytes, 4U << 20, "Size of the largest request that is taken.");
ABSL_FLAG(
    std::string, store, "",
    "The database file; required. Made at the first start; its folder must be there. One gateway a store.");
ABSL_FLAG(
    std::string, installation_id_file, "",
    "File with the installation's id, which is part of every request to a register: made at the first start, "
    "and never to be lost or changed. Best kept apart from the store. Empty: installation-id in the store's "
    "folder.");
ABSL_FLAG(std::string, store_mark_file, "",
          "File by which a store that was restored from a backup, or copied, is known: such a one waits for "
          "AdoptStore. "
          "Written by the gateway alone. Empty: beside the installation id's file, named after both.");
ABSL_FLAG(std::string, backup_to, "",
          "Does not serve: copies the store into this new file, also while a gateway serves from it, checks "
          "the copy, "
          "and ends.");
ABSL_FLAG(bool, check_store, false,
          "Does not serve: reads the whole store, also while a gateway serves from it, says whether it is "
          "sound, and "
          "ends.");
ABSL_FLAG(std::string, vchasno_url, "https://kasa.vchasno.ua",
          "Where Vchasno.Kasa is. http only to this machine, for the simulator.");
ABSL_FLAG(std::string, viewer_url, "https://kasa.vchasno.ua/check-viewer",
          "Page of a receipt, less \"/\" and its fiscal number: for the links in receipts.");
ABSL_FLAG(
    absl::Duration, request_timeout, absl::Seconds(60),
    "For one request to a register, in all. Shorter ones make doubt: the vendor holds requests while the tax "
    "service has trouble.");
ABSL_FLAG(
    absl::Duration, connection_idle, absl::Seconds(10),
    "How long a connection may have been idle to be used again; under 1s: never. Whole seconds, not scaled.");
ABSL_FLAG(absl::Duration, hold_time, absl::Seconds(120),
          "How long what is in doubt rests before the same request is sent again, and before an operator may "
          "resolve it. Not under --request-timeout.");
ABSL_FLAG(absl::Duration, looks_apart, absl::Seconds(30),
          "How far apart the first two looks into a register's listings are that see nothing of a receipt in "
          "doubt.");
ABSL_FLAG(
    absl::Duration, longest_listing_lag, absl::Minutes(10),
    "By how much a register's listing may lag: that a receipt was not made is proven by looks so far apart.");
ABSL_FLAG(absl::Duration, doubt_alert, absl::Minutes(1), "From when on a doubt is alarmed about.");
ABSL_FLAG(
    absl::Duration, doubt_window, absl::Minutes(10),
    "How long a doubt holds its lane before the integration's doubt_policy decides whether the lane goes on "
    "without it. Never less than --hold-time.");
ABSL_FLAG(absl::Duration, backoff_first, absl::Seconds(1),
          "First wait before trying again; doubles each time.");
ABSL_FLAG(absl::Duration, backoff_most, absl::Minutes(5), "Longest wait before trying again.");
ABSL_FLAG(absl::Duration, watch_heartbeat, absl::Seconds(15),
          "A watch gets a message at least this often, with the cursor, though nothing changes.");
ABSL_FLAG(absl::Duration, watch_history, absl::Hours(24 * 30),
          "How long changes are kept, so that a watch can be resumed. Not scaled.");
ABSL_FLAG(int64_t, watch_history_changes, 2'000'000, "How many changes are kept at most.");
ABSL_FLAG(
    double, time_scale, 1,
    "Multiplies the durations above, but for --connection-idle and --watch-history: for tests and drills.");
ABSL_FLAG(std::string, log_level, "info", "Least severe log lines to write: debug, info, warning or error.");

namespace kasa {
namespace {

struct FlagGroup {
  const char* title;
  std::vector<const char*> names;
};

const std::vector<FlagGroup>& Groups() {
  static const auto* const kGroups = new std::vector<FlagGroup>{
      {"Serving", {"listen", "max_message_bytes", "metrics_listen"}},
      {"What is kept", {"store", "installation_id_file", "store_mark_file"}},
      {"For an operator", {"backup_to", "check_store"}},
      {"Vchasno.Kasa", {"vchasno_url", "viewer_url", "request_timeout", "connection_idle"}},
      {"Doubt and trouble",
       {"hold_time", "looks_apart", "longest_listing_lag", "doubt_alert", "doubt_window", "backoff_first",
        "backoff_most", "time_scale"}},
      {"Watching", {"watch_heartbeat", "watch_history", "watch_history_changes"}},
      {"Logs (JSON lines on standard error)", {"log_level"}},
  };
  return *kGroups;
}

std::string WithDashes(absl::string_view name) {
  return absl::StrReplaceAll(name, {{"_", "-"}});
}

// `text` in lines of at most `width` characters, each after `indent` spaces.
std::string Wrap(absl::string_view text, size_t indent, size_t width) {
  const std::string margin(indent, ' ');
  std::string wrapped;
  while (!text.empty()) {
    size_t end = text.size() <= width ? text.size() : text.rfind(' ', width);
    if (end == absl::string_view::npos) end = std::min(text.find(' '), text.size());
    absl::StrAppend(&wrapped, margin, text.substr(0, end), "\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return wrapped;
}

// "--request-timeout=5s" as Abseil knows it: "--request_timeout=5s".
std::string Canonical(absl::string_view argument) {
  if (!absl::StartsWith(argument, "--")) return std::string(argument);
  const size_t end = std::min(argument.find('='), argument.size());
  return absl::StrCat("--", absl::StrReplaceAll(argument.substr(2, end - 2), {{"-", "_"}}),
                      argument.substr(end));
}

bool AsksForHelp(absl::string_view argument) {
  return argument == "--help" || argument == "-help" || argument == "-h";
}

absl::StatusOr<Severity> ParseLogLevel(absl::string_view text) {
  constexpr std::pair<absl::string_view, Severity> kLevels[] = {{"debug", Severity::kDebug},
                                                                {"info", Severity::kInfo},
                                                                {"warning", Severity::kWarning},
                                                                {"error", Severity::kError}};
  for (const auto& [name, severity] : kLevels) {
    if (text == name) return severity;
  }
  return absl::InvalidArgumentError("--log-level is one of debug, info, warning and error");
}

absl::StatusOr<Flags> ReadFlags() {
  Flags flags;
  GatewayOptions& gateway = flags.gateway;
  absl::StatusOr<ListenAddress> listen = ParseListenAddress(absl::GetFlag(FLAGS_listen));
  if (!listen.ok())
    return absl::Status(listen.status().code(), absl::StrCat("--listen: ", listen.status().message()));
  gateway.listen = *std::move(listen);
  if (const std::string metrics_listen = absl::GetFlag(FLAGS_metrics_listen); !metrics_listen.empty()) {
    absl::StatusOr<ListenAddress> address = ParseListenAddress(metrics_listen);
    if (!address.ok()) {
      return absl::Status(address.status().code(),
                          absl::StrCat("--metrics-listen: ", address.status().message()));
    }
    gateway.metrics_listen = *std::move(address);
  }
  gateway.max_message_bytes = absl::GetFlag(FLAGS_max_message_bytes);
  if (gateway.max_message_bytes == 0 || gateway.max_message_bytes > (size_t{1} << 30)) {
    return absl::InvalidArgumentError("--max-message-bytes is from 1 to 1 GiB");
  }

  flags.store = absl::GetFlag(FLAGS_store);
  if (flags.store.empty()) return absl::InvalidArgumentError("--store is required: the database file");
  flags.backup_to = absl::GetFlag(FLAGS_backup_to);
  flags.check_store = absl::GetFlag(FLAGS_check_store);
  flags.installation_id_file = absl::GetFlag(FLAGS_installation_id_file);
  if (flags.installation_id_file.empty()) {
    flags.installation_id_file =
        (std::filesystem::path(flags.store).parent_path() / "installation-id").string();
  }

  gateway.store_mark_file = absl::GetFlag(FLAGS_store_mark_file);
  if (gateway.store_mark_file.empty()) {
    gateway.store_mark_file = absl::StrCat(flags.installation_id_file, ".",
                                           std::filesystem::path(flags.store).filename().string(), ".mark");
  }

  const double scale = absl::GetFlag(FLAGS_time_scale);
  if (!(scale > 0) || scale > 1000)
    return absl::InvalidArgumentError("--time-scale is above 0, and at most 1000");
  engine::Settings settings;
  settings.request_timeout = absl::GetFlag(FLAGS_request_timeout);
  settings.hold_time = absl::GetFlag(FLAGS_hold_time);
  settings.looks_apart = absl::GetFlag(FLAGS_looks_apart);
  settings.longest_listing_lag = absl::GetFlag(FLAGS_longest_listing_lag);
  settings.doubt_alert = absl::GetFlag(FLAGS_doubt_alert);
  settings.doubt_window = absl::GetFlag(FLAGS_doubt_window);
  settings.backoff_first = absl::GetFlag(FLAGS_backoff_first);
  settings.backoff_most = absl::GetFlag(FLAGS_backoff_most);
  settings.watch_heartbeat = absl::GetFlag(FLAGS_watch_heartbeat);
  settings.change_history.age = absl::GetFlag(FLAGS_watch_history);
  settings.change_history.most = absl::GetFlag(FLAGS_watch_history_changes);
  gateway.settings = settings.Scaled(scale);
  if (const absl::Status checked = gateway.settings.Check(); !checked.ok()) return checked;

  const absl::StatusOr<std::string> base_url =
      vchasno::CheckBaseUrl(absl::GetFlag(FLAGS_vchasno_url), /*allow_plaintext=*/false);
  if (!base_url.ok()) {
    return absl::Status(base_url.status().code(),
                        absl::StrCat("--vchasno-url: ", base_url.status().message()));
  }
  gateway.client.base_url = *base_url;
  gateway.client.transport.total_timeout = gateway.settings.request_timeout;
  gateway.client.transport.connect_timeout =
      std::min(gateway.client.transport.connect_timeout, gateway.settings.request_timeout);
  gateway.client.transport.idle_age = absl::GetFlag(FLAGS_connection_idle);

  const absl::StatusOr<std::string> viewer_url =
      vchasno::CheckBaseUrl(absl::GetFlag(FLAGS_viewer_url), /*allow_plaintext=*/true);
  if (!viewer_url.ok()) {
    return absl::Status(viewer_url.status().code(),
                        absl::StrCat("--viewer-url: ", viewer_url.status().message()));
  }
  gateway.viewer_url = *viewer_url;

  const absl::StatusOr<Severity> log_level = ParseLogLevel(absl::GetFlag(FLAGS_log_level));
  if (!log_level.ok()) return log_level.status();
  flags.log_level = *log_level;
  return flags;
}

}  // namespace

std::string UsageText() {
  std::string text =
      "kasa-gateway: turns sales into fiscal receipts through Vchasno.Kasa, over gRPC (kasa.v1)\n\n"
      "  kasa-gateway --store=FILE [--listen=HOST:PORT] ...\n"
      "  kasa-gateway --store=FILE --backup-to=FILE\n"
      "  kasa-gateway --store=FILE --check-store\n\n"
      "SIGTERM and SIGINT end it: it takes no new work, finishes what is in flight, and exits within 30 s.\n"
      "Exit status: 0 after that, 1 for flags that can't be read, 2 when it refuses to start, or can't do "
      "what it was "
      "asked for.\n"
      "Durations are written like 500ms, 90s or 2m.\n";
  for (const FlagGroup& group : Groups()) {
    absl::StrAppend(&text, "\n", group.title, "\n");
    for (const char* name : group.names) {
      const absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
      if (flag == nullptr) std::abort();  // a group names a flag that is not there
      absl::StrAppend(&text, "  --", WithDashes(name));
      const std::string value = flag->DefaultValue();
      if (!value.empty()) absl::StrAppend(&text, "  (default ", value, ")");
      absl::StrAppend(&text, "\n", Wrap(flag->Help(), 6, 90));
    }
  }
  return text;
}

absl::StatusOr<Flags> ParseFlags(int argc, char** argv) {
  std::vector<std::string> arguments;
  arguments.reserve(static_cast<size_t>(argc));
  for (int i = 0; i < argc; ++i) {
    if (i > 0 && AsksForHelp(argv[i])) {
      std::cout << UsageText();
      std::exit(0);
    }
    arguments.push_back(i == 0 ? std::string(argv[i]) : Canonical(argv[i]));
  }
  std::vector<char*> canonical;
  canonical.reserve(arguments.size());
  for (std::string& argument : arguments) canonical.push_back(argument.data());
  const std::vector<char*> rest =
      absl::ParseCommandLine(static_cast<int>(canonical.size()), canonical.data());
  if (rest.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat("\"", rest[1], "\" is no flag; see --help"));
  }
  return ReadFlags();
}

}  // namespace kasa
