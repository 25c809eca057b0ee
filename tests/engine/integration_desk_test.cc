#include "server/engine/integration_desk.h"

#include <string>
#include <vector>

#include "common/status_reason.h"
#include "gmock/gmock.h"
#include "tests/engine/desk_fixture.h"

// Settings, defaults, activation, deletion and mapping (product.md, points 1, 2, 3 and 5).
namespace kasa::engine {
namespace {

using domain::Integration;
using domain::Mapping;
using domain::RegisterMode;
using domain::TokenState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;
using vchasno::StatusOutcome;

void Activate(Integration& integration) {
  integration.active = true;
}

class SettingsTest : public DeskTest {};

TEST_F(SettingsTest, ANewIntegrationIsStoredAsSent) {
  CreateIntegrationCall call = NewIntegration("shop");
  call.integration.display_name = "Khreshchatyk 1";
  call.integration.send_sms = true;
  call.integration.quiet_window = domain::QuietWindow{1430, 1440};
  const auto created = Create(std::move(call));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_THAT(created->violations, IsEmpty());
  const Integration stored = Stored("shop");
  EXPECT_EQ(stored.display_name, "Khreshchatyk 1");
  EXPECT_TRUE(stored.send_sms);
  EXPECT_EQ(stored.quiet_window, (domain::QuietWindow{1430, 1440}));
  EXPECT_EQ(stored.token_state, TokenState::kNone);
  EXPECT_EQ(stored.revision, created->integration.revision);
}

TEST_F(SettingsTest, WhatTheGatewayKeepsIsNotTakenFromTheCaller) {
  CreateIntegrationCall call = NewIntegration("shop");
  call.integration.pinned_register = domain::PinnedRegister{kFiscalNumber, kEdrpou, RegisterMode::kTest};
  call.integration.token_state = TokenState::kAccepted;
  call.integration.token_last_four = "1234";
  call.integration.unready_acknowledgement = domain::UnreadyAcknowledgement{"nobody", clock_.Now(), {}};
  ASSERT_TRUE(Create(std::move(call)).ok());
  const auto forge = [](Integration& i) {
    i.id = "other";
    i.pinned_register = domain::PinnedRegister{kFiscalNumber, kEdrpou, RegisterMode::kTest};
    i.token_state = TokenState::kAccepted;
    i.token_last_four = "1234";
    i.has_accepted_work = true;
    i.archived = true;
    i.display_name = "renamed";
  };
  ASSERT_TRUE(Update("shop", forge).ok());
  const Integration stored = Stored("shop");
  EXPECT_EQ(stored.display_name, "renamed");
  EXPECT_FALSE(stored.pinned_register);
  EXPECT_EQ(stored.token_state, TokenState::kNone);
  EXPECT_EQ(stored.token_last_four, "");
  EXPECT_FALSE(stored.unready_acknowledgement);
  EXPECT_FALSE(stored.has_accepted_work);
  EXPECT_FALSE(stored.archived);
}

TEST_F(SettingsTest, AnIntegrationWithoutAnIdGetsOne) {
  const auto created = Create(NewIntegration(""));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_THAT(created->integration.id, MatchesRegex("int-[0-9a-z]+"));
  EXPECT_EQ(Stored(created->integration.id).id, created->integration.id);
}

TEST_F(SettingsTest, AnIdIsTakenOnceAndTheRegisterIsNotAskedForIt) {
  Existing("shop");
  const auto again = Create(NewIntegration("shop", kToken));
  EXPECT_EQ(again.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(again.status()), Reason::kIntegrationExists);
  EXPECT_EQ(questions(), 0);
}

TEST_F(SettingsTest, AllViolationsAreToldAtOnceAndNothingIsStored) {
  CreateIntegrationCall call = NewIntegration("Shop!");
  call.integration.display_name = std::string(300, 'x');
  call.stated.edrpou = "12";
  call.token = Secret("with space");
  call.acknowledge_unready = true;
  const auto created = Create(std::move(call));
  ASSERT_TRUE(created.ok()) << created.status();
  std::vector<std::string> fields;
  for (const auto& violation : created->violations) fields.push_back(violation.field);
  EXPECT_THAT(fields, ElementsAre("integration.integration_id", "integration.display_name", "token",
                                  "stated_edrpou", "principal"));
  EXPECT_EQ(questions(), 0);
}

TEST_F(SettingsTest, ARegisterIsStatedOnlyWithAToken) {
  CreateIntegrationCall call = NewIntegration("shop");
  call.stated.fiscal_number = kFiscalNumber;
  const auto created = Create(std::move(call));
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_THAT(created->violations, SizeIs(1));
  EXPECT_EQ(created->violations[0].field, "token");
}

TEST_F(SettingsTest, ATokenIsAskedAboutBeforeAnythingIsCreated) {
  RegisterIs(StatusOutcome::kTokenRefused, Reason::kTokenRefused, 401);
  EXPECT_EQ(ReasonOf(Create(NewIntegration("shop", kToken)).status()), Reason::kTokenRefused);
  EXPECT_EQ(store_->integrations().Get("shop").status().code(), absl::StatusCode::kNotFound);

  RegisterIs(StatusOutcome::kUnreachable, Reason::kRegisterUnreachable);
  const auto unverified = Create(NewIntegration("shop", kToken));
  ASSERT_TRUE(unverified.ok()) << unverified.status();
  EXPECT_THAT(unverified->warnings, ElementsAre(HasSubstr("REGISTER_UNREACHABLE")));
  EXPECT_EQ(Stored("shop").token_state, TokenState::kUnverified);

  RegisterAnswers(Named());
  const auto known = Create(NewIntegration("other", kOtherToken));
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_EQ(Stored("other").pinned_register->fiscal_number, kFiscalNumber);
  EXPECT_EQ(Record("other").last_status, Named());
}

TEST_F(SettingsTest, AnActiveIntegrationOfARealRegisterNeedsAnAcknowledgement) {
  RegisterAnswers(Named(kFiscalNumber, RegisterMode::kReal));
  CreateIntegrationCall call = NewIntegration("shop", kToken);
  call.integration.active = true;
  EXPECT_EQ(ReasonOf(Create(std::move(call)).status()), Reason::kNotReady);
  EXPECT_EQ(store_->integrations().Get("shop").status().code(), absl::StatusCode::kNotFound);

  Existing("shop", kToken);
  EXPECT_EQ(ReasonOf(Update("shop", Activate).status()), Reason::kNotReady);
  EXPECT_FALSE(Stored("shop").active);
  const auto nobody = Await<IntegrationOutcome>([&](auto done) {
    desk_->Update({.integration_id = "shop", .change = Activate, .acknowledge_unready = true},
                  std::move(done));
  });
  ASSERT_TRUE(nobody.ok()) << nobody.status();
  ASSERT_THAT(nobody->violations, SizeIs(1));
  EXPECT_EQ(nobody->violations[0].field, "principal");

  ASSERT_TRUE(Update("shop", Activate, /*acknowledge=*/true).ok());
  EXPECT_TRUE(Stored("shop").active);
  const auto acknowledged = Stored("shop").unready_acknowledgement;
  ASSERT_TRUE(acknowledged);
  EXPECT_EQ(acknowledged->principal, "olena");
  EXPECT_EQ(acknowledged->time, clock_.Now());
  EXPECT_THAT(acknowledged->open_items,
              testing::Contains(static_cast<int>(domain::ReadinessCode::kMappingMissing)));

  ASSERT_TRUE(Update("shop", [](Integration& i) { i.display_name = "x"; }).ok()) << "it is active already";
  ASSERT_TRUE(Update("shop", [](Integration& i) { i.active = false; }).ok());
  EXPECT_EQ(ReasonOf(Update("shop", Activate).status()), Reason::kNotReady) << "each activation anew";
}

TEST_F(SettingsTest, ATestRegisterIsActivatedFreely) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  ASSERT_TRUE(Update("shop", Activate).ok());
  EXPECT_FALSE(Stored("shop").unready_acknowledgement);
}

TEST_F(SettingsTest, ANewDefaultTakesItFromTheOneThatHadIt) {
  const auto make_default = [](Integration& i) { i.is_default = true; };
  Existing("first");
  Existing("second");
  ASSERT_TRUE(Update("first", make_default).ok());
  const int64_t revision = Stored("first").revision;

  const auto updated = Update("second", make_default);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_THAT(updated->warnings, ElementsAre(HasSubstr("integration first was the default until now")));
  EXPECT_FALSE(Stored("first").is_default);
  EXPECT_GT(Stored("first").revision, revision) << "who read it before must notice";
  EXPECT_EQ(store_->integrations().Default("", "acme")->id, "second");

  CreateIntegrationCall call = NewIntegration("third");
  call.integration.is_default = true;
  const auto created = Create(std::move(call));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_THAT(created->warnings, ElementsAre(HasSubstr("second")));
  EXPECT_EQ(store_->integrations().Default("", "acme")->id, "third");

  CreateIntegrationCall elsewhere = NewIntegration("fourth");
  elsewhere.integration.is_default = true;
  elsewhere.integration.branch_id = "lviv";
  ASSERT_TRUE(Create(std::move(elsewhere)).ok());
  EXPECT_EQ(store_->integrations().Default("", "acme")->id, "third")
      << "another pair is none of its business";
}

TEST_F(SettingsTest, AChangeThatIsRefusedMovesNoDefault) {
  RegisterAnswers(Named(kFiscalNumber, RegisterMode::kReal));
  Existing("first");
  ASSERT_TRUE(Update("first", [](Integration& i) { i.is_default = true; }).ok());
  Existing("second", kToken);
  const auto refused = Update("second", [](Integration& i) { i.is_default = i.active = true; });
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kNotReady);
  EXPECT_EQ(store_->integrations().Default("", "acme")->id, "first");
}

