#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/api/fiscalization_handlers.h"
#include "tests/api/handlers_fixture.h"

// FiscalizePayment: what is decoded, and what is wrong with the request itself.
namespace kasa::api {
namespace {

class FiscalizePaymentTest : public HandlersTest {
 protected:
  absl::StatusOr<v1::FiscalizePaymentResponse> Send(v1::FiscalizePaymentRequest request) {
    return Call<v1::FiscalizePaymentResponse>(*handlers_, &FiscalizationHandlers::FiscalizePayment,
                                              std::move(request));
  }
  static v1::FiscalizePaymentRequest Right() {
    return With(v1::FiscalizePaymentRequest(),
                "payment_id: 'P-1' source_system: 'shop' direction: PAYMENT_DIRECTION_INCOMING "
                "payment { activated: true currency_code: 'UAH' "
                "payments { payment_method_id: 'card' amount_kopiykas: 100 } }");
  }

  void SetUp() override {
    HandlersTest::SetUp();
    handlers_.emplace(fiscalizer_, store(), executor_, Pages());
  }

  std::optional<FiscalizationHandlers> handlers_;
};

TEST_F(FiscalizePaymentTest, IsDecodedWhole) {
  const auto answered =
      Send(With(Right(),
                "money_place { cash_desk_id: 'desk-1' } "
                "paid_document { kind: DOCUMENT_KIND_SALE document_id: 'SO-1' source_system: 'erp' "
                "register_mode: REGISTER_MODE_TEST } max_wait { seconds: 3 } validate_only: true"));
  ASSERT_TRUE(answered.ok()) << answered.status();
  ASSERT_TRUE(fiscalizer_.asked.has_value());
  const engine::DocumentRequest& asked = *fiscalizer_.asked;
  EXPECT_EQ(asked.kind, domain::DocumentKind::kPayment);
  EXPECT_EQ(asked.document_id, "P-1");
  EXPECT_EQ(asked.source_system, "shop");
  EXPECT_TRUE(asked.validate_only);
  EXPECT_EQ(asked.max_wait, absl::Seconds(3));
  EXPECT_EQ(asked.document.direction, domain::PaymentDirection::kIncoming);
  EXPECT_EQ(asked.document.money_place, (domain::MoneyPlace{.cash_desk_id = "desk-1"}));
  EXPECT_EQ(asked.document.paid_document, (domain::DocumentName{.source_system = "erp",
                                                                .kind = domain::DocumentKind::kSale,
                                                                .document_id = "SO-1",
                                                                .mode = domain::RegisterMode::kTest}));
}

TEST_F(FiscalizePaymentTest, OutgoingReachesTheEngineWhichRefusesIt) {
  const auto answered = Send(With(Right(), "direction: PAYMENT_DIRECTION_OUTGOING"));
  ASSERT_TRUE(answered.ok());
  EXPECT_EQ(fiscalizer_.asked->document.direction, domain::PaymentDirection::kOutgoing);
}

TEST_F(FiscalizePaymentTest, BadRequests) {
  const std::string long_id(129, 'x');
  const std::string long_ids = absl::StrCat("payment_id: '", long_id, "'");
  const std::string long_system = absl::StrCat("source_system: '", std::string(65, 's'), "'");
  const BadRequest bad_requests[] = {
      {"payment_id: ''", "payment_id", Reason::kFieldRequired},
      {long_ids.c_str(), "payment_id", Reason::kFieldTooLong},
      {"payment_id: 'a\\nb'", "payment_id", Reason::kFieldInvalid},
      {"source_system: ''", "source_system", Reason::kFieldRequired},
      {long_system.c_str(), "source_system", Reason::kFieldTooLong},
      {"source_system: '\\t'", "source_system", Reason::kFieldInvalid},
      {"direction: 7", "direction", Reason::kFieldUnknown},
      {"payment { chain_role: 77 }", "payment.chain_role", Reason::kFieldUnknown},
      {"payment { payments { kind: 9 } }", "payment.payments[1].kind", Reason::kFieldUnknown},
      {"paid_document { document_id: 'SO-1' source_system: 'erp' }", "paid_document.kind",
       Reason::kFieldRequired},
      {"paid_document { kind: 8 document_id: 'SO-1' source_system: 'erp' }", "paid_document.kind",
       Reason::kFieldUnknown},
      {"paid_document { kind: DOCUMENT_KIND_SALE document_id: 'SO-1' source_system: 'e' register_mode: 5 }",
       "paid_document.register_mode", Reason::kFieldUnknown},
      {"max_wait { seconds: -1 }", "max_wait", Reason::kFieldInvalid},
      {"max_wait { seconds: 1 nanos: -1 }", "max_wait", Reason::kFieldInvalid},
  };
  for (const BadRequest& bad : bad_requests) {
    const auto answered = Send(With(Right(), bad.text));
    ExpectViolation(answered.status(), bad);
  }
  v1::FiscalizePaymentRequest empty = Right();
  empty.clear_payment();
  const auto answered = Send(std::move(empty));
  ExpectViolation(answered.status(), {"no payment", "payment", Reason::kFieldRequired});
  EXPECT_FALSE(fiscalizer_.asked.has_value()) << "the engine was asked nothing";
}

}  // namespace
}  // namespace kasa::api
