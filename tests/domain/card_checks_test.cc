#include "server/domain/card_checks.h"

#include <gtest/gtest.h>

namespace kasa::domain {
namespace {

TEST(CardMask, ShowsAtMostTheFirstSixAndTheLastFourDigits) {
  for (const char* mask :
       {"", "1234", "537541******1234", "5375 41** **** 1234", "5375-41XX-XXXX-1234", "****1234",
        "**** **** **** 1234", "537541", "537541******", "XXXXXXXXXXXXXXXX", "5375411234", "Visa *1234"}) {
    EXPECT_TRUE(IsMasked(mask)) << mask;
  }
  for (const char* mask :
       {"5375411234567890", "5375 4112 3456 7890", "5375-4112-3456-7890", "5375.4112.3456.7890",
        "537541123456", "53754112345", "5375411*****1234", "537541*****12345", "5375*1234*7890",
        "537541***0**1234", "*5375411234567890", "5375x4112x3456x7890", "4*1*1*1*1*1"}) {
    EXPECT_FALSE(IsMasked(mask)) << mask;
  }
}

}  // namespace
}  // namespace kasa::domain