TEST_F(SettingsTest, ViolationsOfAChangeLeaveTheIntegrationAsItWas) {
  Existing("shop");
  const auto updated = Update("shop", [](Integration& i) {
    i.display_name = std::string(300, 'x');
    i.legal_entity_id = "";
  });
  ASSERT_TRUE(updated.ok()) << updated.status();
  ASSERT_THAT(updated->violations, SizeIs(2));
  EXPECT_EQ(updated->violations[0].field, "integration.display_name");
  EXPECT_EQ(updated->violations[1].field, "integration.legal_entity_id");
  EXPECT_EQ(Stored("shop").revision, 1);
  EXPECT_EQ(Stored("shop").legal_entity_id, "acme");
}

TEST_F(SettingsTest, AnOldEtagIsRefused) {
  Existing("shop");
  const auto updated = Await<IntegrationOutcome>([&](auto done) {
    desk_->Update({.integration_id = "shop", .revision = 7, .change = Activate}, std::move(done));
  });
  EXPECT_EQ(updated.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(updated.status()), Reason::kEtagMismatch);
  EXPECT_EQ(ReasonOf(Update("nobody", Activate).status()), Reason::kIntegrationNotFound);
}

TEST_F(SettingsTest, TheLegalEntityStaysOnceItsDocumentsWereAccepted) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  ASSERT_TRUE(Update("shop", [](Integration& i) { i.legal_entity_id = "acme-2"; }).ok())
      << "nothing accepted";
  ASSERT_TRUE(Update("shop", Activate).ok());
  AcceptSale("shop");
  const auto moved = Update("shop", [](Integration& i) { i.legal_entity_id = "other"; });
  ASSERT_TRUE(moved.ok()) << moved.status();
  ASSERT_THAT(moved->violations, SizeIs(1));
  EXPECT_EQ(moved->violations[0].field, "integration.legal_entity_id");
  EXPECT_EQ(moved->violations[0].reason, Reason::kFieldNotAllowed);
  EXPECT_EQ(Stored("shop").legal_entity_id, "acme-2");
  EXPECT_THAT(Update("shop", [](Integration& i) { i.branch_id = "kyiv"; })->violations, IsEmpty());
}

