#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>
#include <vector>

#include "common/status_reason.h"
#include "server/domain/state_machine.h"
#include "tests/store/fixture.h"

// A document becomes a fiscalization once, however often it is sent (product.md, point 12).
namespace kasa::store {
namespace {

using domain::State;
using testing::AllOf;
using testing::Contains;
using testing::Pair;

class AcceptanceTest : public StoreTest {};

TEST_F(AcceptanceTest, WhatIsAcceptedIsReadBackWhole) {
  Acceptance sale = ASale("SO-1", kOne, kRegisterOne);
  domain::Fiscalization& sent = sale.fiscalization;
  sent.document.buyer = {"+380501112233", "a@example.com"};
  sent.document.order_total = Money::FromKopiykas(9000);
  sent.document.lines[0].excise_stamps = {"AAAA111111", "BBBB222222"};
  sent.document.lines[0].amount = Money::FromKopiykas(4500);
  domain::Payment payment;
  payment.kind = domain::PaymentKind::kCash;
  payment.amount = Money::FromKopiykas(4500);
  payment.tendered = Money::FromKopiykas(5000);
  payment.card = domain::CardDetails{.rrn = "1", .auth_code = "2", .commission = Money::FromKopiykas(3)};
  sent.document.payments = {payment};
  domain::PricedRow row;
  row.name = "Кава";
  row.amount = Money::FromKopiykas(4500);
  row.tax_group = 1;
  row.excise_stamps = {"AAAA111111"};
  sent.draft.rows = {row};
  sent.draft.payments = {
      {.payment_type = 0, .sum = Money::FromKopiykas(4500), .change = {}, .card = payment.card}};
  sent.warnings = {{Reason::kTextCleaned, "cleaned", "sale.lines[0].name"},
                   {Reason::kOrderIdMissing, "no order"}};
  sent.expire_time = clock_.Now() + absl::Hours(3);
  const domain::Fiscalization expected = sent;

  const absl::StatusOr<Accepted> accepted = Accept(std::move(sale));
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->kind, AcceptanceKind::kStored);

  Reopen();
  const absl::StatusOr<domain::Fiscalization> read = store().FindFiscalization(expected.key);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->id, expected.id);
  EXPECT_EQ(read->key, expected.key);
  EXPECT_EQ(read->state, State::kAccepted);
  EXPECT_EQ(read->order_id, expected.order_id);
  EXPECT_EQ(read->fingerprint, expected.fingerprint);
  EXPECT_EQ(read->tag, expected.tag);
  EXPECT_EQ(read->document, expected.document);
  EXPECT_EQ(read->draft, expected.draft);
  EXPECT_EQ(read->warnings, expected.warnings);
  EXPECT_EQ(read->expire_time, expected.expire_time);
  EXPECT_EQ(read->create_time, clock_.Now());
  EXPECT_EQ(read->revision, 1);
  EXPECT_GT(read->change_sequence, 0);
}

TEST_F(AcceptanceTest, TheExactRequestIsTold) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  EXPECT_EQ(*store().GetRequestBody(sale.id), ASale("SO-1", kOne, kRegisterOne).request_body);
  EXPECT_EQ(ReasonOf(store().GetRequestBody("nobody").status()), Reason::kFiscalizationNotFound);
}

// --- the same key again, in every state that the first can be in

struct Case {
  const char* name;
  State state;
  bool correction_allowed;
  bool other_content_replaces;
};

class SecondSendTest : public StoreTest, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    const Case& given = GetParam();
    switch (given.state) {
      case State::kAccepted:
        AcceptSale("SO-1");
        break;
      case State::kSending:
        ASSERT_TRUE(Mark(AcceptSale("SO-1").id).ok());
        break;
      case State::kInDoubt:
        SaleInDoubt("SO-1");
        break;
      case State::kFiscalized:
        FiscalizedSale("SO-1", "TEST_1");
        break;
      case State::kFailed:
        FailedSale("SO-1", given.correction_allowed);
        break;
      case State::kCancelled:
        ASSERT_TRUE(Cancel(AcceptSale("SO-1").id).ok());
        break;
    }
    first_ = *store().GetFiscalization("f-SO-1");
    ASSERT_EQ(first_.state, given.state);
  }

  domain::Fiscalization first_;
};

TEST_P(SecondSendTest, TheSameContentIsReplayedWhateverBecameOfIt) {
  Acceptance again = ASale("SO-1", kOne, kRegisterOne);
  again.fiscalization.id = "another-id";
  const absl::StatusOr<Accepted> accepted = Accept(std::move(again));
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->kind, AcceptanceKind::kReplayed);
  EXPECT_EQ(accepted->fiscalization.id, first_.id);
  EXPECT_EQ(accepted->fiscalization.state, first_.state);
  EXPECT_EQ(accepted->fiscalization.revision, first_.revision);
}

