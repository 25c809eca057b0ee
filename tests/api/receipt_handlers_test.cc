#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/api/errors.h"
#include "tests/api/receipts_fixture.h"

namespace kasa::api {
namespace {

using engine::EngineOnSimulator;
using simulator::Fault;
using simulator::FaultKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kPhone[] = "+380671234567";
constexpr char kEmail[] = "olena@example.com";

v1::GetReceiptRequest ByNumber(const std::string& number, v1::ReceiptView view = v1::RECEIPT_VIEW_BASIC) {
  v1::GetReceiptRequest request;
  request.set_fiscal_number(number);
  request.set_view(view);
  return request;
}

v1::SendReceiptRequest Sending(const std::string& number, const std::string& request_id) {
  v1::SendReceiptRequest request;
  request.set_fiscal_number(number);
  request.set_request_id(request_id);
  request.set_phone(kPhone);
  request.set_email(kEmail);
  return request;
}

v1::GetTotalsRequest WithRegister() {
  v1::GetTotalsRequest request;
  request.set_integration_id(EngineOnSimulator::IntegrationId(1));
  request.set_compare_with_register(true);
  return request;
}

Fault OnNotifications(FaultKind kind) {
  Fault fault{.kind = kind};
  fault.call = simulator::Call::kNotifications;
  return fault;
}

// --- one receipt

TEST(GetReceipt, AsTextSaysThatATestReceiptIsNone) {
  Receipts receipts;
  const auto sold = receipts.Sell("so-1");
  const auto answer = receipts.Get(ByNumber(sold.receipt->fiscal_number, v1::RECEIPT_VIEW_TEXT));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->text(), HasSubstr("ТЕСТОВИЙ ЧЕК, НЕ ФІСКАЛЬНИЙ\n"));
  EXPECT_THAT(answer->text(), HasSubstr(sold.receipt->fiscal_number));
  EXPECT_THAT(answer->text(), HasSubstr("Кава\n"));
  EXPECT_EQ(receipts.Get(ByNumber(sold.receipt->fiscal_number))->text(), "");
}

TEST(GetReceipt, TellsWhatTheRegisterToldAndInventsNothing) {
  Receipts receipts({.switches = {.qr = simulator::Qr::kEmpty}});
  const auto sold = receipts.Sell("so-1");
  const auto answer = receipts.Get(ByNumber(sold.receipt->fiscal_number));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->receipt().qr_text(), "");
  EXPECT_EQ(answer->receipt().sts_url(), "");
  EXPECT_FALSE(answer->receipt().date_differs());
  EXPECT_EQ(answer->receipt().shift_number(), "1");
  EXPECT_TRUE(answer->receipt().has_fiscal_time());
}

TEST(GetReceipt, FindsTheTaxServicesPageOnceAndRemembersIt) {
  Receipts receipts({.real_registers = true});
  const auto sold = receipts.Sell("so-1");
  const std::string number = sold.receipt->fiscal_number;
  const auto answer = receipts.Get(ByNumber(number));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->receipt().sts_url(), testing::StartsWith("https://cabinet.tax.gov.ua/cashregs/check?"));
  EXPECT_EQ(receipts.gateway().store().FindByFiscalNumber(number, "")->receipt->sts_url,
            answer->receipt().sts_url());
  v1::ListReceiptsRequest list;
  EXPECT_EQ(receipts.List(list)->receipts(0).sts_url(), answer->receipt().sts_url());
}

TEST(GetReceipt, IsNotReadForACallerWhoWentAway) {
  Receipts receipts;
  v1::GetReceiptRequest request;
  request.set_fiscalization_id(receipts.Sell("SO-1").id);
  ASSERT_TRUE(receipts.Get(request).ok());
  const auto answer =
      receipts.Call(&ReceiptHandlers::GetReceipt, request, CallContext{.is_over = [] { return true; }});
  EXPECT_TRUE(absl::IsCancelled(answer.status())) << answer.status();
}

// --- lists

TEST(ListReceipts, GoesPageByPageAndATokenIsBoundToItsFilters) {
  Receipts receipts({.registers = 2});
  for (int i = 0; i < 5; ++i) receipts.Sell(absl::StrCat("so-", i), 100 + i, i == 4 ? 2 : 1);
  v1::ListReceiptsRequest request;
  request.set_page_size(2);
  request.set_integration_id(EngineOnSimulator::IntegrationId(1));
  std::vector<std::string> ids;
  v1::ListReceiptsResponse page;
  do {
    const auto answer = receipts.List(request);
    ASSERT_TRUE(answer.ok()) << answer.status();
    page = *answer;
    for (const v1::Receipt& receipt : page.receipts()) ids.push_back(receipt.document().document_id());
    if (ids.size() == 2) {
      v1::ListReceiptsRequest other = request;
      other.set_page_token(page.next_page_token());
      other.clear_integration_id();
      EXPECT_EQ(ViolationsOf(receipts.List(other).status()).at(0).reason, Reason::kPageTokenInvalid);
    }
    request.set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty());
  EXPECT_THAT(ids, testing::UnorderedElementsAre("so-0", "so-1", "so-2", "so-3"));
}

