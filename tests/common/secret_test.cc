#include "common/secret.h"

#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>

namespace kasa {
namespace {

template <typename T>
concept Streamable = requires(std::ostream& stream, const T& value) { stream << value; };

TEST(Secret, CannotBePrintedOrConverted) {
  static_assert(!Streamable<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<Secret, absl::string_view>);
  static_assert(!std::is_convertible_v<std::string, Secret>);
}

TEST(Secret, ShowsItsLastFourCharactersOnlyWhenItIsLongEnough) {
  struct Case {
    const char* value;
    const char* shown;
  };
  for (const Case& c : {Case{"", ""}, Case{"abcd", ""}, Case{"12345678901", ""}, Case{"123456789012", "9012"},
                        Case{"a-long-token-ending-in-WXYZ", "WXYZ"}}) {
    EXPECT_EQ(Secret(c.value).LastFour(), c.shown) << c.value;
  }
}

TEST(Secret, KeepsAndComparesItsValue) {
  EXPECT_TRUE(Secret().empty());
  EXPECT_EQ(Secret("token").Reveal(), "token");
  EXPECT_TRUE(Secret("token") == Secret("token"));
  EXPECT_FALSE(Secret("token") == Secret("Token"));
}

}  // namespace
}  // namespace kasa
