#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// Returns against their sale, on a register: what is decided in the store's transaction, and what races.
namespace kasa::engine {
namespace {

using domain::DocumentKind;
using domain::State;
using simulator::Fault;
using simulator::FaultKind;

constexpr int kReturnTask = 2;

Fault OfReturns(FaultKind kind) {
  Fault fault{.kind = kind};
  fault.task = kReturnTask;
  fault.committed = false;
  return fault;
}

Fault RefusedReturn(int res) {
  Fault fault = OfReturns(FaultKind::kRefusal);
  fault.res = res;
  fault.res_action = 3;
  return fault;
}

// `count` coffees at `price`, by card.
DocumentRequest SaleOf(const EngineOnSimulator& gateway, const std::string& id, int64_t count,
                       int64_t price = 4500, int at = 1) {
  DocumentRequest sale = gateway.Sale(id, price, at);
  sale.document.lines[0].quantity = Quantity::FromThousandths(count * 1000);
  sale.document.payments[0].amount = Money::FromKopiykas(count * price);
  return sale;
}

// Of that sale, `count` at `price`; names no integration.
DocumentRequest ReturnOf(const EngineOnSimulator& gateway, const std::string& sale_id, const std::string& id,
                         int64_t count, int64_t price = 4500) {
  DocumentRequest back = SaleOf(gateway, id, count, price);
  back.kind = DocumentKind::kReturn;
  back.document.integration_id = "";
  back.document.order_id = "";
  back.document.original_sale = domain::OriginalSale{
      .document = domain::DocumentName{"test", DocumentKind::kSale, sale_id, std::nullopt},
      .fiscal_number = ""};
  return back;
}

std::vector<simulator::LedgerEntry> ReturnsIn(const EngineOnSimulator& gateway) {
  std::vector<simulator::LedgerEntry> returns = gateway.Receipts();
  std::erase_if(returns, [](const simulator::LedgerEntry& entry) { return entry.task != kReturnTask; });
  return returns;
}

int64_t PaidBack(const EngineOnSimulator& gateway) {
  int64_t sum = 0;
  for (const simulator::LedgerEntry& entry : ReturnsIn(gateway)) sum += entry.receipt.total;
  return sum;
}

TEST(Return, BecomesAReturnReceiptThatTellsTheSales) {
  EngineOnSimulator gateway({});
  const auto sold = gateway.Fiscalize(SaleOf(gateway, "s-1", 2));
  ASSERT_TRUE(sold.ok()) << sold.status();
  const auto back = gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-1", 2));
  ASSERT_TRUE(back.ok()) << back.status();
  ASSERT_TRUE(back->fiscalization);
  EXPECT_EQ(back->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(back->fiscalization->integration_id, EngineOnSimulator::IntegrationId(1));
  EXPECT_EQ(back->fiscalization->original_id, sold->fiscalization->id);
  EXPECT_EQ(back->fiscalization->order_id, "s-1");
  const auto returns = ReturnsIn(gateway);
  ASSERT_EQ(returns.size(), 1U);
  EXPECT_EQ(returns[0].receipt.total, 9000);
  EXPECT_NE(
      returns[0].body->find(absl::StrCat("\"comment_down\":\"", sold->fiscalization->receipt->fiscal_number)),
      std::string::npos)
      << *returns[0].body;
}

TEST(Return, SentAgainIsReplayedAndOtherContentIsRefused) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.Fiscalize(SaleOf(gateway, "s-1", 2)).ok());
  ASSERT_TRUE(gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-1", 2)).ok());
  const auto again = gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-1", 2));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed);
  const auto other = gateway.Fiscalize(ReturnOf(gateway, "s-2", "r-1", 2));
  EXPECT_EQ(ReasonOf(other.status()), Reason::kDocumentContentDiffers) << other.status();
  EXPECT_EQ(ReturnsIn(gateway).size(), 1U);
}

TEST(Return, IsCheckedOnlyWhenAsked) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.Fiscalize(SaleOf(gateway, "s-1", 2)).ok());
  DocumentRequest back = ReturnOf(gateway, "s-1", "r-1", 1);
  back.validate_only = true;
  const auto checked = gateway.Fiscalize(back);
  ASSERT_TRUE(checked.ok()) << checked.status();
  ASSERT_TRUE(checked->draft);
  EXPECT_FALSE(checked->fiscalization);
  EXPECT_TRUE(ReturnsIn(gateway).empty());
  back.validate_only = false;
  ASSERT_TRUE(gateway.Fiscalize(back).ok());
  EXPECT_EQ(*ReturnsIn(gateway)[0].body, checked->request_json);
}

