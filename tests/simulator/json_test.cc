#include "tools/simulator/json.h"

#include <string>

#include "gtest/gtest.h"

namespace kasa::simulator {
namespace {

TEST(JsonTest, KeepsTheDigitsOfANumberAndTellsItFromAString) {
  const auto json = Json::Parse(R"({"a":0.10,"b":"0.10","c":123456789012345678901234567890.000001})");
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_TRUE(json->Find("a")->IsNumber());
  EXPECT_EQ(json->Find("a")->text(), "0.10");
  EXPECT_TRUE(json->Find("b")->IsString());
  EXPECT_EQ(json->Find("c")->text(), "123456789012345678901234567890.000001");
  EXPECT_EQ(json->Dump(), R"({"a":0.10,"b":"0.10","c":123456789012345678901234567890.000001})");
}

TEST(JsonTest, RefusesWhatIsNotOneJsonDocument) {
  std::string deep(65, '[');
  deep += std::string(65, ']');
  std::string very_deep(1'000'000, '[');
  for (const std::string& text : {std::string(), std::string("{"), std::string("{} {}"),
                                  std::string(R"({"a":1,"a":2})"), std::string("01"), std::string("NaN"),
                                  std::string("\"\xC3\""), std::string("[1,]"), deep, very_deep}) {
    EXPECT_FALSE(Json::Parse(text).ok()) << text.substr(0, 80);
  }
  EXPECT_TRUE(Json::Parse(std::string(64, '[') + std::string(64, ']')).ok());
}

TEST(JsonTest, WritesAmountsAsThePublishedSamplesDo) {
  EXPECT_EQ(Json::Amount(15000).text(), "150");
  EXPECT_EQ(Json::Amount(18999).text(), "189.99");
  EXPECT_EQ(Json::Amount(50).text(), "0.5");
  EXPECT_EQ(Json::Amount(-4).text(), "-0.04");
  EXPECT_EQ(Json::Amount(0).text(), "0");
}

}  // namespace
}  // namespace kasa::simulator
