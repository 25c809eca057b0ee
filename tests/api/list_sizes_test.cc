#include "server/api/list_sizes.h"

#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "kasa/v1/fiscalization_service.pb.h"
#include "kasa/v1/integration_service.pb.h"
#include "server/api/errors.h"

// Lists that no request may have are refused before the request is parsed.
namespace kasa::api {
namespace {

grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

// "sale.lines TOO_MANY_ITEMS", or what else the status says.
std::string Told(const absl::Status& status) {
  if (status.ok()) return "OK";
  const domain::Violations violations = ViolationsOf(status);
  if (violations.size() != 1) return status.ToString();
  return absl::StrCat(violations[0].field, " ", NameOf(violations[0].reason));
}

template <typename Request>
std::string Told(const Request& request) {
  return Told(CheckListSizes(Bytes(request.SerializeAsString()), *Request::descriptor()));
}

template <typename Items>
void Fill(Items* items, int count) {
  for (int i = 0; i < count; ++i) items->Add();
}

// The field of that number with these bytes in it.
std::string Wrapped(int number, const std::string& content) {
  std::string text(1, static_cast<char>((number << 3) | 2));
  for (size_t left = content.size();; left >>= 7) {
    text.push_back(static_cast<char>((left & 0x7F) | (left > 0x7F ? 0x80 : 0)));
    if (left <= 0x7F) return text + content;
  }
}

TEST(ListSizesTest, TwoMillionEmptyLinesAreRefusedAtOnceWithoutBeingParsed) {
  std::string lines;
  for (int i = 0; i < 2'000'000; ++i) lines += Wrapped(v1::Document::kLinesFieldNumber, "");
  const grpc::ByteBuffer bytes = Bytes(Wrapped(v1::FiscalizeSaleRequest::kSaleFieldNumber, lines));
  const absl::Time start = absl::Now();
  const absl::Status status = CheckListSizes(bytes, *v1::FiscalizeSaleRequest::descriptor());
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(200));
  EXPECT_EQ(Told(status), "sale.lines TOO_MANY_ITEMS");
}

TEST(ListSizesTest, TwoMillionStampsAreRefusedThoughNoListOfThemIsLong) {
  v1::FiscalizeSaleRequest sale;
  for (int i = 0; i < kMostParsedItems; ++i)
    Fill(sale.mutable_sale()->add_lines()->mutable_excise_stamps(), 200);
  EXPECT_EQ(Told(sale), "sale.lines[248].excise_stamps TOO_MANY_ITEMS");
}

TEST(ListSizesTest, SoAreLinesInPartsThatParsingPutsTogether) {
  v1::FiscalizeSaleRequest part;
  Fill(part.mutable_sale()->mutable_lines(), kMostParsedItems);
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += part.SerializeAsString();
  EXPECT_EQ(Told(CheckListSizes(Bytes(bytes), *v1::FiscalizeSaleRequest::descriptor())),
            "sale.lines TOO_MANY_ITEMS");
}

// Parsing keeps what it does not know, each in a piece of memory of its own.
TEST(ListSizesTest, SoIsAsMuchThatTheContractDoesNotKnow) {
  v1::FiscalizeSaleRequest sale;
  google::protobuf::UnknownFieldSet& unknown = *sale.GetReflection()->MutableUnknownFields(&sale);
  for (int i = 0; i < 20'000; ++i) unknown.AddLengthDelimited(1000);
  for (int i = 0; i < 20'000; ++i) unknown.AddVarint(v1::FiscalizeSaleRequest::kSaleFieldNumber, 0);
  EXPECT_EQ(Told(sale), "OK");
  for (int i = 0; i < 5'000; ++i) unknown.AddGroup(1001)->AddVarint(1, 0);
  EXPECT_EQ(Told(sale), "OK");
  unknown.AddGroup(1001)->AddVarint(1, 0);
  EXPECT_EQ(Told(sale), "1001 TOO_MANY_ITEMS");
}

TEST(ListSizesTest, NothingHidesALongListFromTheCheck) {
  v1::FiscalizeSaleRequest sale;
  sale.GetReflection()->MutableUnknownFields(&sale)->AddGroup(1000)->AddLengthDelimited(
      v1::FiscalizeSaleRequest::kSaleFieldNumber, "no document");
  Fill(sale.mutable_sale()->mutable_lines(), kMostParsedItems + 1);
  const std::string lines = v1::FiscalizeSaleRequest(sale).SerializeAsString();
  sale.clear_sale();
  const std::string group_first = sale.SerializeAsString() + lines;
  ASSERT_TRUE(v1::FiscalizeSaleRequest().ParseFromString(group_first));
  EXPECT_EQ(Told(CheckListSizes(Bytes(group_first), *v1::FiscalizeSaleRequest::descriptor())),
            "sale.lines TOO_MANY_ITEMS");
}

TEST(ListSizesTest, SoIsAListOfNumbersInOnePiece) {
  v1::ListFiscalizationsRequest request;
  for (int i = 0; i < 10'001; ++i) request.add_states(v1::FISCALIZATION_STATE_FAILED);
  EXPECT_EQ(Told(request), "states TOO_MANY_ITEMS");
  const std::string two_pieces =
      Wrapped(v1::ListFiscalizationsRequest::kStatesFieldNumber, std::string(6000, 1)) +
      Wrapped(v1::ListFiscalizationsRequest::kStatesFieldNumber, std::string(6000, 1));
  EXPECT_EQ(Told(CheckListSizes(Bytes(two_pieces), *v1::ListFiscalizationsRequest::descriptor())),
            "states TOO_MANY_ITEMS");
}

TEST(ListSizesTest, AnyListIsToldByItsPath) {
  v1::FiscalizeSaleRequest sale;
  sale.mutable_sale()->add_lines();
  Fill(sale.mutable_sale()->add_lines()->mutable_excise_stamps(), kMostParsedItems + 1);
  EXPECT_EQ(Told(sale), "sale.lines[1].excise_stamps TOO_MANY_ITEMS");
  v1::UpdateMappingRequest mapping;
  Fill(mapping.mutable_mapping()->mutable_taxes(), kMostParsedItems + 1);
  EXPECT_EQ(Told(mapping), "mapping.taxes TOO_MANY_ITEMS");
}

TEST(ListSizesTest, WhatTheContractTakesPasses) {
  v1::FiscalizeSaleRequest sale;
  for (int i = 0; i < 1000; ++i) Fill(sale.mutable_sale()->add_lines()->mutable_excise_stamps(), 20);
  Fill(sale.mutable_sale()->mutable_payments(), 50);
  sale.mutable_sale()->mutable_lines(0)->set_name(std::string(100'000, 'x'));
  EXPECT_EQ(Told(sale), "OK");
}

TEST(ListSizesTest, BrokenBytesAreLeftToParsing) {
  const std::string good = Wrapped(v1::FiscalizeSaleRequest::kSaleFieldNumber, std::string(50'000, '\x0b'));
  const grpc::ByteBuffer cut = Bytes(good.substr(0, 40'000));
  EXPECT_TRUE(CheckListSizes(cut, *v1::FiscalizeSaleRequest::descriptor()).ok());
  EXPECT_TRUE(
      CheckListSizes(Bytes(std::string(50'000, '\xff')), *v1::FiscalizeSaleRequest::descriptor()).ok());
}

}  // namespace
}  // namespace kasa::api
