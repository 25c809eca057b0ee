#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status_reason.h"
#include "tests/store/fixture.h"

// Integrations, their mappings, and what can't be true of two of them at once.
namespace kasa::store {
namespace {

using domain::Integration;

class IntegrationsTest : public StoreTest {
 protected:
  absl::StatusOr<Integration> Delete(const std::string& id) {
    return Await<Integration>([&](Callback<Integration> done) {
      store().integrations().Delete(
          id, std::nullopt,
          [this](IntegrationRecord&, const IntegrationSurroundings& surroundings) {
            seen_ = surroundings;
            return surroundings.open_fiscalizations == 0
                       ? absl::OkStatus()
                       : ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kIntegrationHasOpenWork,
                                       "open work");
          },
          std::move(done));
    });
  }

  static IntegrationRecord ADefault(const std::string& id, const std::string& branch,
                                    const std::string& legal_entity) {
    IntegrationRecord record;
    record.integration.id = id;
    record.integration.is_default = true;
    record.integration.branch_id = branch;
    record.integration.legal_entity_id = legal_entity;
    return record;
  }

  IntegrationSurroundings seen_;
};

TEST_F(IntegrationsTest, WhatIsCreatedIsReadBackWhole) {
  IntegrationRecord record = AnIntegration("three", "4000000003");
  Integration& sent = record.integration;
  sent.display_name = "Крамниця на Подолі";
  sent.is_default = true;
  sent.default_cashless_payment_type = 2;
  sent.send_sms = true;
  sent.send_email = true;
  sent.branch_id = "podil";
  sent.legal_entity_id = "tov-1";
  sent.cashier_name = "Олена";
  sent.cash_rounding = domain::CashRounding::kTenKopiykas;
  sent.part_payments = domain::PartPayments::kAllowed;
  sent.doubt_policy = domain::DoubtPolicy::kPark;
  sent.tag_memory = domain::TagMemory::kForever;
  sent.quiet_window = {1430, 1440};
  sent.default_payment_line = {"Передоплата", "vat20"};
  sent.pinned_register->stated_by_operator = true;
  sent.token_last_four = "1234";
  sent.token_set_time = absl::FromUnixSeconds(1700000000);
  sent.unready_acknowledgement = {"olena", absl::FromUnixSeconds(1700000001)};
  sent.automatic_shift_closing_confirmed = true;
  sent.sms_confirmed = true;
  sent.email_confirmed = true;
  const IntegrationRecord expected = record;
  ASSERT_TRUE(Create(std::move(record)).ok());
  Reopen();

  const absl::StatusOr<IntegrationRecord> read = store().integrations().Get("three");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->token == expected.token);
  const Integration& got = read->integration;
  EXPECT_EQ(got.display_name, expected.integration.display_name);
  EXPECT_EQ(got.active, true);
  EXPECT_EQ(got.is_default, true);
  EXPECT_EQ(got.default_cashless_payment_type, 2);
  EXPECT_TRUE(got.send_sms && got.send_email);
  EXPECT_EQ(got.branch_id, "podil");
  EXPECT_EQ(got.legal_entity_id, "tov-1");
  EXPECT_EQ(got.cashier_name, "Олена");
  EXPECT_EQ(got.cash_rounding, domain::CashRounding::kTenKopiykas);
  EXPECT_EQ(got.part_payments, domain::PartPayments::kAllowed);
  EXPECT_EQ(got.doubt_policy, domain::DoubtPolicy::kPark);
  EXPECT_EQ(got.tag_memory, domain::TagMemory::kForever);
  EXPECT_EQ(got.quiet_window, expected.integration.quiet_window);
  EXPECT_EQ(got.default_payment_line, expected.integration.default_payment_line);
  EXPECT_EQ(got.pinned_register, expected.integration.pinned_register);
  EXPECT_EQ(got.token_state, domain::TokenState::kAccepted);
  EXPECT_EQ(got.token_last_four, "1234");
  EXPECT_EQ(got.token_set_time, expected.integration.token_set_time);
  EXPECT_EQ(got.unready_acknowledgement, expected.integration.unready_acknowledgement);
  EXPECT_TRUE(got.automatic_shift_closing_confirmed && got.sms_confirmed && got.email_confirmed);
  EXPECT_EQ(got.create_time, clock_.Now());
  EXPECT_EQ(got.revision, 1);
}

TEST_F(IntegrationsTest, AnIdIsTakenOnce) {
  EXPECT_EQ(ReasonOf(Create(AnIntegration(kOne, "4000000009")).status()), Reason::kIntegrationExists);
  EXPECT_EQ(ReasonOf(store().integrations().Get("nobody").status()), Reason::kIntegrationNotFound);
}

TEST_F(IntegrationsTest, AChangeRaisesTheRevisionAndAnOldOneIsRefused) {
  clock_.Advance(absl::Minutes(1));
  const Integration changed = *Change(
      kOne, [](IntegrationRecord& record) { record.integration.cashier_name = "Ірина"; }, 1);
  EXPECT_EQ(changed.revision, 2);
  EXPECT_EQ(changed.update_time, clock_.Now());
  EXPECT_LT(changed.create_time, clock_.Now());
  const absl::Status old = Change(
                               kOne, [](IntegrationRecord&) {}, 1)
                               .status();
  EXPECT_EQ(old.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(old), Reason::kEtagMismatch);
}

