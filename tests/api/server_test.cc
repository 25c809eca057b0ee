#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "server/flags.h"
#include "server/installation.h"
#include "server/listen_address.h"
#include "tests/testing/temporary_folder.h"

namespace kasa {
namespace {

using testing::HasSubstr;

std::string Contents(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

void Write(const std::string& file, const std::string& text) {
  std::ofstream(file) << text;
}

TEST(InstallationTest, IsMadeOnceAndReadEverAfter) {
  const TemporaryFolder folder;
  const auto made = LoadOrMakeInstallationId(folder.Path("id"), folder.Path("store"));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(Contents(folder.Path("id")), made->text() + "\n");
  Write(folder.Path("store"), "");
  const auto read = LoadOrMakeInstallationId(folder.Path("id"), folder.Path("store"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->text(), made->text());
}

TEST(InstallationTest, AStoreWithoutItsIdIsRefused) {
  const TemporaryFolder folder;
  Write(folder.Path("store"), "");
  const auto refused = LoadOrMakeInstallationId(folder.Path("id"), folder.Path("store"));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(folder.Path("id")));
  EXPECT_FALSE(std::filesystem::exists(folder.Path("id")));
}

TEST(InstallationTest, AFileWithAnythingElseInItIsRefused) {
  const TemporaryFolder folder;
  for (const std::string& text : {std::string(), std::string("x"), std::string("0123456G"),
                                  std::string("0123ABCD"), std::string("012345678"), std::string("01234567 "),
                                  std::string("01234567\n\n"), std::string(1000, 'a')}) {
    Write(folder.Path("id"), text);
    const auto refused = LoadOrMakeInstallationId(folder.Path("id"), folder.Path("store"));
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition) << text;
    EXPECT_EQ(Contents(folder.Path("id")), text);
  }
  Write(folder.Path("id"), "01234567");
  EXPECT_TRUE(LoadOrMakeInstallationId(folder.Path("id"), folder.Path("store")).ok());
}

TEST(InstallationTest, AFolderThatIsNotThereIsToldAndNotMade) {
  const TemporaryFolder folder;
  const auto refused = LoadOrMakeInstallationId(folder.Path("none/id"), folder.Path("store"));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(std::filesystem::exists(folder.Path("none")));
}

TEST(ListenAddressTest, LoopbackOnly) {
  struct Case {
    const char* text;
    absl::StatusCode code;
  };
  const Case cases[] = {
      {"127.0.0.1:50051", absl::StatusCode::kOk},
      {"127.1.2.3:0", absl::StatusCode::kOk},
      {"localhost:65535", absl::StatusCode::kOk},
      {"[::1]:1", absl::StatusCode::kOk},
      {"0.0.0.0:50051", absl::StatusCode::kFailedPrecondition},
      {"[::]:50051", absl::StatusCode::kFailedPrecondition},
      {"10.0.0.1:50051", absl::StatusCode::kFailedPrecondition},
      {"128.0.0.1:50051", absl::StatusCode::kFailedPrecondition},
      {"example.com:50051", absl::StatusCode::kFailedPrecondition},
      {"127.0.0.1.example.com:1", absl::StatusCode::kFailedPrecondition},
      {"localhost.example.com:1", absl::StatusCode::kFailedPrecondition},
      {"::1:1", absl::StatusCode::kFailedPrecondition},
      {"127.0.0.1", absl::StatusCode::kInvalidArgument},
      {"127.0.0.1:", absl::StatusCode::kInvalidArgument},
      {":50051", absl::StatusCode::kInvalidArgument},
      {"127.0.0.1:65536", absl::StatusCode::kInvalidArgument},
      {"127.0.0.1:-1", absl::StatusCode::kInvalidArgument},
      {"127.0.0.1:+1", absl::StatusCode::kInvalidArgument},
      {"127.0.0.1:99999999999", absl::StatusCode::kInvalidArgument},
      {"", absl::StatusCode::kInvalidArgument},
  };
  for (const Case& c : cases) EXPECT_EQ(ParseListenAddress(c.text).status().code(), c.code) << c.text;
  EXPECT_EQ(ParseListenAddress("[::1]:7")->host, "[::1]");
  EXPECT_EQ(ParseListenAddress("[::1]:7")->port, 7);
}

absl::StatusOr<Flags> Parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "kasa-gateway");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  return ParseFlags(static_cast<int>(pointers.size()), pointers.data());
}

TEST(FlagsTest, DashesUnderscoresAndSeparateValuesAreAllRead) {
  const auto flags = Parse({"--store=/var/lib/kasa/kasa.db", "--request-timeout=5s", "--hold_time", "7s",
                            "--time-scale=0.5", "--log-level=debug", "--vchasno-url=http://127.0.0.1:8090/"});
  ASSERT_TRUE(flags.ok()) << flags.status();
  EXPECT_EQ(flags->store, "/var/lib/kasa/kasa.db");
  EXPECT_EQ(flags->installation_id_file, "/var/lib/kasa/installation-id");
  EXPECT_EQ(flags->gateway.settings.request_timeout, absl::Seconds(2.5));
  EXPECT_EQ(flags->gateway.settings.hold_time, absl::Seconds(3.5));
  EXPECT_EQ(flags->gateway.client.transport.total_timeout, absl::Seconds(2.5));
  EXPECT_EQ(flags->gateway.client.base_url, "http://127.0.0.1:8090");
  EXPECT_EQ(flags->log_level, Severity::kDebug);
}

TEST(FlagsTest, ValuesThatMakeNoSenseAreRefused) {
  // Flags keep what they were set to: each case states the whole of what it needs.
  const std::vector<std::string> good = {
      "--store=s.db",       "--request-timeout=5s",     "--hold-time=7s",
      "--time-scale=1",     "--log-level=info",         "--listen=127.0.0.1:0",
      "--backoff-first=1s", "--max-message-bytes=4096", "--vchasno-url=https://kasa.vchasno.ua"};
  EXPECT_TRUE(Parse(good).ok());
  for (const char* bad :
       {"--store=", "--hold-time=4s", "--time-scale=0", "--time-scale=-1", "--time-scale=nan",
        "--log-level=loud", "--listen=0.0.0.0:1", "--backoff-first=0s", "--max-message-bytes=0",
        "--vchasno-url=http://example.com", "--vchasno-url=kasa", "--viewer-url=javascript:x", "stray"}) {
    std::vector<std::string> arguments = good;
    arguments.emplace_back("--viewer-url=https://kasa.vchasno.ua/check-viewer");
    arguments.emplace_back(bad);
    EXPECT_FALSE(Parse(arguments).ok()) << bad;
  }
}

TEST(FlagsTest, HelpNamesEveryFlagWithItsDefault) {
  const std::string help = UsageText();
  for (const char* flag : {"--listen  (default 127.0.0.1:50051)", "--store", "--installation-id-file",
                           "--vchasno-url  (default https://kasa.vchasno.ua)", "--hold-time  (default 2m)",
                           "--time-scale", "--log-level  (default info)"}) {
    EXPECT_THAT(help, HasSubstr(flag));
  }
}

}  // namespace
}  // namespace kasa
