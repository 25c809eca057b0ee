#include "server/vchasno/answer_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/state_machine.h"

// Every cell of the answer table against an oracle that was written from vchasno-kasa-errors.md alone, in
// another shape: sets of codes and one chain of sentences.
namespace kasa::vchasno {
namespace {

using domain::SendEnding;

const std::set<int64_t> kDocumentCodes = {1038, 1040, 1063, 1064, 1065, 1077, 1097, 1101, 1102, 1107,
                                          1108, 1109, 1110, 1111, 1112, 1115, 1119, 1120, 2000};
const std::set<int64_t> kRegisterCodes = {1032, 1033, 1036, 1037, 1039, 1042, 1043, 1044, 1045,
                                          1046, 1047, 1052, 1056, 1062, 1069, 1073, 1074, 1091,
                                          1095, 1117, 1121, 1122, 1123, 1124, 2005, 2013, 2014};
const std::set<int64_t> kTokenCodes = {1083, 2001};
const std::set<int64_t> kShiftCodes = {1092, 2007, 2011};
const std::set<int64_t> kDoubtCodes = {430, 1016, 1034, 1035, 1048, 1053, 1054, 1058, 1075, 1105};
const std::set<int64_t> kOpenAlreadyCodes = {1096, 2008};
const std::set<int64_t> kClosedAlreadyCodes = {1006};
const std::set<int64_t> kReportCodes = {1041, 1081, 1086};
const std::set<int64_t> kAlarmCodes = {1101, 1102, 2000};
const std::set<int64_t> kNeverParkCodes = {1073, 1074, 1075};

std::set<int64_t> AllCodes() {
  std::set<int64_t> all;
  for (const auto* codes : {&kDocumentCodes, &kRegisterCodes, &kTokenCodes, &kShiftCodes, &kDoubtCodes,
                            &kOpenAlreadyCodes, &kClosedAlreadyCodes, &kReportCodes}) {
    for (const int64_t code : *codes) EXPECT_TRUE(all.insert(code).second) << code << " is in two sets";
  }
  return all;
}

SendEnding ExpectedLevel(int64_t code, int task) {
  if (kDocumentCodes.contains(code)) return SendEnding::kRefusedDocument;
  if (kRegisterCodes.contains(code)) return SendEnding::kRefusedRegister;
  if (kTokenCodes.contains(code)) return SendEnding::kTokenRefused;
  if (kShiftCodes.contains(code)) return SendEnding::kShiftClosed;
  if (kOpenAlreadyCodes.contains(code) && task == 0) return SendEnding::kDone;
  if (kClosedAlreadyCodes.contains(code) && task == 11) return SendEnding::kDone;
  if (kReportCodes.contains(code) && (task == 10 || task == 11)) return SendEnding::kRefusedDocument;
  return SendEnding::kDoubt;
}

struct Expected {
  SendEnding ending = SendEnding::kDoubt;
  bool alarm = false;
  bool never_park = false;
  bool confirm = false;
};

// Reads the page's sentences from top to bottom.
Expected Oracle(int http, int64_t res, std::optional<int64_t> action, int task) {
  Expected expected;
  expected.never_park = action == 1 || action == 2 || kNeverParkCodes.contains(res);
  if (http == 401 || http == 403) {
    expected.ending = SendEnding::kTokenRefused;
  } else if (http == 429) {
    expected.ending = SendEnding::kThrottled;
  } else if (http != 200) {
    expected.ending = SendEnding::kDoubt;
  } else if (action == 1 || action == 2) {
    expected.ending = SendEnding::kDoubtSameTagNext;
  } else if (res == 0) {
    expected.ending = !action || action == 0 ? SendEnding::kDone : SendEnding::kDoubt;
  } else if (action == 0 && AllCodes().contains(res) && ExpectedLevel(res, task) == SendEnding::kDone) {
    // Called fine, and so it is as the answer to that task: what the page has of `res_action` 0 is about
    // errors.
    expected.ending = SendEnding::kDone;
    expected.confirm = res == 2008;
  } else if (action && action != 3) {
    expected.ending = SendEnding::kDoubt;
  } else if (!AllCodes().contains(res)) {
    expected.ending = action == 3 ? SendEnding::kUnknownRefusal : SendEnding::kDoubt;
  } else {
    expected.ending = ExpectedLevel(res, task);
    expected.alarm = kAlarmCodes.contains(res);
    expected.confirm = res == 2007 || (res == 2008 && task == 0);
  }
  return expected;
}

constexpr std::array kStatuses = {200, 201, 204, 301, 400, 401, 403, 404, 409, 429, 500, 502, 503};
constexpr std::array kTasks = {-1, 0, 1, 2, 3, 4, 10, 11, 14, 18};
const std::vector<std::optional<int64_t>> kActions = {std::nullopt, 0, 1, 2, 3, 9, -1};

std::vector<int64_t> CodesToTry() {
  const std::set<int64_t> known = AllCodes();
  std::vector<int64_t> codes(known.begin(), known.end());
  for (const int64_t code : {0, 1, -1, 1001, 1059, 1113, 9999, 2002}) codes.push_back(code);
  return codes;
}

// What the ruling of the domain must be for the fiscalization, by rule 8 of the architecture.
domain::Edge ExpectedEdge(SendEnding ending, domain::SendOrder order) {
  if (ending == SendEnding::kDone) return domain::Edge::kToFiscalized;
  if (order == domain::SendOrder::kRepeated) return domain::Edge::kToInDoubt;
  if (ending == SendEnding::kDoubt || ending == SendEnding::kDoubtSameTagNext) {
    return domain::Edge::kToInDoubt;
  }
  return ending == SendEnding::kRefusedDocument ? domain::Edge::kToFailed : domain::Edge::kToAccepted;
}

TEST(AnswerTable, EveryCellAgreesWithTheVendorsPage) {
  size_t cells = 0;
  for (const int http : kStatuses) {
    for (const int64_t res : CodesToTry()) {
      for (const auto& action : kActions) {
        for (const int task : kTasks) {
          SCOPED_TRACE(absl::StrCat("HTTP ", http, ", res ", res, ", res_action ",
                                    action ? absl::StrCat(*action) : "absent", ", task ", task));
          Heard heard;
          heard.way = Heard::Way::kAnswered;
          heard.http_status = http;
          heard.readable = true;
          heard.res = res;
          heard.res_action = action;
          heard.task = task;
          const Verdict verdict = Judge(heard);
          const Expected expected = Oracle(http, res, action, task);
          ASSERT_EQ(verdict.ending, expected.ending);
          ASSERT_EQ(verdict.alarm, expected.alarm);
          ASSERT_EQ(verdict.never_park, expected.never_park);
          ASSERT_EQ(verdict.confirm_by_status, expected.confirm);
          ASSERT_FALSE(verdict.why.empty());
          for (const auto order : {domain::SendOrder::kFirst, domain::SendOrder::kRepeated}) {
            ASSERT_EQ(domain::RulingFor(verdict.ending, order).edge, ExpectedEdge(expected.ending, order));
            ++cells;
          }
        }
      }
    }
  }
  EXPECT_GT(cells, 100'000u);
}

TEST(AnswerTable, HasTheCodesOfTheVendorsPageAndNoOther) {
  std::set<int64_t> codes;
  for (const CodeRow& row : CodeTable()) EXPECT_TRUE(codes.insert(row.res).second) << row.res;
  EXPECT_EQ(codes, AllCodes());
  EXPECT_EQ(FindCode(0), nullptr);
  EXPECT_EQ(FindCode(1001), nullptr);
}

TEST(AnswerTable, HasARowForEveryActionAndResult) {
  std::set<std::pair<ActionKind, ResultKind>> cells;
  for (const ActionRow& row : ActionTable()) {
    EXPECT_TRUE(cells.insert({row.action, row.result}).second);
  }
  EXPECT_EQ(cells.size(), 6u * 3u);
}

TEST(AnswerTable, AnActionThatCantBeReadIsNotAnAbsentOne) {
  Heard heard{.way = Heard::Way::kAnswered, .http_status = 200, .readable = true, .res = 1101};
  EXPECT_EQ(Judge(heard).ending, SendEnding::kRefusedDocument);
  heard.action_unreadable = true;
  EXPECT_EQ(Judge(heard).ending, SendEnding::kDoubt);
}

TEST(AnswerTable, WhatIsNotAnAnswerToOurRequestIsDoubt) {
  for (const int64_t res : {0, 1101, 1092, 1123, 1083, 1001}) {
    for (const auto& action : kActions) {
      Heard heard{.way = Heard::Way::kAnswered, .http_status = 200, .readable = true, .res = res};
      heard.res_action = action;
      heard.echo_differs = true;
      EXPECT_EQ(Judge(heard).ending, SendEnding::kDoubt) << res;
      EXPECT_EQ(Judge(heard).reason, Reason::kAnswerContradicts);
    }
  }
}

TEST(AnswerTable, WithoutAReadableBodyOnlyTheStatusSpeaks) {
  for (const int http : kStatuses) {
    const Heard heard{.way = Heard::Way::kAnswered, .http_status = http};
    const SendEnding ending = Judge(heard).ending;
    if (http == 401 || http == 403) {
      EXPECT_EQ(ending, SendEnding::kTokenRefused);
    } else if (http == 429) {
      EXPECT_EQ(ending, SendEnding::kThrottled);
    } else {
      EXPECT_EQ(ending, SendEnding::kDoubt) << http;
    }
  }
  const Heard unreadable{.way = Heard::Way::kAnswered, .http_status = 200};
  EXPECT_EQ(Judge(unreadable).reason, Reason::kAnswerUnreadable);
}

TEST(AnswerTable, WithoutAnAnswerOnlyTheConnectionSpeaks) {
  // A status line that came is no answer when the rest did not.
  for (const int http : {0, 200, 401, 429}) {
    const Heard never{.way = Heard::Way::kNeverConnected, .http_status = http};
    EXPECT_EQ(Judge(never).ending, SendEnding::kNeverSent);
    const Heard left{.way = Heard::Way::kNoWholeAnswer, .http_status = http, .readable = true, .res = 0};
    EXPECT_EQ(Judge(left).ending, SendEnding::kDoubt);
    EXPECT_EQ(Judge(left).reason, Reason::kAnswerLost);
  }
}

TEST(AnswerTable, ReasonsSayWhoseMoveItIs) {
  const auto reason_of = [](int64_t res) {
    return Judge({.way = Heard::Way::kAnswered,
                  .http_status = 200,
                  .readable = true,
                  .res = res,
                  .res_action = 3,
                  .task = 1})
        .reason;
  };
  EXPECT_EQ(reason_of(1110), Reason::kPaymentTypeNotEnabled);
  EXPECT_EQ(reason_of(1111), Reason::kTaxGroupChangedInShift);
  EXPECT_EQ(reason_of(1115), Reason::kRoundingNotEnabled);
  EXPECT_EQ(reason_of(1123), Reason::kNoBalance);
  EXPECT_EQ(reason_of(1095), Reason::kSignatureMissing);
  EXPECT_EQ(reason_of(1121), Reason::kClockSkew);
  EXPECT_EQ(reason_of(1042), Reason::kOfflineLimit);
  EXPECT_EQ(reason_of(1083), Reason::kTokenRefused);
  EXPECT_EQ(reason_of(1101), Reason::kReceiptArithmeticRefused);
  EXPECT_EQ(reason_of(1105), Reason::kRegisterBusy);
  EXPECT_EQ(reason_of(1092), Reason::kShiftClosed);
  EXPECT_EQ(reason_of(1001), Reason::kRegisterRefused);
}

}  // namespace
}  // namespace kasa::vchasno
