#include "server/domain/state_machine.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kasa::domain {
namespace {

using enum SendEnding;
using enum Edge;
using enum LaneStep;

constexpr State kStates[] = {State::kAccepted,   State::kSending, State::kInDoubt,
                             State::kFiscalized, State::kFailed,  State::kCancelled};

// architecture.md, rules 3, 4 and 8, written a second time: every cell.
struct Cell {
  SendEnding ending;
  Edge first_edge;
  LaneStep first_step;
  Edge repeated_edge;
  LaneStep repeated_step;
};

constexpr Cell kCells[] = {
    {kDone, kToFiscalized, kNext, kToFiscalized, kNext},
    {kRefusedDocument, kToFailed, kNext, kToInDoubt, kBackOff},
    {kRefusedRegister, kToAccepted, kPause, kToInDoubt, kPause},
    {kShiftClosed, kToAccepted, kOpenShift, kToInDoubt, kOpenShift},
    {kUnknownRefusal, kToAccepted, kAskStatus, kToInDoubt, kBackOff},
    {kTokenRefused, kToAccepted, kPause, kToInDoubt, kPause},
    {kThrottled, kToAccepted, kBackOff, kToInDoubt, kBackOff},
    {kNeverSent, kToAccepted, kBackOff, kToInDoubt, kBackOff},
    {kDoubt, kToInDoubt, kBackOff, kToInDoubt, kBackOff},
    {kDoubtSameTagNext, kToInDoubt, kSameTagNext, kToInDoubt, kSameTagNext},
};

TEST(RulingTable, HasEveryCellAsTheRulesSay) {
  for (const Cell& cell : kCells) {
    SCOPED_TRACE(std::string(NameOf(cell.ending)));
    const Ruling& first = RulingFor(cell.ending, SendOrder::kFirst);
    EXPECT_EQ(first.edge, cell.first_edge);
    EXPECT_EQ(first.step, cell.first_step);
    const Ruling& repeated = RulingFor(cell.ending, SendOrder::kRepeated);
    EXPECT_EQ(repeated.edge, cell.repeated_edge);
    EXPECT_EQ(repeated.step, cell.repeated_step);
  }
}

TEST(RulingTable, HasEachEndingAndOrderOnce) {
  std::set<std::pair<SendEnding, SendOrder>> seen;
  for (const Ruling& ruling : RulingTable()) {
    EXPECT_TRUE(seen.emplace(ruling.ending, ruling.order).second);
    EXPECT_EQ(&RulingFor(ruling.ending, ruling.order), &ruling);
    EXPECT_FALSE(ruling.why.empty());
  }
  EXPECT_EQ(seen.size(), std::size(kCells) * 2);
}

TEST(RulingTable, ARefusalOfAReSendNeverProvesAbsence) {
  for (const Ruling& ruling : RulingTable()) {
    if (ruling.order != SendOrder::kRepeated) continue;
    EXPECT_EQ(ruling.edge, ruling.ending == kDone ? kToFiscalized : kToInDoubt) << NameOf(ruling.ending);
  }
}

TEST(RulingTable, OnlyARefusedDocumentFails) {
  for (const Ruling& ruling : RulingTable()) {
    const bool fails = ruling.ending == kRefusedDocument && ruling.order == SendOrder::kFirst;
    EXPECT_EQ(ruling.edge == kToFailed, fails) << NameOf(ruling.ending);
  }
}

TEST(RulingTable, TheLaneGoesOnOnlyFromWhatIsSettled) {
  for (const Ruling& ruling : RulingTable()) {
    const bool settled = ruling.edge == kToFiscalized || ruling.edge == kToFailed;
    EXPECT_EQ(ruling.step == kNext, settled) << NameOf(ruling.ending);
  }
}

TEST(States, HaveTheArrowsOfRule8AndNoOthers) {
  const std::set<std::pair<State, State>> arrows = {
      {State::kAccepted, State::kSending},   {State::kAccepted, State::kCancelled},
      {State::kAccepted, State::kFailed},    {State::kSending, State::kFiscalized},
      {State::kSending, State::kFailed},     {State::kSending, State::kAccepted},
      {State::kSending, State::kInDoubt},    {State::kInDoubt, State::kSending},
      {State::kInDoubt, State::kFiscalized}, {State::kInDoubt, State::kFailed},
      {State::kInDoubt, State::kAccepted},   {State::kFailed, State::kAccepted},
      {State::kCancelled, State::kAccepted},
  };
  for (const State from : kStates) {
    for (const State to : kStates) {
      EXPECT_EQ(IsAllowed(from, to), arrows.contains({from, to})) << NameOf(from) << " -> " << NameOf(to);
    }
  }
}

TEST(States, EveryRulingIsAnArrowFromSending) {
  for (const Ruling& ruling : RulingTable()) {
    const State to = ruling.edge == kToFiscalized ? State::kFiscalized
                     : ruling.edge == kToFailed   ? State::kFailed
                     : ruling.edge == kToAccepted ? State::kAccepted
                                                  : State::kInDoubt;
    EXPECT_TRUE(IsAllowed(State::kSending, to));
  }
}

TEST(States, AFiscalizedOneStaysSo) {
  for (const State to : kStates) EXPECT_FALSE(IsAllowed(State::kFiscalized, to)) << NameOf(to);
}

TEST(States, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const State state : kStates) names.insert(std::string(NameOf(state)));
  for (const Cell& cell : kCells) names.insert(std::string(NameOf(cell.ending)));
  EXPECT_EQ(names.size(), std::size(kStates) + std::size(kCells));
  EXPECT_EQ(names.count("UNKNOWN"), 0U);
}

}  // namespace
}  // namespace kasa::domain
