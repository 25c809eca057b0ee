#include "tests/simulation/audit.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "tests/simulation/batch.h"
#include "tests/simulation/gateway_process.h"
#include "tests/simulation/history.h"

// Histories that come out wrong at the end, by hand: the audit must say so.
namespace kasa::simulation {
namespace {

using domain::Fiscalization;
using domain::State;

// Changes what is there before it is audited; false when this history has nothing to change.
using Plant = std::function<bool(Planting&)>;

class AuditTest : public testing::Test {
 protected:
  // The rule that the audit finds broken in the first history in which this can be planted.
  std::string RuleBrokenBy(const Plant& plant) {
    for (uint64_t seed = 1; seed <= 40; ++seed) {
      bool planted = false;
      const HistoryOptions options{.plant = [&](Planting& planting) { planted = plant(planting); }};
      const HistoryResult result = RunHistory(machine_, DrawPlan(seed, machine_.kyiv), options);
      if (planted) return result.violation ? result.violation->rule : "";
    }
    return "never planted";
  }

  // The same by a statement behind the gateway's back, where it changes a row at least.
  std::string RuleBrokenBySql(const std::string& sql) {
    return RuleBrokenBy([&](Planting&) {
      SQLite::Database database(DatabasePath(), SQLite::OPEN_READWRITE, 0, machine_.vfs.name());
      return database.exec(sql) > 0;
    });
  }

  static std::vector<Fiscalization> All(Planting& planting) {
    return planting.store.ListFiscalizations({}, std::nullopt, 1000)->fiscalizations;
  }
  static LedgerEntry* EntryOf(Planting& planting, const std::string& fiscal_number) {
    for (size_t at = 0; at < planting.cloud.registers(); ++at) {
      for (LedgerEntry* entry : planting.cloud.at(at).ledger()) {
        if (entry->fiscal_number == fiscal_number) return entry;
      }
    }
    return nullptr;
  }
  // The receipt of any document that has one.
  static LedgerEntry* AnyEntry(Planting& planting, domain::DocumentKind kind = domain::DocumentKind::kSale) {
    for (const Fiscalization& one : All(planting)) {
      if (one.receipt && one.key.kind == kind) return EntryOf(planting, one.receipt->fiscal_number);
    }
    return nullptr;
  }
  // A receipt that nobody asked for now.
  static void Make(Planting& planting, const std::string& tag) {
    const std::string body = R"({"tag":")" + tag +
                             R"(","fiscal":{"task":1,"receipt":{"sum":45.00,"rows":[{"code":"","name":"n",)"
                             R"("cnt":1.000,"price":45.00,"taxgrp":1}],"pays":[{"type":2,"sum":45.00}]}}})";
    RegisterModel& model = planting.cloud.at(0);
    const auto made = model.Execute(*ReadTaskRequest(body), body, planting.now);
    if (made.res != 0) {
      const std::string opening = R"({"tag":"opening","fiscal":{"task":0}})";
      model.Execute(*ReadTaskRequest(opening), opening, planting.now);
      model.Execute(*ReadTaskRequest(body), body, planting.now);
    }
  }
  static DocumentCase* CaseWithReceipt(Planting& planting) {
    auto& cases = planting.people.cases();
    const auto found = std::find_if(cases.begin(), cases.end(), [](const DocumentCase& one) {
      return !one.told_fiscal_number.empty() && !one.fiscalization_id.empty();
    });
    return found == cases.end() ? nullptr : &*found;
  }

  Machine machine_;
};

TEST_F(AuditTest, NothingPlanted) {
  EXPECT_EQ(RuleBrokenBy([](Planting&) { return true; }), "");
}

TEST_F(AuditTest, ASecondReceiptUnderTheNextTag) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              for (const Fiscalization& one : All(planting)) {
                if (!one.receipt) continue;
                Make(planting, TagByTheRule(one.key, one.tag_number + 1));
                return true;
              }
              return false;
            }),
            "one_receipt");
}

TEST_F(AuditTest, AReceiptUnderATagOfNobody) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              Make(planting, "5eed5eed00000000000000000000beef");
              return true;
            }),
            "nobodys_receipt");
}

TEST_F(AuditTest, AReceiptOfWhatFailed) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              for (const Fiscalization& one : All(planting)) {
                if (one.state != State::kFailed) continue;
                // Under a number that no register has refused yet.
                Make(planting, TagByTheRule(one.key, one.tag_number + 1));
                return true;
              }
              return false;
            }),
            "surely_none");
}

TEST_F(AuditTest, AReceiptOverAnotherSum) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              LedgerEntry* const entry = AnyEntry(planting);
              if (entry != nullptr) ++entry->request.sum;
              return entry != nullptr;
            }),
            "right_receipt");
}

TEST_F(AuditTest, AReceiptOfAnotherRegister) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              LedgerEntry* const entry = AnyEntry(planting);
              if (entry != nullptr) entry->register_number = "4000000009";
              return entry != nullptr;
            }),
            "right_receipt");
}

