#ifndef KASA_SERVER_DOMAIN_FINGERPRINT_H_
#define KASA_SERVER_DOMAIN_FINGERPRINT_H_

#include <string>
#include <vector>

#include "server/domain/document.h"

namespace kasa::domain {

// The fiscal content of a document as received, in a canonical form: "v1:" and a SHA-256 in hex. The buyer's
// contacts are not part of it (product.md, point 12). Two documents have the same fingerprint when sending
// the second is sending the first again.
std::string FingerprintOf(const Document& document);

// Field paths (below `root`) in which two documents differ, for the message of DOCUMENT_CONTENT_DIFFERS; at
// most `most`. Empty exactly when the fingerprints are the same.
std::vector<std::string> DifferencesBetween(const Document& stored, const Document& received,
                                            size_t most = 20);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_FINGERPRINT_H_
