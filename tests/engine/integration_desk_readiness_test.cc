#include <string>
#include <vector>

#include "common/status_reason.h"
#include "gmock/gmock.h"
#include "server/domain/readiness.h"
#include "tests/engine/desk_fixture.h"

// Readiness and coverage as the operator gets them, and activation on a real register (product.md, points 3
// and 6).
namespace kasa::engine {
namespace {

using domain::DocumentKind;
using domain::Integration;
using domain::Lesson;
using domain::LessonSubject;
using domain::Mapping;
using domain::ReadinessCode;
using domain::RegisterMode;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr char kTestNumber[] = "4000000009";

class ReadinessDeskTest : public DeskTest {
 protected:
  std::vector<ReadinessCode> Codes(const std::string& id) {
    const auto readiness = Await<Readiness>([&](auto done) { desk_->GetReadiness(id, std::move(done)); });
    EXPECT_TRUE(readiness.ok()) << readiness.status();
    std::vector<ReadinessCode> codes;
    if (readiness.ok()) {
      for (const domain::ReadinessItem& item : readiness->items) codes.push_back(item.code);
    }
    return codes;
  }

  domain::Coverage Coverage(const std::string& id) {
    const auto coverage = Await<domain::Coverage>(
        [&](auto done) { desk_->GetCoverage(id, clock_.Now() - domain::kRecentDocuments, std::move(done)); });
    EXPECT_TRUE(coverage.ok()) << coverage.status();
    return coverage.value_or(domain::Coverage());
  }

  static domain::Document Using(const std::string& tax, const std::string& method) {
    domain::Document document;
    document.lines.emplace_back().tax_id = tax;
    document.payments.emplace_back().payment_method_id = method;
    return document;
  }

  template <typename T>
  absl::StatusOr<T> Stores(const std::function<void(store::Callback<T>)>& write) {
    return Await<T>([&](auto done) {
      write([this, done = std::move(done)](absl::StatusOr<T> outcome) mutable {
        executor_.Post([done = std::move(done), outcome = std::move(outcome)]() mutable {
          std::move(done)(std::move(outcome));
        });
      });
    });
  }

  // The integration's register answers its accepted sale with a receipt that teaches `lessons`.
  void Teach(const std::string& integration_id, std::vector<Lesson> lessons) {
    AcceptSale(integration_id);
    const std::string number = Stored(integration_id).pinned_register->fiscal_number;
    const auto marked = Stores<store::MarkedSend>([&](auto done) {
      store_->sends().MarkSending(
          {.fiscalization_id = "fiscalization-of-" + integration_id, .register_fiscal_number = number},
          std::move(done));
    });
    ASSERT_TRUE(marked.ok()) << marked.status();
    store::Settlement settlement{.exchange_id = marked->permit.exchange_id(),
                                 .end_time = clock_.Now(),
                                 .ending = domain::SendEnding::kDone,
                                 .edge = domain::Edge::kToFiscalized,
                                 .receipt = domain::Receipt{.fiscal_number = "TEST_" + integration_id,
                                                            .register_fiscal_number = number},
                                 .lessons = std::move(lessons)};
    const auto settled = Stores<domain::Fiscalization>(
        [&](auto done) { store_->sends().Settle(std::move(settlement), std::move(done)); });
    ASSERT_TRUE(settled.ok()) << settled.status();
  }

  static std::vector<Lesson> AllTests() {
    std::vector<Lesson> lessons;
    for (const DocumentKind kind : {DocumentKind::kSale, DocumentKind::kReturn, DocumentKind::kPayment}) {
      lessons.push_back({LessonSubject::kTestReceipt, static_cast<int>(kind)});
    }
    return lessons;
  }

  // An integration of a test register of the same legal entity, on which everything was tried.
  void TryEverythingOnATestRegister() {
    RegisterAnswers(Named(kTestNumber));
    Existing("try-out", kOtherToken);
    ASSERT_TRUE(Update("try-out", [](Integration& i) { i.active = true; }).ok());
    Teach("try-out", AllTests());
  }

