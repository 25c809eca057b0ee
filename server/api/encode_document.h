#ifndef KASA_SERVER_API_ENCODE_DOCUMENT_H_
#define KASA_SERVER_API_ENCODE_DOCUMENT_H_

#include "kasa/v1/document.pb.h"
#include "server/domain/document.h"

namespace kasa::api {

// A document as the contract tells it: the reverse of DecodeDocument(), but for the buyer's contacts, which
// are never told. What a request tells beside its document is not in it. A pure function.
void EncodeDocument(const domain::Document& document, v1::Document* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_ENCODE_DOCUMENT_H_