TEST_P(SecondSendTest, OtherContentReplacesOnlyWhatSurelyMadeNoReceipt) {
  const absl::StatusOr<Accepted> accepted = Accept(ASale("SO-1", kOne, kRegisterOne, 100));
  const domain::Fiscalization now = *store().GetFiscalization(first_.id);
  if (!GetParam().other_content_replaces) {
    ASSERT_EQ(accepted.status().code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(ReasonOf(accepted.status()), Reason::kDocumentContentDiffers);
    EXPECT_THAT(FactsOf(accepted.status()),
                AllOf(Contains(Pair("fiscalization_id", first_.id)),
                      Contains(Pair("state", std::string(domain::NameOf(first_.state)))),
                      Contains(Pair("differs", testing::HasSubstr("price")))));
    EXPECT_EQ(now.revision, first_.revision);
    EXPECT_EQ(now.fingerprint, first_.fingerprint);
    return;
  }
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->kind, AcceptanceKind::kReplaced);
  EXPECT_EQ(now.id, first_.id);
  EXPECT_EQ(now.state, State::kAccepted);
  EXPECT_EQ(now.tag, first_.tag);
  EXPECT_NE(now.fingerprint, first_.fingerprint);
  EXPECT_EQ(now.document.lines[0].price, Money::FromKopiykas(4600));
  EXPECT_FALSE(now.failure.has_value());
  EXPECT_GT(now.lane_position, first_.lane_position);
  const absl::StatusOr<MarkedSend> mark = Mark(first_.id);
  ASSERT_TRUE(mark.ok()) << mark.status();
  EXPECT_EQ(mark->permit.body(), ASale("SO-1", kOne, kRegisterOne, 100).request_body);
}

INSTANTIATE_TEST_SUITE_P(EveryState, SecondSendTest,
                         testing::Values(Case{"Accepted", State::kAccepted, false, false},
                                         Case{"Sending", State::kSending, false, false},
                                         Case{"InDoubt", State::kInDoubt, false, false},
                                         Case{"Fiscalized", State::kFiscalized, false, false},
                                         Case{"FailedForGood", State::kFailed, false, false},
                                         Case{"FailedCorrectable", State::kFailed, true, true},
                                         Case{"Cancelled", State::kCancelled, false, true}),
                         [](const auto& given) { return given.param.name; });

// --- what else decides

TEST_F(AcceptanceTest, AnotherKindSourceOrModeIsAnotherDocument) {
  AcceptSale("SO-1");
  Acceptance other_source = ASale("SO-1", kOne, kRegisterOne, 1);
  other_source.fiscalization.id = "f-2";
  other_source.fiscalization.key.source_system = "shop";
  EXPECT_EQ(Accept(std::move(other_source))->kind, AcceptanceKind::kStored);
  Acceptance other_kind = ASale("SO-1", kOne, kRegisterOne, 1);
  other_kind.fiscalization.id = "f-3";
  other_kind.fiscalization.key.kind = domain::DocumentKind::kPayment;
  EXPECT_EQ(Accept(std::move(other_kind))->kind, AcceptanceKind::kStored);
}

TEST_F(AcceptanceTest, ATagThatHasRisenGetsABodyOfItsOwn) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  absl::StatusOr<MarkedSend> first = Mark(sale.id);
  Settlement rise = Ended(*first, domain::SendEnding::kShiftClosed);
  rise.raise_tag_number = true;
  rise.next_tag = domain::TagFor(TestInstallation(), sale.key, 1);
  rise.next_body = "body " + rise.next_tag;
  ASSERT_TRUE(Settle(rise).ok());
  ASSERT_TRUE(Cancel(sale.id).ok());

  Acceptance corrected = ASale("SO-1", kOne, kRegisterOne, 5);
  corrected.make_body = [](const domain::Fiscalization& sale_now) { return "corrected " + sale_now.tag; };
  const absl::StatusOr<Accepted> accepted = Accept(std::move(corrected));
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->fiscalization.tag, rise.next_tag);
  EXPECT_EQ(accepted->fiscalization.tag_number, 1);
  EXPECT_EQ(Mark(sale.id)->permit.body(), "corrected " + rise.next_tag);
}

TEST_F(AcceptanceTest, WhatChangedSinceItWasReadIsSeen) {
  struct {
    const char* name;
    std::function<void(IntegrationRecord&)> change;
    Reason reason;
  } cases[] = {
      {"inactive", [](IntegrationRecord& record) { record.integration.active = false; },
       Reason::kIntegrationInactive},
      {"other register",
       [](IntegrationRecord& record) {
         record.integration.active = true;
         record.integration.pinned_register->fiscal_number = "4000000009";
       },
       Reason::kRegisterUnknown},
      {"real register",
       [](IntegrationRecord& record) {
         record.integration.pinned_register->fiscal_number = kRegisterOne;
         record.integration.pinned_register->mode = domain::RegisterMode::kReal;
       },
       Reason::kRegisterUnknown},
      {"no register", [](IntegrationRecord& record) { record.integration.pinned_register.reset(); },
       Reason::kRegisterUnknown},
  };
  for (const auto& given : cases) {
    SCOPED_TRACE(given.name);
    ASSERT_TRUE(Change(kOne, given.change).ok());
    const absl::StatusOr<Accepted> accepted = Accept(ASale("SO-1", kOne, kRegisterOne));
    EXPECT_EQ(accepted.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(accepted.status()), given.reason);
  }
  EXPECT_EQ(ReasonOf(Accept(ASale("SO-1", "nobody", kRegisterOne)).status()), Reason::kIntegrationNotFound);
}