// --- totals

TEST(GetTotals, OfAPeriodAreThoseOfItsReceipts) {
  Receipts receipts;
  receipts.Sell("so-1", 4500);
  receipts.Sell("so-2", 500);
  v1::GetTotalsRequest request;
  request.set_integration_id(EngineOnSimulator::IntegrationId(1));
  request.mutable_fiscal_time_from()->set_seconds(0);
  request.mutable_fiscal_time_before()->set_seconds(4'000'000'000);
  const auto answer = receipts.Totals(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->totals().sale_count(), 2);
  EXPECT_EQ(answer->totals().sales_kopiykas(), 5000);
  ASSERT_EQ(answer->totals().payment_types_size(), 1);
  EXPECT_EQ(answer->totals().payment_types(0).payment_type(), 2);
  EXPECT_EQ(answer->totals().payment_types(0).received_kopiykas(), 5000);
  EXPECT_FALSE(answer->has_register_totals());
  request.mutable_fiscal_time_before()->set_seconds(1);
  EXPECT_EQ(receipts.Totals(request)->totals().sale_count(), 0);
}

TEST(GetTotals, AgreeWithTheRegistersOwn) {
  for (const bool omits_shift_dt : {false, true}) {
    Receipts receipts({.switches = {.status_omits_shift_dt = omits_shift_dt}});
    receipts.Sell("so-1", 4500);
    receipts.Sell("so-2", 500);
    const auto answer = receipts.Totals(WithRegister());
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_THAT(answer->differences(), IsEmpty()) << answer->DebugString();
    EXPECT_EQ(answer->totals().sales_kopiykas(), 5000);
    EXPECT_EQ(answer->register_totals().sales_kopiykas(), 5000);
    EXPECT_EQ(answer->register_totals().tax_groups(0).sales_kopiykas(), 5000);
    EXPECT_EQ(answer->in_doubt(), 0);
    EXPECT_THAT(answer->not_compared(), ElementsAre("sales_rounding_kopiykas", "returns_rounding_kopiykas"));
  }
}

TEST(GetTotals, NameWhatAnotherHandSoldOnTheRegister) {
  Receipts receipts;
  receipts.Sell("so-1", 4500);
  const auto changed =
      receipts.gateway().cloud().WithRegister(EngineOnSimulator::kFisid, [](simulator::Register& reg) {
        simulator::ExecuteRequest request;
        request.body = std::make_shared<const std::string>("{}");
        request.task = 1;
        request.tag = "another-hand";
        simulator::Row row;
        row.name = "Чай";
        row.count = 1000;
        row.price = row.amount = 700;
        row.tax_group = 2;
        request.receipt.rows = {row};
        request.receipt.sum = request.receipt.total = 700;
        request.receipt.pays = {{.type = 0, .sum = 700}};
        ASSERT_TRUE(reg.Judge(request).ok());
      });
  ASSERT_TRUE(changed.ok());
  const auto answer = receipts.Totals(WithRegister());
  ASSERT_TRUE(answer.ok()) << answer.status();
  std::vector<std::string> figures;
  for (const v1::TotalsDifference& difference : answer->differences()) figures.push_back(difference.figure());
  EXPECT_THAT(figures, ElementsAre("sale_count", "sales_kopiykas", "tax_groups[2].sales_kopiykas",
                                   "payment_types[0].received_kopiykas"));
  EXPECT_EQ(answer->differences(1).gateway_value(), 4500);
  EXPECT_EQ(answer->differences(1).register_value(), 5200);
}

TEST(GetTotals, WithoutAnOpenShiftThereIsNothingToCompare) {
  Receipts receipts;
  const auto answer = receipts.Totals(WithRegister());
  EXPECT_EQ(ReasonOf(answer.status()), Reason::kShiftClosed) << answer.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(answer.status()));
}

