#include "server/api/page_token.h"

#include <gtest/gtest.h>

#include "kasa/v1/fiscalization_service.pb.h"
#include "kasa/v1/receipt_service.pb.h"

namespace kasa::api {
namespace {

v1::ListFiscalizationsRequest Request(const std::string& order) {
  v1::ListFiscalizationsRequest request;
  request.set_order_id(order);
  return request;
}

TEST(PageTokenTest, IsReadWithTheFiltersItWasMadeWith) {
  const std::string filters = FiltersOf(Request("order-1"));
  const std::string token = MakePageToken("here", filters);
  EXPECT_EQ(ReadPageToken(token, filters), "here");
  EXPECT_FALSE(ReadPageToken(token, FiltersOf(Request("order-2"))));
  // The same fields of another list.
  EXPECT_FALSE(ReadPageToken(MakePageToken("here", FiltersOf(v1::ListFiscalizationsRequest())),
                             FiltersOf(v1::ListReceiptsRequest())));
}

TEST(PageTokenTest, PageSizeAndTokenAreNoFilters) {
  v1::ListFiscalizationsRequest next = Request("order-1");
  next.set_page_size(7);
  next.set_page_token("before");
  EXPECT_EQ(FiltersOf(next), FiltersOf(Request("order-1")));
}

TEST(PageTokenTest, WhatIsNoTokenIsNothing) {
  const std::string filters = FiltersOf(Request("order-1"));
  const std::string token = MakePageToken("here", filters);
  for (const std::string& text : {std::string("x"), std::string("%%%"), token.substr(0, token.size() - 2),
                                  "A" + token, std::string(10'000, 'A'), std::string("\0", 1)}) {
    EXPECT_FALSE(ReadPageToken(text, filters)) << text;
  }
}

TEST(PageTokenTest, AnyCharacterChangedIsSeen) {
  const std::string filters = FiltersOf(Request("order-1"));
  const std::string token = MakePageToken("0123456789ab", filters);  // no padding: every character counts
  for (size_t i = 0; i < token.size(); ++i) {
    std::string other = token;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(ReadPageToken(other, filters), "0123456789ab") << i;
  }
}

TEST(PageTokenTest, PositionsAreExact) {
  const store::PagePosition position{
      .create_time = absl::UnixEpoch() + absl::Seconds(1'763'900'000) + absl::Nanoseconds(123'456'789),
      .id = "fz 1"};
  const auto read = DecodePosition(EncodePosition(position));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->create_time, position.create_time);
  EXPECT_EQ(read->id, position.id);
  for (const char* text : {"", "1", "x y", " a", "1 "}) EXPECT_FALSE(DecodePosition(text)) << text;
}

}  // namespace
}  // namespace kasa::api