  // An inactive integration of a real register, with all that an operator sets.
  void SetUpARealRegister() {
    RegisterAnswers(Named(kFiscalNumber, RegisterMode::kReal));
    Existing("shop", kToken);
    ASSERT_TRUE(Update("shop", [](Integration& i) {
                  i.cashier_name = "Олена";
                  i.automatic_shift_closing_confirmed = true;
                }).ok());
    ASSERT_TRUE(UpdateMapping("shop", [](Mapping& m) {
                  m.tax_groups = {{"vat20", 1}};
                  m.payment_types = {{"card", 2}};
                }).ok());
  }
};

TEST_F(ReadinessDeskTest, ACleanListActivatesARealRegister) {
  TryEverythingOnATestRegister();
  SetUpARealRegister();
  EXPECT_THAT(Codes("shop"), IsEmpty());
  const auto activated = Update("shop", [](Integration& i) { i.active = true; });
  ASSERT_TRUE(activated.ok()) << activated.status();
  EXPECT_TRUE(Stored("shop").active);
  EXPECT_FALSE(Stored("shop").unready_acknowledgement) << "there was nothing to acknowledge";
}

TEST_F(ReadinessDeskTest, AnOpenItemRefusesActivationByName) {
  SetUpARealRegister();
  const auto refused = Update("shop", [](Integration& i) { i.active = true; });
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kNotReady);
  EXPECT_EQ(FactsOf(refused.status())["open_items"],
            "TEST_SALE_MISSING,TEST_RETURN_MISSING,TEST_PAYMENT_MISSING");
  EXPECT_FALSE(Stored("shop").active);

  ASSERT_TRUE(Update(
                  "shop", [](Integration& i) { i.active = true; }, /*acknowledge=*/true)
                  .ok());
  EXPECT_THAT(Stored("shop").unready_acknowledgement->open_items, ElementsAre(11, 12, 13));
}

TEST_F(ReadinessDeskTest, WhatMakesItReadyMayComeWithTheActivation) {
  TryEverythingOnATestRegister();
  SetUpARealRegister();
  ASSERT_TRUE(Update("shop", [](Integration& i) { i.cashier_name = ""; }).ok());
  EXPECT_EQ(ReasonOf(Update("shop", [](Integration& i) { i.active = true; }).status()), Reason::kNotReady);
  EXPECT_TRUE(Update("shop", [](Integration& i) {
                i.active = true;
                i.cashier_name = "Олена";
              }).ok());
}

TEST_F(ReadinessDeskTest, AnActiveOneStaysActiveWhateverOpensLater) {
  TryEverythingOnATestRegister();
  SetUpARealRegister();
  ASSERT_TRUE(Update("shop", [](Integration& i) { i.active = true; }).ok());
  coverage_->Saw("shop", Using("vat7", "card"));
  EXPECT_THAT(Codes("shop"), ElementsAre(ReadinessCode::kTaxNotMapped));
  EXPECT_TRUE(Update("shop", [](Integration& i) { i.display_name = "Крамниця"; }).ok());
  EXPECT_TRUE(Update("shop", [](Integration& i) { i.active = true; }).ok()) << "it is active already";
  ASSERT_TRUE(Update("shop", [](Integration& i) { i.active = false; }).ok());
  EXPECT_EQ(ReasonOf(Update("shop", [](Integration& i) { i.active = true; }).status()), Reason::kNotReady);
}

TEST_F(ReadinessDeskTest, TestsOfAnArchivedIntegrationCountAndThoseOfAnotherLegalEntityDoNot) {
  TryEverythingOnATestRegister();
  ASSERT_TRUE(Delete("try-out").ok());
  EXPECT_TRUE(Stored("try-out").archived);
  SetUpARealRegister();
  EXPECT_THAT(Codes("shop"), IsEmpty());
  domain::RegisterStatus other = Named("4000000003", RegisterMode::kReal);
  other.edrpou = "87654321";
  RegisterAnswers(other);
  CreateIntegrationCall call = NewIntegration("stranger", "token-of-a-stranger-3333");
  call.integration.legal_entity_id = "another";
  ASSERT_TRUE(Create(std::move(call)).ok());
  EXPECT_THAT(Codes("stranger"), Contains(ReadinessCode::kTestSaleMissing));
}

TEST_F(ReadinessDeskTest, WhatWasSeenIsCountedAndKept) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  ASSERT_TRUE(UpdateMapping("shop", [](Mapping& m) { m.tax_groups = {{"vat20", 1}}; }).ok());
  for (int i = 0; i < 3; ++i) coverage_->Saw("shop", Using("vat20", "card"));
  coverage_->Saw("shop", Using("vat7", ""));
  const domain::Coverage coverage = Coverage("shop");
  ASSERT_EQ(coverage.taxes.size(), 2u);
  EXPECT_EQ(coverage.taxes[0].seen.id, "vat7");
  EXPECT_EQ(coverage.taxes[0].state, domain::CoverageState::kUnmapped);
  EXPECT_EQ(coverage.taxes[1].seen, (domain::SeenId{domain::SeenKind::kTax, "vat20", 3, clock_.Now()}));
  ASSERT_EQ(coverage.payment_methods.size(), 1u);
  EXPECT_THAT(Codes("shop"), Contains(ReadinessCode::kPaymentMethodNotMapped));
  clock_.Advance(domain::kRecentDocuments + absl::Seconds(1));
  EXPECT_THAT(Codes("shop"), Not(Contains(ReadinessCode::kPaymentMethodNotMapped))) << "not recent any more";
}

