#include "common/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "absl/strings/escaping.h"

namespace kasa {

namespace {

struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};

// Looked up once: EVP_sha256() has libcrypto look it up at each use, which takes longer than to hash a few
// hundred bytes.
const EVP_MD* Sha256() {
  static const std::unique_ptr<EVP_MD, FreeDigest> kSha256(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return kSha256.get();
}

}  // namespace

std::string Sha256Hex(absl::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const EVP_MD* const sha256 = Sha256();
  if (sha256 == nullptr || EVP_Digest(data.data(), data.size(), digest.data(), &size, sha256, nullptr) != 1) {
    // Only a broken libcrypto or no memory at all gets here. Tags and fingerprints must never be made up.
    std::fputs("libcrypto has no working SHA-256\n", stderr);
    std::abort();
  }
  std::string raw;
  for (unsigned int i = 0; i < size; ++i) raw.push_back(static_cast<char>(digest[i]));
  return absl::BytesToHexString(raw);
}

}  // namespace kasa