TEST(GetTotals, TellABadTokenFromAnUnreachableRegister) {
  Receipts receipts;
  receipts.Sell("so-1");
  Fault down{.kind = FaultKind::kHttpStatus};
  down.task = 10;
  down.status = 503;
  ASSERT_TRUE(receipts.gateway().cloud().AddFault(down).ok());
  const auto unreachable = receipts.Totals(WithRegister());
  EXPECT_TRUE(absl::IsUnavailable(unreachable.status())) << unreachable.status();
  ASSERT_TRUE(receipts.gateway().cloud().ReplaceToken(EngineOnSimulator::kFisid, "another").ok());
  const auto refused = receipts.Totals(WithRegister());
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kTokenRefused) << refused.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
}

TEST(GetTotals, OfAnIntegrationThatIsNotThere) {
  Receipts receipts;
  v1::GetTotalsRequest request = WithRegister();
  request.set_integration_id("none");
  EXPECT_EQ(ReasonOf(receipts.Totals(request).status()), Reason::kIntegrationNotFound);
}

// --- sending

TEST(SendReceipt, CommandsEachChannelOnceForARequestId) {
  Receipts receipts;
  const std::string number = receipts.Sell("so-1").receipt->fiscal_number;
  const auto first = receipts.Send(Sending(number, "r-1"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->replayed());
  ASSERT_EQ(first->sendings_size(), 2);
  for (const v1::ReceiptSending& sending : first->sendings()) {
    EXPECT_EQ(sending.outcome(), v1::SENDING_OUTCOME_TAKEN) << sending.DebugString();
    EXPECT_TRUE(sending.has_answer_time());
    EXPECT_EQ(sending.request_id(), "r-1");
  }
  EXPECT_EQ(first->sendings(0).recipient_masked(), "+380*****4567");
  EXPECT_EQ(first->sendings(1).recipient_masked(), "o***@example.com");
  const auto again = receipts.Send(Sending(number, "r-1"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->sendings(0).SerializeAsString(), first->sendings(0).SerializeAsString());
  EXPECT_EQ(receipts.notifications(), 2u);
  v1::SendReceiptRequest other = Sending(number, "r-1");
  other.set_email("oksana@example.com");
  EXPECT_EQ(ReasonOf(receipts.Send(other).status()), Reason::kRequestIdUsed);
  EXPECT_EQ(receipts.notifications(), 2u);
}

TEST(SendReceipt, ManyAtOnceWithOneRequestIdCommandOnce) {
  Receipts receipts;
  const std::string number = receipts.Sell("so-1").receipt->fiscal_number;
  std::vector<std::future<absl::StatusOr<v1::SendReceiptResponse>>> calls;
  for (int i = 0; i < 20; ++i) {
    calls.push_back(std::async(std::launch::async, [&] { return receipts.Send(Sending(number, "r-1")); }));
  }
  int first = 0;
  for (auto& call : calls) {
    const auto answer = call.get();
    ASSERT_TRUE(answer.ok()) << answer.status();
    first += answer->replayed() ? 0 : 1;
  }
  EXPECT_EQ(first, 1);
  EXPECT_EQ(receipts.notifications(), 2u);
}

TEST(SendReceipt, ALostAnswerIsUnknownAndNeverRepeated) {
  for (const FaultKind lost : {FaultKind::kCutAfterBody, FaultKind::kNoAnswerAfterCommit}) {
    Receipts receipts;
    const auto sold = receipts.Sell("so-1");
    Fault fault = OnNotifications(lost);
    if (lost == FaultKind::kCutAfterBody) fault.committed = true;
    ASSERT_TRUE(receipts.gateway().cloud().AddFault(fault).ok());
    v1::SendReceiptRequest request = Sending(sold.receipt->fiscal_number, "r-1");
    request.clear_email();
    const auto answer = receipts.Send(request);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->sendings(0).outcome(), v1::SENDING_OUTCOME_UNKNOWN);
    EXPECT_EQ(answer->sendings(0).reason(), "ANSWER_LOST");
    EXPECT_FALSE(answer->sendings(0).has_answer_time());
    EXPECT_EQ(receipts.Send(request)->sendings(0).outcome(), v1::SENDING_OUTCOME_UNKNOWN);
    EXPECT_EQ(receipts.notifications(), 1u);
  }
}

TEST(SendReceipt, ARefusalLeavesTheReceiptAsItIs) {
  Receipts receipts;
  const auto sold = receipts.Sell("so-1");
  Fault fault = OnNotifications(FaultKind::kHttpStatus);
  fault.status = 400;
  fault.body = absl::StrCat(R"({"detail":"no such subscriber )", kPhone, "\"}");
  ASSERT_TRUE(receipts.gateway().cloud().AddFault(fault).ok());
  v1::SendReceiptRequest request = Sending(sold.receipt->fiscal_number, "r-1");
  request.clear_email();
  const auto answer = receipts.Send(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->sendings(0).outcome(), v1::SENDING_OUTCOME_REFUSED);
  EXPECT_EQ(answer->sendings(0).reason(), "SENDING_REFUSED");
  EXPECT_THAT(answer->sendings(0).message(), HasSubstr("no such subscriber +380*****4567"));
  const auto now = receipts.gateway().Get(sold.id);
  EXPECT_EQ(now->state, domain::State::kFiscalized);
  EXPECT_EQ(now->revision, sold.revision);
  const auto page = receipts.gateway().store().sends().ListExchanges(sold.id, 0, 50);
  for (const store::Exchange& exchange : page->exchanges) {
    EXPECT_THAT(exchange.request + exchange.answer, Not(HasSubstr("671234567")));
  }
}