TEST_F(IntegrationsTest, ARefusedChangeLeavesNothing) {
  const absl::StatusOr<Integration> refused = Await<Integration>([&](Callback<Integration> done) {
    store().integrations().Change(
        kOne, std::nullopt,
        [](IntegrationRecord& record, const IntegrationSurroundings&) {
          record.integration.cashier_name = "nobody";
          return absl::InvalidArgumentError("no");
        },
        std::move(done));
  });
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(store().integrations().Get(kOne)->integration.cashier_name, "");
  EXPECT_EQ(store().integrations().Get(kOne)->integration.revision, 1);
}

TEST_F(IntegrationsTest, OneDefaultABranchAndLegalEntity) {
  // Empty is a value like any other: a default for no branch, no legal entity, or neither.
  const std::pair<const char*, const char*> pairs[] = {{"", ""}, {"", "tov"}, {"b", ""}, {"b", "tov"}};
  int number = 0;
  for (const auto& [branch, legal_entity] : pairs) {
    SCOPED_TRACE(std::string(branch) + "/" + legal_entity);
    const std::string first = "d" + std::to_string(++number);
    ASSERT_TRUE(Create(ADefault(first, branch, legal_entity)).ok());
    const absl::Status second = Create(ADefault(first + "x", branch, legal_entity)).status();
    EXPECT_EQ(second.code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(FactsOf(second)["integration_id"], first);
    EXPECT_EQ(store().integrations().Default(branch, legal_entity)->id, first);

    ASSERT_TRUE(Change(first, [](IntegrationRecord& record) { record.integration.is_default = false; }).ok());
    EXPECT_EQ(ReasonOf(store().integrations().Default(branch, legal_entity).status()),
              Reason::kDefaultIntegrationNotFound);
    EXPECT_TRUE(Create(ADefault(first + "x", branch, legal_entity)).ok());
    EXPECT_EQ(Change(first, [](IntegrationRecord& record) { record.integration.is_default = true; })
                  .status()
                  .code(),
              absl::StatusCode::kAlreadyExists);
  }
}

TEST_F(IntegrationsTest, ANewDefaultTakesTheFlagFromWhomItNames) {
  ASSERT_TRUE(Create(ADefault("old", "b", "tov")).ok());
  ASSERT_TRUE(Create(ADefault("elsewhere", "", "tov")).ok());
  clock_.Advance(absl::Minutes(1));
  IntegrationRecord next = ADefault("new", "b", "tov");
  next.clear_default_of = {"old"};
  ASSERT_TRUE(Create(next).ok());
  EXPECT_EQ(store().integrations().Default("b", "tov")->id, "new");
  const Integration old = store().integrations().Get("old")->integration;
  EXPECT_FALSE(old.is_default);
  EXPECT_EQ(old.revision, 2);
  EXPECT_EQ(old.update_time, clock_.Now());
  EXPECT_TRUE(store().integrations().Get("elsewhere")->integration.is_default);

  ASSERT_TRUE(Change("old", [](IntegrationRecord& record) {
                record.integration.is_default = true;
                record.clear_default_of = {"new"};
              }).ok());
  EXPECT_EQ(store().integrations().Default("b", "tov")->id, "old");
  EXPECT_TRUE(store().integrations().Get("old")->clear_default_of.empty());
}

// A change that is refused after it named whom to take the flag from leaves everyone as they were.
TEST_F(IntegrationsTest, ARefusedDefaultTakesNothing) {
  ASSERT_TRUE(Create(ADefault("old", "b", "tov")).ok());
  IntegrationRecord next = ADefault("new", "b", "tov");
  next.integration.pinned_register = domain::PinnedRegister{.fiscal_number = kRegisterOne};
  next.clear_default_of = {"old"};
  EXPECT_EQ(ReasonOf(Create(next).status()), Reason::kRegisterInUse);
  EXPECT_EQ(store().integrations().Default("b", "tov")->id, "old");
  EXPECT_EQ(store().integrations().Get("old")->integration.revision, 1);
}

TEST_F(IntegrationsTest, OneIntegrationARegister) {
  const absl::Status second = Create(AnIntegration("three", kRegisterOne)).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(second), Reason::kRegisterInUse);
  EXPECT_EQ(store().integrations().OfRegister(kRegisterOne)->integration.id, kOne);
  EXPECT_EQ(ReasonOf(store().integrations().OfRegister("4").status()), Reason::kIntegrationNotFound);
}

TEST_F(IntegrationsTest, DeletedWithoutHistoryItIsGone) {
  EXPECT_FALSE(Delete(kOne)->archived);
  EXPECT_EQ(ReasonOf(store().integrations().Get(kOne).status()), Reason::kIntegrationNotFound);
  EXPECT_EQ(ReasonOf(store().integrations().GetMapping(kOne).status()), Reason::kIntegrationNotFound);
  EXPECT_TRUE(Create(AnIntegration(kOne, kRegisterOne)).ok());
}