TEST_F(AuditTest, AReceiptOfAnotherKind) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              LedgerEntry* const entry = AnyEntry(planting);
              if (entry != nullptr) entry->request.task = kReturn;
              return entry != nullptr;
            }),
            "right_receipt");
}

TEST_F(AuditTest, AReceiptInAnotherTaxGroup) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              LedgerEntry* const entry = AnyEntry(planting);
              if (entry == nullptr) return false;
              ++entry->request.rows.front().tax_group;
              return true;
            }),
            "right_receipt");
}

TEST_F(AuditTest, MoreComesBackThanWasSold) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              LedgerEntry* const entry = AnyEntry(planting, domain::DocumentKind::kReturn);
              if (entry == nullptr) return false;
              entry->request.rows.front().count *= 20;
              return true;
            }),
            "returns");
}

TEST_F(AuditTest, ArithmeticThatARegisterRefuses) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              const std::string body =
                  R"({"tag":"x","fiscal":{"task":1,"receipt":{"sum":45.01,"rows":[{"code":"","name":"n",)"
                  R"("cnt":1.000,"price":45.00,"taxgrp":1}],"pays":[{"type":2,"sum":45.01}]}}})";
              planting.cloud.at(0).Execute(*ReadTaskRequest(body), body, planting.now);
              return true;
            }),
            "arithmetic");
}

TEST_F(AuditTest, AcknowledgedAndGone) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              planting.people.cases().front().fiscalization_id = "fz-000000000000000000000000";
              return true;
            }),
            "accepted_is_durable");
}

TEST_F(AuditTest, ToldOfAReceiptThatIsNotThere) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              DocumentCase* const one = CaseWithReceipt(planting);
              if (one != nullptr) one->told_fiscal_number = "TEST_elsewhere";
              return one != nullptr;
            }),
            "outcome_is_durable");
}

TEST_F(AuditTest, AnotherTagThanTheFormulas) {
  EXPECT_EQ(
      RuleBrokenBySql("UPDATE fiscalizations SET tag = '5eed5eed00000000000000000000beef' WHERE number ="
                      " (SELECT min(number) FROM fiscalizations WHERE state = 4)"),
      "deterministic_tag");
}

TEST_F(AuditTest, AnOrderOnTwoRegisters) {
  EXPECT_EQ(RuleBrokenBySql("UPDATE fiscalizations SET order_id = 'one' WHERE state = 4 AND kind <> 2 AND"
                            " (SELECT count(DISTINCT register_fiscal_number) FROM fiscalizations"
                            "  WHERE state = 4 AND kind <> 2) > 1"),
            "orders");
}

TEST_F(AuditTest, AChangeThatThereIsNoArrowFor) {
  EXPECT_EQ(RuleBrokenBySql("INSERT INTO changes (fiscalization, integration_id, state, moved, attempts,"
                            " revision, failure, time) SELECT fiscalization, integration_id, 6, 1, attempts,"
                            " revision, failure, time FROM changes WHERE state = 4 LIMIT 1"),
            "arrows");
}

TEST_F(AuditTest, WhatAWatcherSawHasChanged) {
  EXPECT_EQ(RuleBrokenBySql("UPDATE changes SET state = 6 WHERE sequence ="
                            " (SELECT min(sequence) FROM changes)"),
            "watched_is_durable");
}

TEST_F(AuditTest, WhatAWatcherSawIsGone) {
  EXPECT_EQ(RuleBrokenBySql("DELETE FROM changes WHERE sequence = (SELECT max(sequence) FROM changes)"),
            "watched_is_durable");
}

TEST_F(AuditTest, AStateThatNoWatcherWasTold) {
  EXPECT_EQ(RuleBrokenBySql("UPDATE fiscalizations SET state = 6 WHERE state = 5"), "watch");
}

TEST_F(AuditTest, WhatWaitsForEver) {
  EXPECT_EQ(RuleBrokenBySql("UPDATE fiscalizations SET state = 1 WHERE state = 5"), "liveness");
}

TEST_F(AuditTest, AStoreThatNobodyCanRead) {
  EXPECT_EQ(RuleBrokenBySql("UPDATE fiscalizations SET failure = x'ff' WHERE state = 5"), "readable");
}

TEST_F(AuditTest, StoredAfterErrorsOnly) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              DocumentCase* const one = CaseWithReceipt(planting);
              if (one == nullptr) return false;
              one->fiscalization_id.clear();
              one->may_be_stored = false;
              return true;
            }),
            "error_stored_nothing");
}

TEST_F(AuditTest, ACallerWhoNeverGotAnAnswer) {
  EXPECT_EQ(RuleBrokenBy([](Planting& planting) {
              DocumentCase* const one = CaseWithReceipt(planting);
              if (one == nullptr) return false;
              one->fiscalization_id.clear();
              one->may_be_stored = true;
              one->given_up = false;
              return true;
            }),
            "liveness");
}

}  // namespace
}  // namespace kasa::simulation