TEST_F(SettingsTest, OpenWorkKeepsAnIntegrationAndHistoryArchivesIt) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  ASSERT_TRUE(Update("shop", Activate).ok());
  AcceptSale("shop");
  const auto early = Delete("shop");
  EXPECT_EQ(ReasonOf(early.status()), Reason::kIntegrationHasOpenWork);
  EXPECT_EQ(FactsOf(early.status())["open_fiscalizations"], "1");

  std::optional<bool> cancelled;
  store_->Cancel("fiscalization-of-shop", std::nullopt,
                 [&](auto value) { executor_.Post([&, ok = value.ok()] { cancelled = ok; }); });
  ASSERT_TRUE(executor_.RunUntil([&] { return cancelled.has_value(); }));
  ASSERT_TRUE(*cancelled);
  const auto archived = Delete("shop");
  ASSERT_TRUE(archived.ok()) << archived.status();
  EXPECT_TRUE(Stored("shop").archived);

  EXPECT_EQ(ReasonOf(Update("shop", Activate).status()), Reason::kIntegrationArchived);
  EXPECT_EQ(ReasonOf(SetToken("shop", kOtherToken).status()), Reason::kIntegrationArchived);
  EXPECT_EQ(ReasonOf(UpdateMapping("shop", [](Mapping&) {}).status()), Reason::kIntegrationArchived);
  EXPECT_EQ(ReasonOf(Delete("shop").status()), Reason::kIntegrationArchived);
}

