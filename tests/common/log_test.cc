#include "common/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace kasa {
namespace {

using ::testing::ElementsAre;

class StoppedClock final : public Clock {
 public:
  absl::Time Now() const override {
    return absl::FromCivil(absl::CivilSecond(2026, 11, 23, 12, 0, 0), absl::UTCTimeZone()) +
           absl::Microseconds(42);
  }
  absl::Duration Monotonic() const override { return absl::ZeroDuration(); }
};

struct Written {
  StoppedClock clock;
  std::vector<std::string> lines;
  Logger::Sink sink() {
    return [this](absl::string_view line) { lines.emplace_back(line); };
  }
};

TEST(Logger, WritesOneObjectALineWithTypedFieldsInTheirOrder) {
  Written written;
  Logger logger(written.clock, written.sink());
  logger.Log(Severity::kWarning, "lane.paused",
             {{"register", "4000000001"},
              {"queued", 7},
              {"large", int64_t{-9'007'199'254'740'993}},
              {"real", true},
              {"reason", Reason::kNoBalance},
              {"took", absl::Milliseconds(1500) + absl::Microseconds(7)},
              {"since", absl::UnixEpoch()}});
  EXPECT_THAT(
      written.lines,
      ElementsAre(R"({"time":"2026-11-23T12:00:00.000042Z","severity":"WARNING","event":"lane.paused",)"
                  R"("register":"4000000001","queued":7,"large":-9007199254740993,"real":true,)"
                  R"("reason":"NO_BALANCE","took":1.500007,"since":"1970-01-01T00:00:00.000000Z"})"));
}

TEST(Logger, DropsWhatIsLessSevere) {
  Written written;
  Logger logger(written.clock, written.sink(), Severity::kWarning);
  logger.Log(Severity::kDebug, "a", {});
  logger.Log(Severity::kInfo, "b", {});
  logger.Log(Severity::kWarning, "c", {});
  logger.Log(Severity::kError, "d", {});
  EXPECT_EQ(written.lines.size(), 2u);
}

TEST(Logger, TakesNoSecret) {
  static_assert(!std::is_constructible_v<LogField, absl::string_view, Secret>);
  static_assert(std::is_constructible_v<LogField, absl::string_view, std::string>);
}

TEST(Logger, NeverMixesLinesOfManyThreads) {
  Written written;
  Logger logger(written.clock, written.sink());
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&logger, t] {
      for (int i = 0; i < 500; ++i) logger.Log(Severity::kInfo, "e", {{"thread", t}, {"i", i}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(written.lines.size(), 4000u);
  for (const std::string& line : written.lines) {
    EXPECT_THAT(line, ::testing::MatchesRegex(
                          R"(\{"time":"[^"]*","severity":"INFO","event":"e","thread":[0-7],"i":[0-9]+\})"));
  }
}

TEST(QuoteJson, EscapesWhatJsonMustEscape) {
  const struct {
    std::string text;
    std::string quoted;
  } kCases[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"a\"b\\c", R"("a\"b\\c")"},
      {"line\r\n\ttab", R"("line\r\n\ttab")"},
      {std::string("\0\x01\x1F\x7F", 4), R"("\u0000\u0001\u001f\u007f")"},
      {"Кава ☕ 😀", "\"Кава ☕ 😀\""},
      {"\xFF", "\"\xEF\xBF\xBD\""},
      {"a\xC3", "\"a\xEF\xBF\xBD\""},
      {"\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                                  // overlong
      {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},                  // a surrogate
      {"\xF4\x90\x80\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},  // over U+10FFFF
  };
  for (const auto& test : kCases) EXPECT_EQ(QuoteJson(test.text), test.quoted);
}

TEST(LogField, WritesDurationsAsSeconds) {
  EXPECT_EQ(LogField("t", absl::ZeroDuration()).json(), R"("t":0.000000)");
  EXPECT_EQ(LogField("t", -absl::Milliseconds(1)).json(), R"("t":-0.001000)");
  EXPECT_EQ(LogField("t", absl::Hours(1)).json(), R"("t":3600.000000)");
  EXPECT_EQ(LogField("t", absl::InfiniteDuration()).json(), R"("t":null)");
}

}  // namespace
}  // namespace kasa
