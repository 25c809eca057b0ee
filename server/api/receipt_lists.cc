#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/api/encode_sending.h"
#include "server/api/list_parts.h"
#include "server/api/page_token.h"
#include "server/api/receipt_handlers.h"
#include "server/api/request_check.h"

// The lists of ReceiptService.
namespace kasa::api {
namespace {

// In the list's own words: the time, the register's number and the rest, which is the receipt's.
std::string EncodePosition(const store::ReceiptPosition& position) {
  return absl::StrCat(absl::ToUnixMicros(position.time), " ", position.register_fiscal_number.size(), " ",
                      position.register_fiscal_number, position.fiscal_number);
}

std::optional<store::ReceiptPosition> DecodeReceiptPosition(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(' ', 2));
  int64_t micros = 0;
  size_t length = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &micros) || !absl::SimpleAtoi(parts[1], &length) ||
      length > parts[2].size()) {
    return std::nullopt;
  }
  return store::ReceiptPosition{.time = absl::FromUnixMicros(micros),
                                .fiscal_number = parts[2].substr(length),
                                .register_fiscal_number = parts[2].substr(0, length)};
}

store::PagePosition AsPagePosition(const domain::Sending& sending) {
  return {.create_time = sending.create_time, .id = sending.id};
}

}  // namespace

void ReceiptHandlers::ListReceipts(v1::ListReceiptsRequest request, CallContext call,
                                   Done<v1::ListReceiptsResponse> done) {
  ReadOn(executor_, std::move(call), std::move(done),
         [this, request = std::move(request)] { return ReadReceipts(request); });
}

absl::StatusOr<v1::ListReceiptsResponse> ReceiptHandlers::ReadReceipts(
    const v1::ListReceiptsRequest& request) {
  RequestCheck check;
  const int page_size = check.PageSize("page_size", request.page_size());
  store::ReceiptFilter filter;
  check.AtMost("integration_id", request.integration_id());
  check.AtMost("register_fiscal_number", request.register_fiscal_number());
  check.AtMost("order_id", request.order_id());
  filter.integration_id = request.integration_id();
  filter.register_fiscal_number = request.register_fiscal_number();
  filter.order_id = request.order_id();
  filter.time_from =
      check.Moment("fiscal_time_from", request.has_fiscal_time_from(), request.fiscal_time_from());
  filter.time_before =
      check.Moment("fiscal_time_before", request.has_fiscal_time_before(), request.fiscal_time_before());
  filter.kind = DecodeKind(request.kind(), "kind", check);
  const std::string filters = FiltersOf(request);
  std::optional<store::ReceiptPosition> after;
  if (!request.page_token().empty()) {
    const auto position = ReadPageToken(request.page_token(), filters);
    if (position) after = DecodeReceiptPosition(*position);
    if (!after) check.Add("page_token", Reason::kPageTokenInvalid, kPageTokenInvalid);
  }
  if (!check.ok()) return check.ToStatus();

  const absl::StatusOr<store::ReceiptPage> page = store_.receipts().List(filter, after, page_size);
  if (!page.ok()) return page.status();
  v1::ListReceiptsResponse response;
  PageRoom room;
  for (const store::ListedReceipt& listed : page->receipts) {
    v1::Receipt& encoded = *response.add_receipts();
    EncodeReceipt(listed.fiscalization, pages_, &encoded);
    const bool full = !room.Take(encoded.ByteSizeLong());
    const bool last = &listed == &page->receipts.back();
    if ((full || last) && (!last || page->more)) {
      response.set_next_page_token(MakePageToken(EncodePosition(listed.position), filters));
    }
    if (full) break;
  }
  return response;
}

void ReceiptHandlers::ListReceiptSendings(v1::ListReceiptSendingsRequest request, CallContext call,
                                          Done<v1::ListReceiptSendingsResponse> done) {
  ReadOn(executor_, std::move(call), std::move(done),
         [this, request = std::move(request)] { return ReadSendings(request); });
}

absl::StatusOr<v1::ListReceiptSendingsResponse> ReceiptHandlers::ReadSendings(
    const v1::ListReceiptSendingsRequest& request) {
  RequestCheck check;
  const int page_size = check.PageSize("page_size", request.page_size());
  store::SendingFilter filter;
  check.AtMost("fiscal_number", request.fiscal_number());
  check.AtMost("fiscalization_id", request.fiscalization_id());
  check.AtMost("integration_id", request.integration_id());
  filter.fiscal_number = request.fiscal_number();
  filter.fiscalization_id = request.fiscalization_id();
  filter.integration_id = request.integration_id();
  filter.create_time_from =
      check.Moment("create_time_from", request.has_create_time_from(), request.create_time_from());
  filter.create_time_before =
      check.Moment("create_time_before", request.has_create_time_before(), request.create_time_before());
  const std::string filters = FiltersOf(request);
  std::optional<store::SendingPosition> after;
  if (!request.page_token().empty()) {
    const auto text = ReadPageToken(request.page_token(), filters);
    const auto position = text ? DecodePosition(*text) : std::nullopt;
    if (position) after = store::SendingPosition{position->create_time, position->id};
    if (!after) check.Add("page_token", Reason::kPageTokenInvalid, kPageTokenInvalid);
  }
  if (!check.ok()) return check.ToStatus();

  const absl::StatusOr<store::SendingPage> page = store_.receipts().ListSendings(filter, after, page_size);
  if (!page.ok()) return page.status();
  v1::ListReceiptSendingsResponse response;
  PageRoom room;
  for (const domain::Sending& sending : page->sendings) {
    v1::ReceiptSending& encoded = *response.add_sendings();
    EncodeSending(sending, &encoded);
    const bool full = !room.Take(encoded.ByteSizeLong());
    const bool last = &sending == &page->sendings.back();
    if ((full || last) && (!last || page->more)) {
      response.set_next_page_token(MakePageToken(api::EncodePosition(AsPagePosition(sending)), filters));
    }
    if (full) break;
  }
  return response;
}

}  // namespace kasa::api