TEST_F(ReadinessDeskTest, KnownIdsAreWrittenOnceAMinute) {
  Existing("shop");
  const auto stored = [this] {
    const auto seen = store_->integrations().GetSeen("shop");
    int64_t documents = 0;
    for (const domain::SeenId& one : seen.value_or(std::vector<domain::SeenId>())) documents += one.documents;
    return documents;
  };
  coverage_->Saw("shop", Using("vat20", ""));
  // Any later write: the store writes in order.
  ASSERT_TRUE(UpdateMapping("shop", [](Mapping&) {}).ok());
  EXPECT_EQ(stored(), 1) << "a new id at once";
  for (int i = 0; i < 100; ++i) coverage_->Saw("shop", Using("vat20", ""));
  ASSERT_TRUE(UpdateMapping("shop", [](Mapping&) {}).ok());
  EXPECT_EQ(stored(), 1);
  executor_.Advance(CoverageRecorder::kFlushInterval);
  ASSERT_TRUE(UpdateMapping("shop", [](Mapping&) {}).ok());
  EXPECT_EQ(stored(), 101);
}

TEST_F(ReadinessDeskTest, RefusedCodesShowUntilAReceiptOrAChangeOfTheMapping) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  ASSERT_TRUE(Update("shop", [](Integration& i) { i.active = true; }).ok());
  ASSERT_TRUE(UpdateMapping("shop", [](Mapping& m) {
                m.tax_groups = {{"vat20", 1}};
                m.payment_types = {{"nova", 20}};
              }).ok());
  Teach("shop", {{LessonSubject::kPaymentType, 20, /*refused=*/true}, {LessonSubject::kTaxGroup, 1}});
  EXPECT_THAT(Codes("shop"), Contains(ReadinessCode::kNotEnabled));
  ASSERT_TRUE(UpdateMapping("shop", [](Mapping& m) { m.tax_groups["vat7"] = 4; }).ok());
  EXPECT_EQ(store_->integrations().GetExperience("shop")->payment_types.at(20),
            domain::CodeState::kNotEnabled);
  ASSERT_TRUE(UpdateMapping("shop", [](Mapping& m) { m.payment_types["nova"] = 2; }).ok());
  EXPECT_THAT(store_->integrations().GetExperience("shop")->payment_types, IsEmpty());
  EXPECT_EQ(store_->integrations().GetExperience("shop")->tax_groups.at(1), domain::CodeState::kConfirmed);
}

TEST_F(ReadinessDeskTest, AnUnknownOrArchivedIntegrationIsAnError) {
  const auto readiness = Await<Readiness>([&](auto done) { desk_->GetReadiness("nobody", std::move(done)); });
  EXPECT_EQ(ReasonOf(readiness.status()), Reason::kIntegrationNotFound);
  const auto coverage = Await<domain::Coverage>(
      [&](auto done) { desk_->GetCoverage("nobody", clock_.Now(), std::move(done)); });
  EXPECT_EQ(ReasonOf(coverage.status()), Reason::kIntegrationNotFound);
}

}  // namespace
}  // namespace kasa::engine
