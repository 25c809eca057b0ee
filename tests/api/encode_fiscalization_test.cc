#include "server/api/encode_fiscalization.h"

#include <gtest/gtest.h>

namespace kasa::api {
namespace {

using domain::State;

ReceiptPages Pages() {
  absl::StatusOr<KyivTime> kyiv = KyivTime::Load();
  EXPECT_TRUE(kyiv.ok()) << kyiv.status();
  return {.kyiv = *kyiv, .viewer_url = "https://kasa.example/check-viewer"};
}

domain::Fiscalization AFiscalization(State state) {
  domain::Fiscalization f;
  f.id = "fz-1";
  f.key = {.source_system = "erp", .document_id = "SO-1", .mode = domain::RegisterMode::kTest};
  f.integration_id = "kyiv-1";
  f.register_fiscal_number = "4000000001";
  f.state = state;
  f.document.document_date = "2026-11-23";
  f.draft.sum = Money::FromKopiykas(10'013);
  f.draft.rounding = Money::FromKopiykas(-13);
  f.draft.due = Money::FromKopiykas(10'000);
  f.draft.change = Money::FromKopiykas(500);
  domain::PricedPayment card;
  card.payment_type = 2;
  card.sum = Money::FromKopiykas(6'000);
  domain::PricedPayment cash;
  cash.payment_type = 0;
  cash.sum = Money::FromKopiykas(4'000);
  f.draft.payments = {card, cash};
  f.warnings = {{Reason::kTextCut, "a name was cut", "sale.lines[0].name"}};
  f.revision = 7;
  f.failure = domain::Failure{.reason = Reason::kTokenRefused, .message = "the token was refused"};
  domain::Receipt receipt;
  receipt.fiscal_number = "TEST_7B WSDzzmo9H7w/";
  receipt.register_fiscal_number = "4000000001";
  receipt.total = f.draft.due;
  receipt.qr = "https://kasa.vchasno.ua/c/TEST_7B";
  // 2026-11-24 00:30 in Kyiv.
  receipt.fiscal_time = absl::FromCivil(absl::CivilSecond(2026, 11, 23, 22, 30, 0), absl::UTCTimeZone());
  f.receipt = receipt;
  return f;
}

v1::Fiscalization Encoded(const domain::Fiscalization& f) {
  v1::Fiscalization encoded;
  EncodeFiscalization(f, Pages(), &encoded);
  return encoded;
}

TEST(EncodeFiscalizationTest, FailureAndReceiptAreToldInTheStatesThatHaveThem) {
  struct Case {
    State state;
    v1::FiscalizationState encoded;
    bool failure;
    bool receipt;
    bool doubt;
  };
  const Case cases[] = {
      {State::kAccepted, v1::FISCALIZATION_STATE_ACCEPTED, true, false, false},
      {State::kSending, v1::FISCALIZATION_STATE_SENDING, true, false, false},
      {State::kInDoubt, v1::FISCALIZATION_STATE_IN_DOUBT, true, false, true},
      {State::kFiscalized, v1::FISCALIZATION_STATE_FISCALIZED, false, true, false},
      {State::kFailed, v1::FISCALIZATION_STATE_FAILED, true, false, false},
      {State::kCancelled, v1::FISCALIZATION_STATE_CANCELLED, false, false, false},
  };
  for (const Case& c : cases) {
    const v1::Fiscalization encoded = Encoded(AFiscalization(c.state));
    EXPECT_EQ(encoded.state(), c.encoded);
    EXPECT_EQ(DecodeState(c.encoded), c.state);
    EXPECT_EQ(encoded.has_failure(), c.failure) << encoded.state();
    EXPECT_EQ(encoded.has_receipt(), c.receipt) << encoded.state();
    EXPECT_EQ(encoded.has_doubt(), c.doubt) << encoded.state();
    EXPECT_EQ(encoded.etag(), "7");
    EXPECT_EQ(encoded.document().register_mode(), v1::REGISTER_MODE_TEST);
  }
}

TEST(EncodeFiscalizationTest, AFailureTellsWhoseMoveItIsAndWhatToDo) {
  domain::Fiscalization failed = AFiscalization(State::kFailed);
  failed.failure->upstream =
      domain::Upstream{.http_status = 200, .res = 1069, .res_action = 3, .errortxt = "Ні"};
  const v1::Failure failure = Encoded(failed).failure();
  EXPECT_EQ(failure.reason(), "TOKEN_REFUSED");
  EXPECT_EQ(failure.remedy(), InfoOf(Reason::kTokenRefused).remedy);
  EXPECT_NE(failure.failure_class(), v1::FAILURE_CLASS_UNSPECIFIED);
  EXPECT_EQ(failure.upstream().res(), 1069);
  EXPECT_EQ(failure.upstream().errortxt(), "Ні");
  // A code that the contract's field can't hold is not told rather than bent.
  failed.failure->upstream->res = int64_t{1} << 40;
  EXPECT_FALSE(Encoded(failed).failure().upstream().has_res());
}

TEST(EncodeFiscalizationTest, TheDraftTellsTheCashPartBeforeAndAfterRounding) {
  const v1::ReceiptDraft draft = Encoded(AFiscalization(State::kAccepted)).draft();
  EXPECT_EQ(draft.sum_kopiykas(), 10'013);
  EXPECT_EQ(draft.due_kopiykas(), 10'000);
  EXPECT_EQ(draft.cash_kopiykas(), 4'013);
  EXPECT_EQ(draft.rounded_cash_kopiykas(), 4'000);
  EXPECT_EQ(draft.rounding_kopiykas(), -13);
  ASSERT_EQ(draft.warnings_size(), 1);
  EXPECT_EQ(draft.warnings(0).message(), "a name was cut");
  EXPECT_EQ(draft.warnings(0).reason(), "TEXT_CUT");
  EXPECT_EQ(draft.warnings(0).field(), "sale.lines[0].name");
}

TEST(EncodeFiscalizationTest, AReceiptHasItsPageAndSaysWhenItBearsAnotherDate) {
  domain::Fiscalization fiscalized = AFiscalization(State::kFiscalized);
  const v1::Receipt receipt = Encoded(fiscalized).receipt();
  EXPECT_EQ(receipt.view_url(), "https://kasa.example/check-viewer/TEST_7B%20WSDzzmo9H7w%2F");
  EXPECT_EQ(receipt.qr_text(), "https://kasa.vchasno.ua/c/TEST_7B");
  EXPECT_EQ(receipt.sts_url(), "");
  EXPECT_TRUE(receipt.date_differs());
  EXPECT_FALSE(receipt.has_local_number());
  const auto last_warning = [&] {
    const v1::Fiscalization encoded = Encoded(fiscalized);
    const int count = encoded.draft().warnings_size();
    return count == 0 ? "" : encoded.draft().warnings(count - 1).reason();
  };
  EXPECT_EQ(last_warning(), "RECEIPT_DATED_OTHERWISE");

  fiscalized.receipt->fiscal_time = *fiscalized.receipt->fiscal_time - absl::Hours(1);
  fiscalized.receipt->qr = "https://cabinet.tax.gov.ua/cashregs/check?id=1";
  EXPECT_FALSE(Encoded(fiscalized).receipt().date_differs());
  EXPECT_NE(last_warning(), "RECEIPT_DATED_OTHERWISE");
  EXPECT_EQ(Encoded(fiscalized).receipt().sts_url(), "https://cabinet.tax.gov.ua/cashregs/check?id=1");

  fiscalized.receipt->fiscal_time.reset();
  EXPECT_FALSE(Encoded(fiscalized).receipt().has_fiscal_time());
  EXPECT_FALSE(Encoded(fiscalized).receipt().date_differs());
}

TEST(EncodeFiscalizationTest, ADoubtSaysSinceWhenItIsAndWhatComesNext) {
  domain::Fiscalization doubted = AFiscalization(State::kInDoubt);
  doubted.doubt = domain::Doubt{.since = absl::FromUnixSeconds(1'763'899'000)};
  EXPECT_EQ(Encoded(doubted).doubt().since_time().seconds(), 1'763'899'000);
  EXPECT_EQ(Encoded(doubted).doubt().next_step(), v1::DOUBT_STEP_UNSPECIFIED);
  EXPECT_FALSE(Encoded(doubted).doubt().has_resolvable_time());
  EXPECT_FALSE(Encoded(doubted).doubt().parked());
  doubted.doubt->parked = true;
  EXPECT_TRUE(Encoded(doubted).doubt().parked());
  doubted.doubt->next_step = domain::DoubtStep::kSendAgain;
  doubted.doubt->resolvable_time = absl::FromUnixSeconds(1'763'899'120);
  doubted.next_attempt_time = absl::FromUnixSeconds(1'763'900'000);
  EXPECT_EQ(Encoded(doubted).doubt().next_step(), v1::DOUBT_STEP_SEND_AGAIN);
  EXPECT_EQ(Encoded(doubted).doubt().next_step_time().seconds(), 1'763'900'000);
  EXPECT_EQ(Encoded(doubted).doubt().resolvable_time().seconds(), 1'763'899'120);
  doubted.doubt->next_step = domain::DoubtStep::kWaitForOperator;
  EXPECT_EQ(Encoded(doubted).doubt().next_step(), v1::DOUBT_STEP_WAIT_FOR_OPERATOR);
}

TEST(EncodeFiscalizationTest, AValidatedSaleShowsNoContacts) {
  engine::FiscalizeOutcome outcome;
  outcome.draft = AFiscalization(State::kAccepted).draft;
  outcome.request_json =
      R"({"userinfo":{"phone":"+380501234567","email":"olena@example.com"},"fiscal":{"task":1}})";
  outcome.warnings = {{Reason::kOrderIdMissing, "w"}};
  v1::FiscalizeSaleResponse response;
  EncodeSaleOutcome(outcome, domain::RegisterMode::kReal, Pages(), &response);
  EXPECT_EQ(response.draft().request_json().find("1234567"), std::string::npos);
  EXPECT_EQ(response.draft().request_json().find("olena"), std::string::npos);
  EXPECT_NE(response.draft().request_json().find("\"task\":1"), std::string::npos);
  EXPECT_EQ(response.draft().register_mode(), v1::REGISTER_MODE_REAL);
  EXPECT_EQ(response.warnings_size(), 1);
  EXPECT_FALSE(response.has_fiscalization());
}

}  // namespace
}  // namespace kasa::api
