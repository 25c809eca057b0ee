#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/money.h"
#include "tools/demo_client/next_steps.h"
#include "tools/demo_client/receipt_text.h"
#include "tools/demo_client/sale.h"

namespace kasa::demo {
namespace {

using ::testing::Each;
using ::testing::EndsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr absl::CivilDay kToday(2026, 11, 23);

// What a shell prints for the command.
std::string OutputOf(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  char buffer[4096];
  while (const size_t size = std::fread(buffer, 1, sizeof(buffer), pipe.get())) output.append(buffer, size);
  return output;
}

TEST(Quoted, IsOneWordForAShellWhateverIsInIt) {
  for (const std::string text : {"", "plain", "O'Neil's", "''", "$HOME `id` \"x\" \\ ; & | * кава\n\ttab"}) {
    EXPECT_EQ(OutputOf(absl::StrCat("printf %s ", Quoted(text))), text);
  }
}

TEST(DemoSale, IsPaidExactly) {
  const v1::FiscalizeSaleRequest request = DemoSale("DN-1", kToday);
  EXPECT_EQ(request.sale().document_date(), "2026-11-23");
  Money due;
  for (const v1::Line& line : request.sale().lines()) {
    due = *Add(due, *Multiply(Quantity::FromThousandths(line.quantity_thousandths()),
                              Money::FromKopiykas(line.price_kopiykas())));
  }
  Money paid;
  for (const v1::Payment& payment : request.sale().payments()) {
    paid = *Add(paid, Money::FromKopiykas(payment.amount_kopiykas()));
  }
  EXPECT_EQ(paid.ToDecimal(), due.ToDecimal());
}

TEST(NextSteps, AreCommandsThatAShellHandsOverAsTheyAreMeant) {
  const v1::FiscalizeSaleRequest sale = DemoSale("it's $one", kToday);
  v1::Fiscalization fiscalization;
  fiscalization.set_fiscalization_id("fz-1");
  // In grpcurl's place, a command that prints what -d was followed by.
  const auto steps =
      NextSteps("printf '%.0s%.0s%s%.0s%.0s'", "127.0.0.1:50051", sale, FaultySale(kToday), fiscalization);
  EXPECT_THAT(steps, Each(Field(&NextStep::command, HasSubstr(" -plaintext "))));
  EXPECT_THAT(steps.front().command, EndsWith(" 127.0.0.1:50051 list"));
  for (const NextStep& step : steps) EXPECT_EQ(step.command.find('\n'), std::string::npos);

  EXPECT_THAT(steps[2].command, EndsWith(" 127.0.0.1:50051 kasa.v1.FiscalizationService/FiscalizeSale"));
  v1::FiscalizeSaleRequest again;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(OutputOf(steps[2].command), &again).ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(again, sale)) << again.DebugString();
}

TEST(ReceiptText, TellsWhatAPersonAsksFirst) {
  v1::Fiscalization fiscalization;
  v1::Receipt& receipt = *fiscalization.mutable_receipt();
  receipt.set_fiscal_number("TEST_42");
  receipt.set_total_kopiykas(341'00);
  receipt.set_register_mode(v1::REGISTER_MODE_TEST);
  receipt.set_view_url("https://kasa.example/42");
  fiscalization.mutable_draft()->set_sum_kopiykas(340'90);
  fiscalization.mutable_draft()->set_rounding_kopiykas(10);
  const std::string text = ReceiptText(fiscalization);
  EXPECT_THAT(text, HasSubstr("TEST_42"));
  EXPECT_THAT(text, HasSubstr("341.00 UAH\n"));
  EXPECT_THAT(text, HasSubstr("340.90 UAH before cash was rounded"));
  EXPECT_THAT(text, HasSubstr("no legal force"));
  EXPECT_THAT(text, HasSubstr("https://kasa.example/42"));
  receipt.set_register_mode(v1::REGISTER_MODE_REAL);
  EXPECT_THAT(ReceiptText(fiscalization), HasSubstr("REAL"));
}

TEST(NoReceiptText, TellsWhyAndWhatToDo) {
  v1::Fiscalization fiscalization;
  fiscalization.set_state(v1::FISCALIZATION_STATE_FAILED);
  fiscalization.mutable_failure()->set_reason("PAYMENT_TYPE_NOT_ENABLED");
  fiscalization.mutable_failure()->set_remedy("enable it");
  fiscalization.mutable_failure()->mutable_upstream()->set_errortxt("Тип оплати не дозволено");
  const std::string text = NoReceiptText(fiscalization);
  EXPECT_THAT(text, StartsWith("there is no receipt: "));
  EXPECT_THAT(text, HasSubstr("PAYMENT_TYPE_NOT_ENABLED"));
  EXPECT_THAT(text, HasSubstr("enable it"));
  EXPECT_THAT(text, HasSubstr("Тип оплати не дозволено"));
  fiscalization.set_state(v1::FISCALIZATION_STATE_IN_DOUBT);
  EXPECT_THAT(NoReceiptText(fiscalization), StartsWith("there is no receipt yet: "));
}

}  // namespace
}  // namespace kasa::demo
