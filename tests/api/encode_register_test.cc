#include "server/api/encode_register.h"

#include <gtest/gtest.h>

#include <set>

namespace kasa::api {
namespace {

const absl::Time kSeen = absl::FromUnixSeconds(1'763'900'000);

TEST(EncodeRegisterTest, WhatTheRegisterDidNotSayIsNotInvented) {
  v1::RegisterStatus encoded;
  EncodeStatus(domain::RegisterStatus(), kSeen, &encoded);
  v1::RegisterStatus only_seen;
  only_seen.mutable_seen_time()->set_seconds(1'763'900'000);
  EXPECT_EQ(encoded.DebugString(), only_seen.DebugString());
}

TEST(EncodeRegisterTest, AllThatTheRegisterSaidIsTold) {
  domain::RegisterStatus status;
  status.fiscal_number = "4000000001";
  status.edrpou = "12345678";
  status.mode = domain::RegisterMode::kReal;
  status.shift = domain::ShiftStatus::kOpen;
  status.shift_opened = kSeen - absl::Hours(3);
  status.online_raw = 0;
  status.sign = domain::SignStatus::kWarning;
  status.cash_in_drawer = Money();
  status.vacant_offline_numbers = 0;
  status.register_clock = kSeen - absl::Milliseconds(1500);
  v1::RegisterStatus encoded;
  EncodeStatus(status, kSeen, &encoded);
  EXPECT_EQ(encoded.shift_state(), v1::SHIFT_STATE_OPEN);
  EXPECT_EQ(encoded.shift_open_time().seconds(), 1'763'900'000 - 3 * 3600);
  EXPECT_TRUE(encoded.has_online_status_raw());
  EXPECT_EQ(encoded.online_state(), v1::ONLINE_STATE_UNSPECIFIED);
  EXPECT_EQ(encoded.signature_state(), v1::SIGNATURE_STATE_WARNING);
  EXPECT_TRUE(encoded.has_cash_in_drawer_kopiykas());
  EXPECT_TRUE(encoded.has_vacant_offline_numbers());
  EXPECT_EQ(encoded.clock_difference().seconds(), -1);
  EXPECT_EQ(encoded.clock_difference().nanos(), -500'000'000);

  status.shift = domain::ShiftStatus::kClosed;
  v1::RegisterStatus closed;
  EncodeStatus(status, kSeen, &closed);
  EXPECT_FALSE(closed.has_shift_open_time()) << "a closed shift is not open since anything";
}

TEST(EncodeRegisterTest, TheOutcomesOfACheckAreToldApart) {
  using engine::ConnectionOutcome;
  std::set<v1::ConnectionOutcome> seen;
  for (const ConnectionOutcome outcome :
       {ConnectionOutcome::kOk, ConnectionOutcome::kTokenMissing, ConnectionOutcome::kTokenRefused,
        ConnectionOutcome::kUnreachable, ConnectionOutcome::kRegisterBlocked,
        ConnectionOutcome::kRegisterRefused, ConnectionOutcome::kAnotherRegister,
        ConnectionOutcome::kUnreadable, ConnectionOutcome::kBusy}) {
    engine::ConnectionReport report;
    report.outcome = outcome;
    v1::CheckConnectionResponse response;
    EncodeConnection(report, kSeen, &response);
    EXPECT_NE(response.outcome(), v1::CONNECTION_OUTCOME_UNSPECIFIED);
    EXPECT_TRUE(seen.insert(response.outcome()).second);
    EXPECT_FALSE(response.has_register_());
    EXPECT_FALSE(response.has_latency());
  }
}

TEST(EncodeRegisterTest, AnOldStatusHasItsAge) {
  engine::ConnectionReport report;
  report.status = domain::RegisterStatus{.fiscal_number = "4000000001"};
  report.status_time = kSeen;
  v1::CheckConnectionResponse response;
  EncodeConnection(report, kSeen + absl::Minutes(2), &response);
  EXPECT_EQ(response.register_age().seconds(), 120);
  // The wall clock was set back meanwhile.
  EncodeConnection(report, kSeen - absl::Minutes(2), &response);
  EXPECT_EQ(response.register_age().seconds(), 0);
}

TEST(EncodeRegisterTest, ALaneSaysWhyItDoesNotRun) {
  engine::LaneView lane;
  lane.register_fiscal_number = "4000000001";
  lane.state = engine::LaneState::kPaused;
  lane.reason = Reason::kShiftTooLong;
  lane.queued = 3;
  lane.in_doubt = 2;
  lane.parked = 1;
  lane.oldest_time = kSeen;
  v1::Lane encoded;
  EncodeLane(lane, &encoded);
  EXPECT_EQ(encoded.state(), v1::LANE_STATE_PAUSED);
  EXPECT_EQ(encoded.reason(), "SHIFT_TOO_LONG");
  EXPECT_EQ(encoded.queued(), 3);
  EXPECT_EQ(encoded.in_doubt(), 2);
  EXPECT_EQ(encoded.parked(), 1);
  EXPECT_EQ(encoded.oldest_time().seconds(), 1'763'900'000);
  EXPECT_FALSE(encoded.has_since_time());
}

}  // namespace
}  // namespace kasa::api
