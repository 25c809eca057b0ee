#include "server/domain/contact_checks.h"

#include <gtest/gtest.h>

#include <string>

namespace kasa::domain {
namespace {

TEST(Phone, IsPlus380AndNineDigits) {
  EXPECT_TRUE(IsPhone("+380501234567"));
  for (const char* text : {"", "+380", "+38050123456", "+3805012345678", "380501234567", "0501234567",
                           "+48501234567", "+380 501234567", "+38050123456a", "+380501234567 ",
                           "++38050123456", "+380\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4x"}) {
    EXPECT_FALSE(IsPhone(text)) << text;
  }
}

TEST(Phone, IsInUkrainesNumberingPlan) {
  for (const char* text : {"+380441234567", "+380631234567", "+380931234567", "+380991234567"}) {
    EXPECT_TRUE(IsPhone(text)) << text;
  }
  for (const char* text : {"+380000000000", "+380111234567", "+380101234567", "+380841234567"}) {
    EXPECT_FALSE(IsPhone(text)) << text;
  }
}

TEST(Email, IsOnePlainAddress) {
  const std::string local64(64, 'a');
  const std::string label63(63, 'b');
  for (const std::string& text :
       {std::string("o@example.com"), std::string("olena.k+shop@mail.example.com.ua"),
        std::string("a_b-c@x1.ua"), std::string("o'neil@example.org"), std::string("1@1.ua"),
        std::string("a@b.xn--j1amh"), local64 + "@" + label63 + ".ua"}) {
    EXPECT_TRUE(IsEmail(text)) << text;
  }
  for (const std::string& text : {std::string(""),
                                  std::string("@"),
                                  std::string("a"),
                                  std::string("a@"),
                                  std::string("@b.ua"),
                                  std::string("a@b"),
                                  std::string("a@b.u"),
                                  std::string("a@b.1"),
                                  std::string("a@b.12"),
                                  std::string("a@@b.ua"),
                                  std::string("a@b@c.ua"),
                                  std::string(".a@b.ua"),
                                  std::string("a.@b.ua"),
                                  std::string("a..b@c.ua"),
                                  std::string("a@.b.ua"),
                                  std::string("a@b..ua"),
                                  std::string("a@b.ua."),
                                  std::string("a@-b.ua"),
                                  std::string("a@b-.ua"),
                                  std::string("a b@c.ua"),
                                  std::string(" a@b.ua"),
                                  std::string("a@b.ua "),
                                  std::string("a@b.ua,c@d.ua"),
                                  std::string("<a@b.ua>"),
                                  std::string("\"a b\"@c.ua"),
                                  std::string("a@[1.2.3.4]"),
                                  std::string("олена@приклад.укр"),
                                  std::string("a@b_c.ua"),
                                  std::string("a@b.ua\n"),
                                  std::string("a@b.ua\0", 7),
                                  local64 + "a@b.ua",
                                  "a@" + label63 + "b.ua",
                                  "a@" + label63 + "." + label63 + "." + label63 + "." + label63 + ".ua"}) {
    EXPECT_FALSE(IsEmail(text)) << text;
  }
}

}  // namespace
}  // namespace kasa::domain