TEST(Return, OfWhatWasNotSentIsNotFound) {
  EngineOnSimulator gateway({});
  const auto back = gateway.Fiscalize(ReturnOf(gateway, "nowhere", "r-1", 1));
  EXPECT_EQ(back.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(back.status()), Reason::kFiscalizationNotFound);
}

TEST(Return, OfASaleInDoubtHasToWait) {
  EngineOnSimulator gateway({.tag_memory = domain::TagMemory::kUnproven});
  Fault lost{.kind = FaultKind::kCutAfterBody};
  lost.task = 1;
  lost.committed = true;
  ASSERT_TRUE(gateway.cloud().AddFault(lost).ok());
  const auto sold = gateway.Fiscalize(SaleOf(gateway, "s-1", 1), absl::ZeroDuration());
  ASSERT_TRUE(sold.ok()) << sold.status();
  ASSERT_TRUE(
      gateway.AwaitThat([&] { return gateway.Get(sold->fiscalization->id)->state == State::kInDoubt; }));
  const auto back = gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-1", 1));
  EXPECT_EQ(ReasonOf(back.status()), Reason::kSaleNotFiscalized) << back.status();
  EXPECT_TRUE(RetryDelayOf(back.status()));
}

TEST(Return, OfASaleThatFailedOrWasCancelledIsRefusedForGood) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.cloud().AddFault(RefusalOf(1, 1110)).ok());
  ASSERT_TRUE(gateway.Fiscalize(SaleOf(gateway, "s-1", 1)).ok());
  const auto back = gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-1", 1));
  EXPECT_EQ(ReasonOf(back.status()), Reason::kSaleNotFiscalized);
  EXPECT_FALSE(RetryDelayOf(back.status()));
  EXPECT_EQ(FactsOf(back.status())["state"], "FAILED");
}

TEST(Return, GoesToTheRegisterOfItsSale) {
  EngineOnSimulator gateway({.registers = 2});
  ASSERT_TRUE(gateway.Fiscalize(SaleOf(gateway, "s-2", 1, 4500, 2)).ok());
  DocumentRequest elsewhere = ReturnOf(gateway, "s-2", "r-1", 1);
  elsewhere.document.integration_id = EngineOnSimulator::IntegrationId(1);
  const auto refused = gateway.Fiscalize(elsewhere);
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kSaleOnOtherRegister) << refused.status();
  EXPECT_EQ(FactsOf(refused.status())["register_fiscal_number"], "4000000002");
  const auto back = gateway.Fiscalize(ReturnOf(gateway, "s-2", "r-1", 1));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->fiscalization->register_fiscal_number, "4000000002");
}

TEST(Return, OfATestSaleIsNoRealOne) {
  EngineOnSimulator gateway({});
  const auto sold = gateway.Fiscalize(SaleOf(gateway, "s-1", 1));
  ASSERT_TRUE(sold.ok()) << sold.status();
  gateway.Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.integration.pinned_register->mode = domain::RegisterMode::kReal;
    return absl::OkStatus();
  });
  EXPECT_EQ(ReasonOf(gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-1", 1)).status()),
            Reason::kSaleOnOtherRegister);
  DocumentRequest by_number = ReturnOf(gateway, "s-1", "r-2", 1);
  by_number.document.integration_id = EngineOnSimulator::IntegrationId(1);
  by_number.document.original_sale =
      domain::OriginalSale{.document = std::nullopt, .fiscal_number = "TEST_of-another-till"};
  EXPECT_EQ(ReasonOf(gateway.Fiscalize(by_number).status()), Reason::kSaleOnOtherRegister);
}