TEST(SendReceipt, WhatIsNotAnsweredInTimeIsInFlightAndUnknownAfterACrash) {
  Receipts receipts;
  const std::string number = receipts.Sell("so-1").receipt->fiscal_number;
  Fault fault = OnNotifications(FaultKind::kNoAnswerBeforeCommit);
  ASSERT_TRUE(receipts.gateway().cloud().AddFault(fault).ok());
  v1::SendReceiptRequest request = Sending(number, "r-1");
  request.clear_email();
  const auto answer = receipts.Send(request, absl::Milliseconds(1));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->sendings(0).outcome(), v1::SENDING_OUTCOME_IN_FLIGHT);
  receipts.CrashAndStart();
  const auto again = receipts.Send(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->sendings(0).outcome(), v1::SENDING_OUTCOME_UNKNOWN);
  EXPECT_EQ(receipts.notifications(), 0u);
}

TEST(SendReceipt, OfAReceiptThatIsNotThere) {
  Receipts receipts;
  EXPECT_EQ(ReasonOf(receipts.Send(Sending("none", "r-1")).status()), Reason::kReceiptNotFound);
}

TEST(SendReceipt, WithoutATokenNothingIsBegun) {
  Receipts receipts;
  const std::string number = receipts.Sell("so-1").receipt->fiscal_number;
  receipts.gateway().Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.token = Secret();
    return absl::OkStatus();
  });
  EXPECT_EQ(ReasonOf(receipts.Send(Sending(number, "r-1")).status()), Reason::kTokenMissing);
  EXPECT_THAT(receipts.Sendings()->sendings(), IsEmpty());
}

TEST(SendReceipt, ContactsThatGoWithASaleAreSendingsToo) {
  Receipts receipts;
  receipts.gateway().Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.integration.send_email = true;
    return absl::OkStatus();
  });
  engine::DocumentRequest sale = receipts.gateway().Sale("so-1");
  sale.document.buyer = {.phone = kPhone, .email = kEmail};
  const auto sold = receipts.gateway().Fiscalize(std::move(sale));
  ASSERT_TRUE(sold.ok() && sold->fiscalization->receipt) << sold.status();
  v1::ListReceiptSendingsRequest of_receipt;
  of_receipt.set_fiscal_number(sold->fiscalization->receipt->fiscal_number);
  const auto listed = receipts.Sendings(of_receipt);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_THAT(listed->sendings(), SizeIs(1));
  EXPECT_EQ(listed->sendings(0).channel(), v1::SENDING_CHANNEL_EMAIL);
  EXPECT_EQ(listed->sendings(0).outcome(), v1::SENDING_OUTCOME_TAKEN);
  EXPECT_EQ(listed->sendings(0).request_id(), "");
  EXPECT_EQ(listed->sendings(0).recipient_masked(), "o***@example.com");
  EXPECT_EQ(receipts.notifications(), 0u);
}

TEST(ListReceiptSendings, GoesPageByPage) {
  Receipts receipts;
  const std::string number = receipts.Sell("so-1").receipt->fiscal_number;
  for (int i = 0; i < 3; ++i) {
    v1::SendReceiptRequest request = Sending(number, absl::StrCat("r-", i));
    request.clear_email();
    ASSERT_TRUE(receipts.Send(request).ok());
  }
  v1::ListReceiptSendingsRequest request;
  request.set_page_size(2);
  const auto first = receipts.Sendings(request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(first->sendings(), SizeIs(2));
  request.set_page_token(first->next_page_token());
  const auto second = receipts.Sendings(request);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_THAT(second->sendings(), SizeIs(1));
  EXPECT_EQ(second->sendings(0).request_id(), "r-2");
  EXPECT_EQ(second->next_page_token(), "");
}

}  // namespace
}  // namespace kasa::api
