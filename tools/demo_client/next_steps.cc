#include "tools/demo_client/next_steps.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "kasa/v1/receipt_service.pb.h"

namespace kasa::demo {
namespace {

std::string Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  // Messages of the contract hold nothing that JSON can't say, unless a string is no UTF-8.
  return status.ok() ? json : absl::StrCat("{} # ", std::string(status.message()));
}

}  // namespace

std::string Quoted(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

std::vector<NextStep> NextSteps(absl::string_view grpcurl, absl::string_view gateway,
                                const v1::FiscalizeSaleRequest& sale,
                                const v1::FiscalizeSaleRequest& faulty_sale,
                                const v1::Fiscalization& fiscalization) {
  const std::string start = absl::StrCat(grpcurl, " -plaintext ");
  const auto call = [&](absl::string_view method, const google::protobuf::Message& request) {
    return absl::StrCat(start, "-d ", Quoted(Json(request)), " ", gateway, " kasa.v1.", method);
  };
  v1::GetFiscalizationRequest by_document;
  by_document.mutable_document()->set_kind(v1::DOCUMENT_KIND_SALE);
  by_document.mutable_document()->set_document_id(sale.document_id());
  by_document.mutable_document()->set_source_system(sale.source_system());
  v1::GetReceiptRequest receipt;
  receipt.set_fiscalization_id(fiscalization.fiscalization_id());
  v1::ListExchangesRequest exchanges;
  exchanges.set_fiscalization_id(fiscalization.fiscalization_id());
  return {
      {"the services that the gateway offers", absl::StrCat(start, gateway, " list")},
      {"the sale, by its document", call("FiscalizationService/GetFiscalization", by_document)},
      {"the same sale once more: the same receipt, \"replayed\": true",
       call("FiscalizationService/FiscalizeSale", sale)},
      {"a faulty sale, checked only: all its violations at once",
       call("FiscalizationService/FiscalizeSale", faulty_sale)},
      {"the receipt", call("ReceiptService/GetReceipt", receipt)},
      {"what the gateway and the register said to each other",
       call("FiscalizationService/ListExchanges", exchanges)},
  };
}

}  // namespace kasa::demo