TEST(Return, ByFiscalNumberOfOurOwnReceiptCountsWithThoseByDocument) {
  EngineOnSimulator gateway({});
  const auto sold = gateway.Fiscalize(SaleOf(gateway, "s-1", 2));
  DocumentRequest by_number = ReturnOf(gateway, "s-1", "r-1", 1);
  by_number.document.integration_id = EngineOnSimulator::IntegrationId(1);
  by_number.document.original_sale = domain::OriginalSale{
      .document = std::nullopt, .fiscal_number = sold->fiscalization->receipt->fiscal_number};
  const auto first = gateway.Fiscalize(by_number);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->fiscalization->original_id, sold->fiscalization->id);
  EXPECT_EQ(first->fiscalization->draft.rows[0].original_row, 1);
  ASSERT_TRUE(gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-2", 1)).ok());
  by_number.document_id = "r-3";
  EXPECT_EQ(ReasonOf(gateway.Fiscalize(by_number).status()), Reason::kReturnExceedsSale);
}

TEST(Return, OfAReturnIsRefused) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.Fiscalize(SaleOf(gateway, "s-1", 1)).ok());
  const auto first = gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-1", 1));
  DocumentRequest again = ReturnOf(gateway, "s-1", "r-2", 1);
  again.document.integration_id = EngineOnSimulator::IntegrationId(1);
  again.document.original_sale = domain::OriginalSale{
      .document = std::nullopt, .fiscal_number = first->fiscalization->receipt->fiscal_number};
  const auto refused = gateway.Fiscalize(again);
  ASSERT_TRUE(refused.ok()) << refused.status();
  ASSERT_EQ(refused->violations.size(), 1U);
  EXPECT_EQ(refused->violations[0].field, "original_sale");
}