TEST_F(IntegrationsTest, DeletedWithHistoryItIsArchivedAndItsRegisterIsFree) {
  FiscalizedSale("SO-1", "TEST_1");
  AcceptSale("SO-2");
  EXPECT_EQ(ReasonOf(Delete(kOne).status()), Reason::kIntegrationHasOpenWork);
  EXPECT_EQ(seen_.open_fiscalizations, 1);
  EXPECT_EQ(seen_.fiscalizations, 2);
  ASSERT_EQ(seen_.others.size(), 1u);
  EXPECT_EQ(seen_.others[0].id, kTwo);

  ASSERT_TRUE(Cancel("f-SO-2").ok());
  const Integration archived = *Delete(kOne);
  EXPECT_TRUE(archived.archived);
  EXPECT_EQ(archived.archive_time, clock_.Now());
  const IntegrationRecord read = *store().integrations().Get(kOne);
  EXPECT_TRUE(read.integration.archived);
  EXPECT_FALSE(read.integration.active);
  EXPECT_TRUE(read.token.empty());
  EXPECT_EQ(ReasonOf(Change(kOne, [](IntegrationRecord&) {}).status()), Reason::kIntegrationArchived);
  EXPECT_EQ(ReasonOf(Accept(ASale("SO-3", kOne, kRegisterOne)).status()), Reason::kIntegrationArchived);
  EXPECT_TRUE(Create(AnIntegration("successor", kRegisterOne)).ok());
  EXPECT_EQ(store().integrations().OfRegister(kRegisterOne)->integration.id, "successor");
}

TEST_F(IntegrationsTest, PagesGoByIdAndHideTheArchivedUnlessAsked) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(Create(ADefault(id, id, "")).ok());
  FiscalizedSale("SO-1", "TEST_1");
  ASSERT_TRUE(Delete(kOne).ok());
  const auto ids = [this](bool archived) {
    std::vector<std::string> all;
    std::string after;
    do {
      const IntegrationPage page = *store().integrations().List(after, 2, archived);
      EXPECT_LE(page.integrations.size(), 2u);
      for (const Integration& integration : page.integrations) all.push_back(integration.id);
      after = page.next_after_id;
    } while (!after.empty());
    return all;
  };
  EXPECT_THAT(ids(false), testing::ElementsAre("a", "b", "c", "two"));
  EXPECT_THAT(ids(true), testing::ElementsAre("a", "b", "c", "one", "two"));
}

TEST_F(IntegrationsTest, AMappingHasARevisionOfItsOwn) {
  const auto change = [this](std::optional<int64_t> revision) {
    return Await<domain::Mapping>([&](Callback<domain::Mapping> done) {
      store().integrations().ChangeMapping(
          kOne, revision,
          [](domain::Mapping& mapping) {
            mapping.tax_groups["vat20"] = 1;
            mapping.payment_types["card"] = 2;
            return absl::OkStatus();
          },
          std::move(done));
    });
  };
  EXPECT_EQ(store().integrations().GetMapping(kOne)->revision, 1);
  EXPECT_EQ(change(1)->revision, 2);
  EXPECT_EQ(ReasonOf(change(1).status()), Reason::kEtagMismatch);
  const domain::Mapping read = *store().integrations().GetMapping(kOne);
  EXPECT_THAT(read.tax_groups, testing::ElementsAre(testing::Pair("vat20", 1)));
  EXPECT_THAT(read.payment_types, testing::ElementsAre(testing::Pair("card", 2)));
  EXPECT_EQ(store().integrations().Get(kOne)->integration.revision, 1);
}

TEST_F(IntegrationsTest, AStatusIsRememberedWithoutANewRevision) {
  domain::RegisterStatus status;
  status.fiscal_number = kRegisterOne;
  status.edrpou = "12345678";
  status.mode = domain::RegisterMode::kTest;
  status.shift = domain::ShiftStatus::kUnknown;
  status.shift_opened = absl::FromUnixSeconds(1700000000);
  status.shift_opened_at_latest = absl::FromUnixSeconds(1700000002);
  status.online_raw = 1;
  status.sign = domain::SignStatus::kFine;
  status.cash_in_drawer = Money::FromKopiykas(15000);
  status.vacant_offline_numbers = 2000;
  status.register_clock = absl::FromUnixSeconds(1700000005);
  const auto record = [&](const std::string& id) {
    return Await<bool>([&](Callback<bool> done) {
      store().integrations().RecordStatus(id, status, clock_.Now(), std::move(done));
    });
  };
  ASSERT_TRUE(record(kOne).ok());
  ASSERT_TRUE(record(kOne).ok());
  EXPECT_EQ(ReasonOf(record("nobody").status()), Reason::kIntegrationNotFound);
  const IntegrationRecord read = *store().integrations().Get(kOne);
  EXPECT_EQ(read.last_status, status);
  EXPECT_EQ(read.last_status_time, clock_.Now());
  EXPECT_EQ(read.integration.revision, 1);
}

}  // namespace
}  // namespace kasa::store
