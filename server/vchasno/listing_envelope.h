#ifndef KASA_SERVER_VCHASNO_LISTING_ENVELOPE_H_
#define KASA_SERVER_VCHASNO_LISTING_ENVELOPE_H_

#include <cstdint>
#include <optional>

#include "server/vchasno/json.h"

// What a listing's rows come in, which is not known any more than the rows: where they are, and what is told
// of the page's place in the listing.
namespace kasa::vchasno {

struct ListingEnvelope {
  // The root when it is an array, else the only array under a name by which a list is known to go, on the
  // root or one step below it. Null when there is none, or several.
  const rapidjson::Value* rows = nullptr;
  // There is none, but null under such a name, and nothing says that something went wrong: some services
  // write an empty list so.
  bool null_list = false;
  std::optional<int64_t> page;
  std::optional<int64_t> total;  // rows of the whole listing
};

ListingEnvelope EnvelopeOf(const rapidjson::Value& root);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_LISTING_ENVELOPE_H_
