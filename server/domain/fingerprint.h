#ifndef KASA_SERVER_DOMAIN_FINGERPRINT_H_
#define KASA_SERVER_DOMAIN_FINGERPRINT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "server/domain/document.h"

namespace kasa::domain {

// The fiscal content of a document as received, in a canonical form: "v1:" and a SHA-256 in hex. The buyer's
// contacts are not part of it (product.md, point 12). Two documents have the same fingerprint when sending
// the second is sending the first again.
//
// Canonical form, version 1: every field that has a value, in the order of the contract, as its path and its
// value ("lines[0].price_kopiykas", "4500"), each after its own length. A text that is empty, an amount that
// is zero and a flag that is false have no value; an optional amount has one when it was given, zero too. So
// a field that a later version of the contract adds leaves the fingerprints of documents without it as they
// are. Nothing is trimmed or cleaned: what counts is what was received.
std::string FingerprintOf(const Document& document);

// The paths of the fields in which two documents differ, from the document's root ("lines[3].name"), for the
// message of DOCUMENT_CONTENT_DIFFERS; at most `most`, in the order of the contract. A line, a payment or a
// card that only one of them has is named once ("lines[4]"). Empty exactly when the fingerprints are the
// same.
std::vector<std::string> DifferencesBetween(const Document& stored, const Document& received,
                                            size_t most = 20);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_FINGERPRINT_H_