TEST_F(AcceptanceTest, AFullLaneTakesNoMoreButStillReplays) {
  for (const char* id : {"SO-1", "SO-2"}) AcceptSale(id);
  Acceptance third = ASale("SO-3", kOne, kRegisterOne);
  third.max_lane_length = 2;
  const absl::StatusOr<Accepted> accepted = Accept(std::move(third));
  EXPECT_EQ(accepted.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(accepted.status()), Reason::kLaneFull);
  Acceptance again = ASale("SO-1", kOne, kRegisterOne);
  again.max_lane_length = 2;
  EXPECT_EQ(Accept(std::move(again))->kind, AcceptanceKind::kReplayed);
  ASSERT_TRUE(Cancel("f-SO-2").ok());
  third = ASale("SO-3", kOne, kRegisterOne);
  third.max_lane_length = 2;
  EXPECT_EQ(Accept(std::move(third))->kind, AcceptanceKind::kStored);
}

// Whatever opens, closes, is refused, or is opened anew meanwhile.
TEST_F(AcceptanceTest, ALaneIsFullExactlyWhenSoManyAreOpen) {
  const auto try_sale = [&](const std::string& id, const std::string& lane = kRegisterOne) {
    Acceptance sale = ASale(id, lane == kRegisterOne ? kOne : kTwo, lane);
    sale.max_lane_length = 3;
    return Accept(std::move(sale)).ok();
  };
  const auto refused_by_rules = [&](const std::string& id) {
    Acceptance sale = ASale(id, kOne, kRegisterOne);
    sale.max_lane_length = 3;
    sale.decide = [](domain::Fiscalization&, const domain::DocumentHistory&) {
      return absl::InvalidArgumentError("no");
    };
    return Accept(std::move(sale)).status().code() == absl::StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(try_sale("SO-1"));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(refused_by_rules("SO-2"));
  EXPECT_TRUE(try_sale("SO-2"));
  EXPECT_TRUE(try_sale("SO-3"));
  EXPECT_FALSE(try_sale("SO-4"));
  EXPECT_TRUE(try_sale("SO-4", kRegisterTwo));
  ASSERT_TRUE(Cancel("f-SO-1").ok());
  ASSERT_TRUE(RetryIt("f-SO-1").ok());
  EXPECT_FALSE(try_sale("SO-5"));
  ASSERT_TRUE(Cancel("f-SO-1").ok());
  EXPECT_TRUE(try_sale("SO-5"));
  EXPECT_FALSE(try_sale("SO-6"));
  // With room, a retry takes what a sale would have had.
  ASSERT_TRUE(Cancel("f-SO-5").ok());
  ASSERT_TRUE(Cancel("f-SO-3").ok());
  EXPECT_TRUE(try_sale("SO-6"));
  ASSERT_TRUE(RetryIt("f-SO-5").ok());
  EXPECT_FALSE(try_sale("SO-7"));
  Reopen();
  EXPECT_FALSE(try_sale("SO-7"));
}

TEST_F(AcceptanceTest, AcceptedWorkPinsTheRegister) {
  EXPECT_FALSE(store().integrations().Get(kOne)->integration.has_accepted_work);
  AcceptSale("SO-1");
  EXPECT_TRUE(store().integrations().Get(kOne)->integration.has_accepted_work);
  EXPECT_FALSE(store().integrations().Get(kTwo)->integration.has_accepted_work);
}

// Property: of many racing sends of one key, one is stored; the others are replays of it or are refused.
TEST_F(AcceptanceTest, RacingSendsOfOneKeyStoreOne) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 25;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<absl::StatusOr<Accepted>> answers(kThreads, absl::UnknownError("none"));
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        Acceptance sale = ASale("SO-" + std::to_string(round), kOne, kRegisterOne, i % 2);
        sale.fiscalization.id += "-" + std::to_string(i);
        answers[static_cast<size_t>(i)] = Accept(std::move(sale));
      });
    }
    for (std::thread& thread : threads) thread.join();
    int stored = 0;
    std::string id;
    for (const auto& answer : answers) {
      if (!answer.ok() || answer->kind != AcceptanceKind::kStored) continue;
      ++stored;
      id = answer->fiscalization.id;
    }
    ASSERT_EQ(stored, 1);
    for (const auto& answer : answers) {
      if (answer.ok()) {
        EXPECT_EQ(answer->fiscalization.id, id);
      } else {
        EXPECT_EQ(ReasonOf(answer.status()), Reason::kDocumentContentDiffers);
      }
    }
  }
}

}  // namespace
}  // namespace kasa::store
