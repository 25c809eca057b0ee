#ifndef KASA_SERVER_API_DECODE_DOCUMENT_H_
#define KASA_SERVER_API_DECODE_DOCUMENT_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "kasa/v1/document.pb.h"
#include "server/api/request_check.h"
#include "server/domain/document.h"

// Documents of the contract as values of the domain. Only what would be lost on the way is checked here
// (values of enums that the contract does not have); everything else is the domain's to judge, so that all
// of it is told at once. Pure functions.
namespace kasa::api {

// `path` is the document's place in its request: "sale".
domain::Document DecodeDocument(const v1::Document& document, absl::string_view path, RequestCheck& check);

// The lists of a document, one item over the domain's limit at most: then the domain refuses them.
std::vector<domain::Line> DecodeLines(const google::protobuf::RepeatedPtrField<v1::Line>& lines);
std::vector<domain::Payment> DecodePayments(const google::protobuf::RepeatedPtrField<v1::Payment>& payments,
                                            absl::string_view path, RequestCheck& check);
domain::Buyer DecodeBuyer(const v1::Buyer& buyer);

// A document's key in a question, where the mode may be left out.
struct AskedKey {
  domain::DocumentKey key;
  bool any_mode = false;  // then key.mode means nothing
};
AskedKey DecodeAskedKey(const v1::DocumentKey& key, absl::string_view path, RequestCheck& check);

// A document as another one names it. Its ids are the domain's to judge.
domain::DocumentName DecodeDocumentName(const v1::DocumentKey& key, absl::string_view path,
                                        RequestCheck& check);

// What a return returns: one of the two ways to name it is required.
domain::OriginalSale DecodeOriginal(const v1::OriginalSale& original, absl::string_view path,
                                    RequestCheck& check);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_DECODE_DOCUMENT_H_
