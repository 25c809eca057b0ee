#include "server/api/encode_exchange.h"

#include <gtest/gtest.h>

#include "server/domain/state_machine.h"

namespace kasa::api {
namespace {

v1::Exchange Encoded(const store::Exchange& exchange) {
  v1::Exchange encoded;
  EncodeExchange(exchange, &encoded);
  return encoded;
}

TEST(EncodeExchangeTest, EveryEndingHasItsOutcome) {
  store::Exchange exchange;
  exchange.end_time = absl::UnixEpoch();
  for (const domain::Ruling& ruling : domain::RulingTable()) {
    exchange.outcome = std::string(NameOf(ruling.ending));
    const std::string name = v1::ExchangeOutcome_Name(Encoded(exchange).outcome());
    EXPECT_EQ(name, "EXCHANGE_OUTCOME_" + exchange.outcome);
  }
}

TEST(EncodeExchangeTest, WhatHasNoEndIsInFlightUntilItIsFoundUnexplained) {
  store::Exchange exchange;
  EXPECT_EQ(Encoded(exchange).outcome(), v1::EXCHANGE_OUTCOME_IN_FLIGHT);
  EXPECT_FALSE(Encoded(exchange).has_end_time());
  exchange.unexplained = true;
  exchange.end_time = absl::UnixEpoch();
  EXPECT_EQ(Encoded(exchange).outcome(), v1::EXCHANGE_OUTCOME_DOUBT);
  EXPECT_TRUE(Encoded(exchange).unexplained());
}

TEST(EncodeExchangeTest, ContactsAreMaskedBothWays) {
  store::Exchange exchange;
  exchange.request = R"({"userinfo":{"phone":"+380501234567","email":"olena@example.com"},"tag":"t"})";
  exchange.answer = R"({"res":0,"request":{"userinfo":{"phone":"+380501234567"}}})";
  const v1::Exchange encoded = Encoded(exchange);
  for (const std::string& text : {encoded.request(), encoded.answer()}) {
    EXPECT_EQ(text.find("1234567"), std::string::npos) << text;
    EXPECT_EQ(text.find("olena"), std::string::npos) << text;
  }
  EXPECT_NE(encoded.request().find("\"tag\":\"t\""), std::string::npos);
}

TEST(EncodeExchangeTest, ALookUpShowsWhatWasLookedUp) {
  store::Exchange exchange;
  exchange.kind = store::ExchangeKind::kCheckTask;
  exchange.request = "GET /api/v3/fiscal/check-task/1234567890";
  EXPECT_EQ(Encoded(exchange).request(), exchange.request);
  for (const char* answered : {"answered", "confirms", "contradicts"}) {
    exchange.outcome = answered;
    EXPECT_EQ(Encoded(exchange).outcome(), v1::EXCHANGE_OUTCOME_ANSWERED) << answered;
  }
  for (const char* not_answered : {"says nothing", "Operation timed out", ""}) {
    exchange.outcome = not_answered;
    EXPECT_EQ(Encoded(exchange).outcome(), v1::EXCHANGE_OUTCOME_NOT_ANSWERED) << not_answered;
  }
}

TEST(EncodeExchangeTest, AnAnswerThatIsNoTextNeverBreaksOurs) {
  store::Exchange exchange;
  exchange.answer = "\xff\xfe<html>";
  std::string bytes;
  ASSERT_TRUE(Encoded(exchange).SerializeToString(&bytes));
  v1::Exchange read;
  EXPECT_TRUE(read.ParseFromString(bytes));
}

}  // namespace
}  // namespace kasa::api
