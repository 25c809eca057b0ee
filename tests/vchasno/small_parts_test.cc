#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/vchasno/base_url.h"
#include "server/vchasno/receipt_link.h"
#include "server/vchasno/retry_after.h"

namespace kasa::vchasno {
namespace {

TEST(ParseRetryAfter, ReadsSecondsAndDates) {
  const absl::Time now = absl::FromCivil(absl::CivilSecond(2026, 11, 23, 12, 0, 0), absl::UTCTimeZone());
  const struct {
    const char* header;
    std::optional<absl::Duration> wait;
  } kCases[] = {
      {"0", absl::ZeroDuration()},
      {"120", absl::Seconds(120)},
      {" 7 ", absl::Seconds(7)},
      {"Mon, 23 Nov 2026 12:01:30 GMT", absl::Seconds(90)},
      {"Mon, 23 Nov 2026 11:00:00 GMT", absl::ZeroDuration()},
      {"99999999999999999999999", absl::Hours(24)},
      {"Mon, 23 Nov 2099 11:00:00 GMT", absl::Hours(24)},
      {"", std::nullopt},
      {"-5", std::nullopt},
      {"1.5", std::nullopt},
      {"soon", std::nullopt},
      {"Mon, 23 Nov 2026 12:01:30", std::nullopt},
  };
  for (const auto& test : kCases) EXPECT_EQ(ParseRetryAfter(test.header, now), test.wait) << test.header;
}

TEST(SumInLink, IsThatOfALinkThatNamesTheReceipt) {
  const Money told = Money::FromKopiykas(18999);
  const struct {
    const char* qr;
    std::optional<Money> sum;
  } kCases[] = {
      {"https://kasa.vchasno.ua/c/"
       "F1?id=F1&date=20241114&time=12:14:30&fn=99997955555555&sm=189.99&mac=e8ac...",
       told},
      {"https://kasa.vchasno.ua/c/F1?sm=189.99", told},
      {"https://kasa.vchasno.ua/check?sm=189.99&id=F1", told},
      {"https://kasa.vchasno.ua/c/F2?id=F2&sm=189.99", std::nullopt},
      {"https://kasa.vchasno.ua/c/F1?id=F2&sm=189.99", std::nullopt},
      {"https://kasa.vchasno.ua/c/F1?id=F1&sm=189.99&sm=1.00", std::nullopt},
      {"https://kasa.vchasno.ua/c/F1?id=F1&sm=", std::nullopt},
      {"https://kasa.vchasno.ua/c/F1?id=F1&sm=189.999", std::nullopt},
      {"https://kasa.vchasno.ua/c/F1?id=F1", std::nullopt},
      {"https://kasa.vchasno.ua/c/F1", std::nullopt},
      {"ФН 4000000001\nЧек F1\n?id=F1&sm=189.99", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& test : kCases) EXPECT_EQ(SumInLink(test.qr, "F1"), test.sum) << test.qr;
  EXPECT_EQ(SumInLink("https://kasa.vchasno.ua/c/?id=&sm=189.99", ""), std::nullopt);
}

TEST(CheckBaseUrl, TakesHttpsAndLoopback) {
  const struct {
    const char* url;
    const char* base;
  } kCases[] = {
      {"https://kasa.vchasno.ua", "https://kasa.vchasno.ua"},
      {"https://kasa.vchasno.ua/", "https://kasa.vchasno.ua"},
      {"https://proxy.local:8443/kasa//", "https://proxy.local:8443/kasa"},
      {"http://127.0.0.1:8090", "http://127.0.0.1:8090"},
      {"http://127.255.0.9", "http://127.255.0.9"},
      {"http://localhost:1/", "http://localhost:1"},
      {"http://[::1]:8090", "http://[::1]:8090"},
  };
  for (const auto& test : kCases) {
    const auto base = CheckBaseUrl(test.url, false);
    ASSERT_TRUE(base.ok()) << test.url << ": " << base.status();
    EXPECT_EQ(*base, test.base);
  }
}

TEST(CheckBaseUrl, RefusesWhatWouldLeakTokensOrMakesNoSense) {
  for (const char* url :
       {"", "kasa.vchasno.ua", "ftp://kasa.vchasno.ua", "file:///etc/passwd", "http://kasa.vchasno.ua",
        "http://127.0.0.1.example.com", "http://localhost.example.com", "http://0.0.0.0", "http://[::]",
        "https://user:pass@kasa.vchasno.ua", "https://kasa.vchasno.ua?x=1", "https://kasa.vchasno.ua/#f",
        "https://", "https://kasa.vchasno.ua/a b", "https://kasa.vchasno.ua\r\nX: y", "https://ka:sa:1"}) {
    const auto base = CheckBaseUrl(url, false);
    EXPECT_EQ(base.status().code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_THAT(std::string(base.status().message()), ::testing::Not(::testing::HasSubstr("pass@"))) << url;
  }
}

TEST(CheckBaseUrl, TakesHttpElsewhereOnlyWhenToldTo) {
  EXPECT_TRUE(CheckBaseUrl("http://kasa.internal:80", true).ok());
  EXPECT_FALSE(CheckBaseUrl("http://kasa.internal:80", false).ok());
  EXPECT_FALSE(CheckBaseUrl("ftp://kasa.internal", true).ok());
}

TEST(EscapePathSegment, LeavesNoWayOutOfTheSegment) {
  EXPECT_EQ(EscapePathSegment("TEST_7B-WSD.zz~1"), "TEST_7B-WSD.zz~1");
  EXPECT_EQ(EscapePathSegment("a/b?c#d%e f\r\n"), "a%2Fb%3Fc%23d%25e%20f%0D%0A");
  EXPECT_EQ(EscapePathSegment("і"), "%D1%96");
}

}  // namespace
}  // namespace kasa::vchasno
