#include "server/domain/sending.h"

#include <gtest/gtest.h>

#include <string>

namespace kasa::domain {
namespace {

TEST(MaskPhone, ShowsTheCountryAndTheLastFour) {
  EXPECT_EQ(MaskPhone("+380501234567"), "+380*****4567");
}

TEST(MaskEmail, ShowsTheFirstCharacterAndTheDomain) {
  EXPECT_EQ(MaskEmail("olena@example.com"), "o***@example.com");
  EXPECT_EQ(MaskEmail("o@example.com"), "o***@example.com");
}

TEST(Mask, WhatIsNoContactIsHiddenWhole) {
  for (const std::string& text : {std::string(), std::string("+380501"),
                                  std::string("+38050\x01"
                                              "1234567")}) {
    EXPECT_EQ(MaskPhone(text), "***") << text;
  }
  for (const std::string& text :
       {std::string(), std::string("olena"), std::string("@example.com"), std::string("олена@example.com")}) {
    EXPECT_EQ(MaskEmail(text), "***") << text;
  }
}

TEST(MaskRecipient, GoesByTheChannel) {
  EXPECT_EQ(MaskRecipient(SendingChannel::kSms, "+380501234567"), "+380*****4567");
  EXPECT_EQ(MaskRecipient(SendingChannel::kEmail, "olena@example.com"), "o***@example.com");
}

}  // namespace
}  // namespace kasa::domain
