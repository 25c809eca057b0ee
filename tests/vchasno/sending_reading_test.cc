#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/vchasno/reading.h"
#include "tests/vchasno/fake_transport.h"

// What is made of the answers to commands to send a receipt, and of receipts' public pages.
namespace kasa::vchasno {
namespace {

using domain::SendingChannel;
using domain::SendingOutcome;
using testing::Answered;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Unanswered;

const SendReceiptCommand kSms = {"F1", SendingChannel::kSms, "+380501234567"};
const SendReceiptCommand kEmail = {"F1", SendingChannel::kEmail, "Olena.K@example.com"};

TEST(ReadSendReceipt, GoesByStatusAndByWhatTheAnswerSays) {
  struct Case {
    int status;
    const char* body;
    SendingOutcome outcome;
    std::optional<Reason> reason;
  };
  const Case cases[] = {
      {200, R"({"status":"ok"})", SendingOutcome::kTaken, std::nullopt},
      {200, R"({"res":0,"errortxt":""})", SendingOutcome::kTaken, std::nullopt},
      {200, "{}", SendingOutcome::kTaken, std::nullopt},
      {200, "", SendingOutcome::kTaken, std::nullopt},
      {200, "OK\n", SendingOutcome::kTaken, std::nullopt},
      {200, "[]", SendingOutcome::kTaken, std::nullopt},
      {201, R"({"id":1})", SendingOutcome::kTaken, std::nullopt},
      {204, "", SendingOutcome::kTaken, std::nullopt},
      {200, R"({"success":true,"error":null})", SendingOutcome::kTaken, std::nullopt},
      {200, R"({"res":1001,"errortxt":"ні"})", SendingOutcome::kRefused, Reason::kSendingRefused},
      {200, R"({"success":false})", SendingOutcome::kRefused, Reason::kSendingRefused},
      {200, R"({"status":"error"})", SendingOutcome::kRefused, Reason::kSendingRefused},
      {200, R"({"error":"no such check"})", SendingOutcome::kRefused, Reason::kSendingRefused},
      {200, R"({"errors":[{"code":1}]})", SendingOutcome::kRefused, Reason::kSendingRefused},
      {200, "<html>welcome</html>", SendingOutcome::kUnknown, Reason::kAnswerUnreadable},
      {400, R"({"detail":"recipient"})", SendingOutcome::kRefused, Reason::kSendingRefused},
      {404, R"({"detail":"Not Found"})", SendingOutcome::kRefused, Reason::kSendingRefused},
      {422, "", SendingOutcome::kRefused, Reason::kSendingRefused},
      {401, "401: Unauthorized", SendingOutcome::kRefused, Reason::kTokenRefused},
      {403, "", SendingOutcome::kRefused, Reason::kTokenRefused},
      {429, "", SendingOutcome::kRefused, Reason::kRateLimited},
      {408, "", SendingOutcome::kUnknown, Reason::kAnswerLost},
      {302, "", SendingOutcome::kUnknown, Reason::kRegisterServiceTrouble},
      {500, R"({"status":"ok"})", SendingOutcome::kUnknown, Reason::kRegisterServiceTrouble},
      {503, "", SendingOutcome::kUnknown, Reason::kRegisterServiceTrouble},
  };
  for (const Case& c : cases) {
    const SendReceiptAnswer answer = ReadSendReceipt(kSms, Answered(c.status, c.body));
    EXPECT_EQ(answer.outcome, c.outcome) << c.status << " " << c.body;
    EXPECT_EQ(answer.reason, c.reason) << c.status << " " << c.body;
  }
}

TEST(ReadSendReceipt, ALostAnswerIsNotKnownAndNoConnectionIsARefusal) {
  const SendReceiptAnswer lost =
      ReadSendReceipt(kSms, Unanswered(HttpOutcome::kRequestLeft, "Operation timed out"));
  EXPECT_EQ(lost.outcome, SendingOutcome::kUnknown);
  EXPECT_EQ(lost.reason, Reason::kAnswerLost);
  EXPECT_THAT(lost.message, HasSubstr("Operation timed out"));
  const SendReceiptAnswer never =
      ReadSendReceipt(kSms, Unanswered(HttpOutcome::kNeverConnected, "Couldn't connect"));
  EXPECT_EQ(never.outcome, SendingOutcome::kRefused);
  EXPECT_EQ(never.reason, Reason::kRegisterUnreachable);
}

TEST(ReadSendReceipt, TellsTheAnswersWordsWithoutTheRecipient) {
  const SendReceiptAnswer answer =
      ReadSendReceipt(kSms, Answered(400, R"({"detail":"bad recipient +380501234567"})"));
  EXPECT_EQ(answer.message,
            "Vchasno.Kasa refused the command (HTTP status 400): bad recipient +380*****4567");
}

TEST(HideRecipient, HidesAPhoneHoweverItIsWritten) {
  for (const char* text :
       {"+380501234567", "380501234567", "0501234567", "+38 (050) 123-45-67",
        R"({"r":"+380501234567","x":1})", "id=7 tel:050.123.45.67;", R"(\u002b380501234567)"}) {
    const std::string shown = HideRecipient(text, kSms);
    EXPECT_THAT(shown, Not(HasSubstr("1234567"))) << shown;
    EXPECT_THAT(shown, Not(HasSubstr("45-67"))) << shown;
    EXPECT_THAT(shown, HasSubstr("+380*****4567")) << text;
  }
  EXPECT_EQ(HideRecipient(R"({"check":"F1","code":12,"time":"2026-11-23 12:00"})", kSms),
            R"({"check":"F1","code":12,"time":"2026-11-23 12:00"})");
}

TEST(HideRecipient, HidesAnAddressHoweverItIsWritten) {
  for (const char* text : {"Olena.K@example.com", "olena.k@EXAMPLE.com", "to=olena.k%40example.com&x",
                           R"("OLENA.K\u0040EXAMPLE.COM")", "a olena.k@example.com b olena.k@example.com"}) {
    const std::string shown = HideRecipient(text, kEmail);
    EXPECT_THAT(shown, Not(HasSubstr("lena"))) << shown;
    EXPECT_THAT(shown, Not(HasSubstr("LENA"))) << shown;
    EXPECT_THAT(shown, HasSubstr("O***@example.com")) << text;
  }
}

TEST(ReadReceiptPage, TellsTheTaxServicesPageAndNothingElse) {
  const auto sts_url = [](const std::string& body) {
    const ReceiptPageAnswer answer = ReadReceiptPage(Answered(200, body));
    EXPECT_TRUE(answer.answered) << body;
    return answer.sts_url;
  };
  const std::string url = "https://cabinet.tax.gov.ua/cashregs/check?id=F1&fn=4000000001";
  EXPECT_EQ(sts_url(R"({"check_url":"x","target_url":")" + url + R"("})"), url);
  for (const char* other :
       {"null", "\"\"", "1", "{}", R"("http://cabinet.tax.gov.ua/")", R"("https://tax.gov.ua.example.com/")",
        R"("https://cabinet.tax.gov.ua@example.com/")", R"("https://eviltax.gov.ua/")",
        R"("https://example.com/?u=https://cabinet.tax.gov.ua/")", R"("https://cabinet.tax.gov.ua/ x")",
        R"x("javascript:alert(1)")x"}) {
    EXPECT_EQ(sts_url(std::string(R"({"target_url":)") + other + "}"), "") << other;
  }
  EXPECT_EQ(sts_url("{}"), "");
}

TEST(ReadReceiptPage, APageThatCanNotBeReadSaysNothing) {
  for (const HttpResult& result : {Answered(404, "{}"), Answered(200, "<html>"), Answered(302, ""),
                                   Unanswered(HttpOutcome::kRequestLeft, "Operation timed out")}) {
    EXPECT_FALSE(ReadReceiptPage(result).answered);
    EXPECT_EQ(ReadReceiptPage(result).sts_url, "");
  }
}

}  // namespace
}  // namespace kasa::vchasno