TEST_F(SettingsTest, WithoutHistoryAnIntegrationIsGone) {
  Existing("shop");
  ASSERT_TRUE(Delete("shop").ok());
  EXPECT_EQ(ReasonOf(Delete("shop").status()), Reason::kIntegrationNotFound);
}

class MappingTest : public DeskTest {
 protected:
  MappingTest() { Existing("shop"); }
};

TEST_F(MappingTest, IsChangedAsAsked) {
  const auto first = UpdateMapping("shop", [](Mapping& m) {
    m.tax_groups = {{"vat20", 1}, {"none", 2}};
    m.payment_types = {{"cash", 0}, {"wallet", 9999}};
  });
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(first->violations, IsEmpty());
  EXPECT_THAT(first->warnings, IsEmpty());
  const auto second = UpdateMapping("shop", [](Mapping& m) { m.tax_groups.erase("none"); });
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_GT(second->mapping.revision, first->mapping.revision);
  const auto stored = store_->integrations().GetMapping("shop");
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->tax_groups, (std::map<std::string, int>{{"vat20", 1}}));
  EXPECT_EQ(stored->payment_types, (std::map<std::string, int>{{"cash", 0}, {"wallet", 9999}}));
}

TEST_F(MappingTest, UnknownTaxGroupsAndImpossiblePaymentTypesAreRefused) {
  const auto updated = UpdateMapping("shop", [](Mapping& m) {
    m.tax_groups = {{"vat20", 77}};
    m.payment_types = {{"a", -1}, {"b", 10000}};
  });
  ASSERT_TRUE(updated.ok()) << updated.status();
  ASSERT_THAT(updated->violations, SizeIs(3));
  EXPECT_EQ(updated->violations[0].reason, Reason::kTaxGroupUnknown);
  EXPECT_EQ(updated->violations[1].reason, Reason::kPaymentTypeInvalid);
  EXPECT_EQ(updated->violations[2].reason, Reason::kPaymentTypeInvalid);
  EXPECT_THAT(store_->integrations().GetMapping("shop")->tax_groups, IsEmpty());
}

TEST_F(MappingTest, PrepaymentAndPostpaymentAreMappedWithAWarning) {
  const auto updated = UpdateMapping("shop", [](Mapping& m) {
    m.payment_types = {{"advance", 3}, {"rest", 4}, {"card", 2}};
  });
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_THAT(updated->violations, IsEmpty());
  ASSERT_THAT(updated->warnings, SizeIs(2));
  EXPECT_EQ(updated->warnings[0].reason, Reason::kFiscalChainPrepayment);
  EXPECT_THAT(updated->warnings[0], HasSubstr("advance"));
  EXPECT_EQ(updated->warnings[1].reason, Reason::kFiscalChainPostpayment);
  EXPECT_THAT(store_->integrations().GetMapping("shop")->payment_types, SizeIs(3));
}

TEST_F(MappingTest, ATaxThatMovesWhileTheShiftIsOpenWarns) {
  const auto map_to = [this](int group) {
    const auto updated = UpdateMapping("shop", [group](Mapping& m) { m.tax_groups["vat"] = group; });
    EXPECT_TRUE(updated.ok()) << updated.status();
    return updated.ok() ? updated->warnings : std::vector<domain::Notice>{};
  };
  EXPECT_THAT(map_to(1), IsEmpty());
  EXPECT_THAT(map_to(2), IsEmpty()) << "no register was seen yet";
  domain::RegisterStatus closed = Named();
  closed.shift = domain::ShiftStatus::kClosed;
  RegisterAnswers(closed);
  ASSERT_TRUE(SetToken("shop", kToken).ok());
  EXPECT_THAT(map_to(1), IsEmpty());
  RegisterAnswers(Named());
  ASSERT_TRUE(CheckConnection("shop").ok());
  EXPECT_THAT(map_to(1), IsEmpty()) << "it stays where it was";
  EXPECT_THAT(map_to(2), ElementsAre(HasSubstr("tax vat moved from tax group 1 to 2")));
}

TEST_F(MappingTest, AnOldEtagOrAnUnknownIntegrationIsRefused) {
  const auto updated = Await<MappingOutcome>([&](auto done) {
    desk_->UpdateMapping({.integration_id = "shop", .revision = 99, .change = [](Mapping&) {}},
                         std::move(done));
  });
  EXPECT_EQ(ReasonOf(updated.status()), Reason::kEtagMismatch);
  EXPECT_EQ(ReasonOf(UpdateMapping("nobody", [](Mapping&) {}).status()), Reason::kIntegrationNotFound);
}

}  // namespace
}  // namespace kasa::engine