TEST(Return, ThatFailedFreesItsPartAndItsRetryIsDecidedAgain) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.Fiscalize(SaleOf(gateway, "s-1", 2)).ok());
  ASSERT_TRUE(gateway.cloud().AddFault(RefusedReturn(1110)).ok());
  const auto failed = gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-1", 2));
  ASSERT_TRUE(failed.ok()) << failed.status();
  ASSERT_EQ(failed->fiscalization->state, State::kFailed);
  ASSERT_TRUE(gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-2", 1)).ok());
  EXPECT_EQ(ReasonOf(gateway.Retry(failed->fiscalization->id).status()), Reason::kReturnExceedsSale);
  // Corrected, it fits.
  const auto corrected = gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-1", 1));
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_EQ(corrected->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(PaidBack(gateway), 9000);
}

TEST(Return, InDoubtCounts) {
  EngineOnSimulator gateway({.tag_memory = domain::TagMemory::kUnproven});
  ASSERT_TRUE(gateway.Fiscalize(SaleOf(gateway, "s-1", 2)).ok());
  ASSERT_TRUE(gateway.cloud().AddFault(OfReturns(FaultKind::kCutAfterBody)).ok());
  const auto doubted = gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-1", 2), absl::ZeroDuration());
  ASSERT_TRUE(doubted.ok()) << doubted.status();
  ASSERT_TRUE(
      gateway.AwaitThat([&] { return gateway.Get(doubted->fiscalization->id)->state == State::kInDoubt; }));
  EXPECT_EQ(ReasonOf(gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-2", 1)).status()),
            Reason::kReturnExceedsSale);
}

// --- made elsewhere: the register has the receipt, and the gateway's store has not

DocumentRequest ReturnOfElsewhere(const EngineOnSimulator& gateway, const std::string& fiscal_number,
                                  const std::string& id, int64_t count) {
  DocumentRequest back = ReturnOf(gateway, "", id, count);
  back.document.integration_id = EngineOnSimulator::IntegrationId(1);
  back.document.original_sale =
      domain::OriginalSale{.document = std::nullopt, .fiscal_number = fiscal_number};
  return back;
}

// Sells `count` coffees, and forgets it.
std::string SoldElsewhere(EngineOnSimulator& gateway, int64_t count) {
  const auto sold = gateway.Fiscalize(SaleOf(gateway, "s-1", count));
  EXPECT_TRUE(sold.ok()) << sold.status();
  gateway.LoseStore();
  return sold->fiscalization->receipt->fiscal_number;
}

TEST(ReturnOfElsewhere, IsHeldAgainstWhatTheRegisterTells) {
  EngineOnSimulator gateway({});
  const std::string number = SoldElsewhere(gateway, 2);
  const auto first = gateway.Fiscalize(ReturnOfElsewhere(gateway, number, "r-1", 1));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(first->fiscalization->draft.rows[0].original_row, 1);
  EXPECT_EQ(first->fiscalization->original_id, "");
  EXPECT_EQ(first->fiscalization->original_fiscal_number, number);
  EXPECT_EQ(ReasonOf(gateway.Fiscalize(ReturnOfElsewhere(gateway, number, "r-2", 2)).status()),
            Reason::kReturnExceedsSale);
  DocumentRequest cheaper = ReturnOfElsewhere(gateway, number, "r-3", 1);
  cheaper.document.lines[0].price = Money::FromKopiykas(4400);
  const auto differs = gateway.Fiscalize(cheaper);
  ASSERT_TRUE(differs.ok()) << differs.status();
  EXPECT_EQ(differs->violations[0].reason, Reason::kDiffersFromSale);
  // What the register said is kept for the audit.
  const auto exchanges = gateway.store().sends().ListExchanges(first->fiscalization->id, 0, 10);
  ASSERT_TRUE(exchanges.ok());
  EXPECT_TRUE(std::any_of(exchanges->exchanges.begin(), exchanges->exchanges.end(), [](const auto& exchange) {
    return exchange.kind == store::ExchangeKind::kCheckTask;
  }));
}

TEST(ReturnOfElsewhere, ThatTheRegisterDoesNotTellIsTakenWithWarnings) {
  simulator::Switches switches;
  switches.check_task = simulator::CheckTask::kNotFound;
  EngineOnSimulator gateway({.switches = switches});
  const auto back = gateway.Fiscalize(ReturnOfElsewhere(gateway, "TEST_unknown", "r-1", 1));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->fiscalization->state, State::kFiscalized);
  EXPECT_TRUE(std::any_of(back->warnings.begin(), back->warnings.end(), [](const domain::Notice& warning) {
    return warning.reason == Reason::kOriginalNotChecked &&
           absl::StrContains(warning.message, "no more is returned than was sold could not be checked");
  }));
}

TEST(ReturnOfElsewhere, AReturnIsRefused) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.Fiscalize(SaleOf(gateway, "s-1", 1)).ok());
  const auto first = gateway.Fiscalize(ReturnOf(gateway, "s-1", "r-1", 1));
  ASSERT_TRUE(first.ok()) << first.status();
  gateway.LoseStore();
  const auto refused =
      gateway.Fiscalize(ReturnOfElsewhere(gateway, first->fiscalization->receipt->fiscal_number, "r-2", 1));
  ASSERT_TRUE(refused.ok()) << refused.status();
  ASSERT_EQ(refused->violations.size(), 1U);
  EXPECT_EQ(refused->violations[0].field, "original_sale");
}

// From many threads at once, each of `requests` once; what came of each.
std::vector<absl::StatusOr<FiscalizeOutcome>> AllAtOnce(EngineOnSimulator& gateway,
                                                        const std::vector<DocumentRequest>& requests) {
  std::vector<absl::StatusOr<FiscalizeOutcome>> outcomes(requests.size(), absl::UnknownError("not called"));
  std::vector<std::thread> callers;
  callers.reserve(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    callers.emplace_back([&, i] { outcomes[i] = gateway.Fiscalize(requests[i]); });
  }
  for (std::thread& caller : callers) caller.join();
  return outcomes;
}

