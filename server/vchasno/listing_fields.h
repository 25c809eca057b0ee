#ifndef KASA_SERVER_VCHASNO_LISTING_FIELDS_H_
#define KASA_SERVER_VCHASNO_LISTING_FIELDS_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/kyiv_time.h"
#include "common/money.h"
#include "server/vchasno/json.h"

// Facts under plausible names: what the fields of the listings are called is not known. Names are compared
// without regard to case, underscores and hyphens, so "fiscalNumber" is "fiscal_number".
namespace kasa::vchasno {

// What a row says about one fact.
struct ListedFact {
  std::string text;     // empty: not told
  bool spoilt = false;  // told twice and not alike, or not as a text or a number
};

// The objects among which a row's facts may be spread: itself, and those that it holds under a name by which
// a row is known to wrap its facts ("info", "task", "fiscal", ...). Empty when `row` is no object.
std::vector<const rapidjson::Value*> LevelsOf(const rapidjson::Value& row);

// A fact that has one of these names on any level. Names are in the order of their worth: the first that is
// there counts, and it must be told alike on all levels.
ListedFact FactOf(const std::vector<const rapidjson::Value*>& levels,
                  std::initializer_list<absl::string_view> names);

// The same, where all of these names mean the same: they must be told alike.
ListedFact SameFactOf(const std::vector<const rapidjson::Value*>& levels,
                      std::initializer_list<absl::string_view> names);

// The member of an object with one of these names, the first of them that is there and not null.
const rapidjson::Value* MemberOf(const rapidjson::Value* object,
                                 std::initializer_list<absl::string_view> names);

// Whether a member's name is this one, given without underscores, in lower case.
bool IsNamed(absl::string_view member, absl::string_view name);

// A time in any way in which one is read of this service (KyivTime::ParseRegisterTime). Without a zone it is
// Kyiv's, and may be UTC all the same: which shifts overlap is measured widely for that (absence.h).
std::optional<absl::Time> ListedTime(const std::string& text, const KyivTime& kyiv);

// An amount, also with a decimal comma or spaces between thousands.
std::optional<Money> ListedSum(std::string text);

// The task by its number, or by the words for a sale and a return.
std::optional<int> ListedTask(const std::string& text);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_LISTING_FIELDS_H_
