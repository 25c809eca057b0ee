#ifndef KASA_SERVER_API_DECODE_DOCUMENT_H_
#define KASA_SERVER_API_DECODE_DOCUMENT_H_

#include "absl/strings/string_view.h"
#include "kasa/v1/document.pb.h"
#include "server/api/request_check.h"
#include "server/domain/document.h"

// Documents of the contract as values of the domain. Only what would be lost on the way is checked here
// (values of enums that the contract does not have); everything else is the domain's to judge, so that all
// of it is told at once. Pure functions.
namespace kasa::api {

// `path` is the document's place in its request: "sale".
domain::Document DecodeDocument(const v1::Document& document, absl::string_view path, RequestCheck& check);

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