TEST(RacingReturns, OfOneSaleNeverGiveBackMoreThanWasSold) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.Fiscalize(SaleOf(gateway, "s-1", 5)).ok());
  std::vector<DocumentRequest> requests;
  for (int i = 0; i < 24; ++i) requests.push_back(ReturnOf(gateway, "s-1", absl::StrCat("r-", i), 1));
  int accepted = 0;
  for (const auto& outcome : AllAtOnce(gateway, requests)) {
    if (outcome.ok()) {
      ASSERT_TRUE(outcome->violations.empty());
      EXPECT_EQ(outcome->fiscalization->state, State::kFiscalized);
      ++accepted;
    } else {
      EXPECT_EQ(ReasonOf(outcome.status()), Reason::kReturnExceedsSale) << outcome.status();
    }
  }
  EXPECT_EQ(accepted, 5);
  EXPECT_EQ(PaidBack(gateway), 5 * 4500);
}

TEST(RacingReturns, WholeAgainstWholeIsOne) {
  EngineOnSimulator gateway({});
  for (int round = 0; round < 10; ++round) {
    const std::string sale = absl::StrCat("s-", round);
    ASSERT_TRUE(gateway.Fiscalize(SaleOf(gateway, sale, 2)).ok());
    const auto outcomes = AllAtOnce(
        gateway, {ReturnOf(gateway, sale, sale + "-a", 2), ReturnOf(gateway, sale, sale + "-b", 2)});
    EXPECT_EQ(outcomes[0].ok() + outcomes[1].ok(), 1) << outcomes[0].status() << outcomes[1].status();
  }
  EXPECT_EQ(PaidBack(gateway), 10 * 9000);
}

TEST(RacingReturns, WhoseShareChangedMeanwhileAreToldTheNewOne) {
  // 3 x 33.33 less 0.01: 33.33, 33.32, 33.33 in turn. Whoever is first gets the first share.
  EngineOnSimulator gateway({});
  DocumentRequest sale = SaleOf(gateway, "s-1", 3, 3333);
  sale.document.discount = Money::FromKopiykas(1);
  sale.document.payments[0].amount = Money::FromKopiykas(9998);
  ASSERT_TRUE(gateway.Fiscalize(sale).ok());
  std::vector<DocumentRequest> requests;
  for (int i = 0; i < 8; ++i) requests.push_back(ReturnOf(gateway, "s-1", absl::StrCat("r-", i), 1, 3333));
  int accepted = 0;
  for (const auto& outcome : AllAtOnce(gateway, requests)) {
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    if (outcome->violations.empty()) {
      ++accepted;
      continue;
    }
    EXPECT_EQ(outcome->violations[0].reason, Reason::kPaymentsDoNotCover);
    EXPECT_TRUE(absl::StrContains(outcome->violations[0].message, "3332 kopiykas"));
  }
  EXPECT_EQ(accepted, 1);
  DocumentRequest rest = ReturnOf(gateway, "s-1", "rest", 2, 3333);
  rest.document.payments[0].amount = Money::FromKopiykas(6665);
  ASSERT_TRUE(gateway.Fiscalize(rest)->fiscalization);
  EXPECT_EQ(PaidBack(gateway), 9998);
}

TEST(RacingReturns, AgainstTheirSaleComeAfterItOrNotAtAll) {
  EngineOnSimulator gateway({});
  for (int round = 0; round < 10; ++round) {
    const std::string id = absl::StrCat("s-", round);
    const DocumentRequest sale = SaleOf(gateway, id, 1);
    const DocumentRequest back = ReturnOf(gateway, id, "r-" + id, 1);
    const auto outcomes = AllAtOnce(gateway, {sale, back, sale, back});
    for (const size_t sold : {0U, 2U}) {
      ASSERT_TRUE(outcomes[sold].ok()) << outcomes[sold].status();
      EXPECT_EQ(outcomes[sold]->fiscalization->state, State::kFiscalized);
    }
    for (const size_t returned : {1U, 3U}) {
      if (outcomes[returned].ok()) continue;
      const auto reason = ReasonOf(outcomes[returned].status());
      EXPECT_TRUE(reason == Reason::kFiscalizationNotFound || reason == Reason::kSaleNotFiscalized)
          << outcomes[returned].status();
    }
    ASSERT_TRUE(gateway.Fiscalize(back).ok());
  }
  EXPECT_EQ(ReturnsIn(gateway).size(), 10U);
}

}  // namespace
}  // namespace kasa::engine
