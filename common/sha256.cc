#include "common/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"

namespace kasa {

std::string Sha256Hex(absl::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    // Only a broken libcrypto or no memory at all gets here. Tags and fingerprints must never be made up.
    std::fputs("libcrypto has no working SHA-256\n", stderr);
    std::abort();
  }
  std::string raw;
  for (unsigned int i = 0; i < size; ++i) raw.push_back(static_cast<char>(digest[i]));
  return absl::BytesToHexString(raw);
}

}  // namespace kasa
