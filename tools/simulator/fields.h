#ifndef KASA_TOOLS_SIMULATOR_FIELDS_H_
#define KASA_TOOLS_SIMULATOR_FIELDS_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tools/simulator/json.h"
#include "tools/simulator/receipt.h"
#include "tools/simulator/switches.h"

namespace kasa::simulator {

// The first thing found wrong with a request; what is found later is dropped, as the register names one thing
// only.
class Problem {
 public:
  // A field that is not as documented: code 1040 ("wrong data") with the field's path.
  void WrongField(const std::string& path, std::string_view what);
  void Refuse(Refusal refusal);
  bool found() const { return refusal_.has_value(); }
  const Refusal& refusal() const { return *refusal_; }

 private:
  std::optional<Refusal> refusal_;
};

// Reads the members of one object strictly: each read names what the member has to be, and Finish() objects
// to members that nothing read. A missing optional member reads as zero or empty. `problem` and `object`
// outlive this.
class Fields {
 public:
  Fields(const Json& object, std::string path, const Switches& switches, Problem& problem);

  bool Has(std::string_view name) const;
  // Null when the member is not there.
  const Json* Any(std::string_view name);
  const Json* Object(std::string_view name, bool required);
  const Json* Array(std::string_view name, bool required);

  // A JSON number, never a string; at most two (money) or three (quantity) decimals as written; no exponent.
  std::optional<int64_t> Money(std::string_view name, bool required);
  std::optional<int64_t> Quantity(std::string_view name, bool required);
  std::optional<int64_t> Int(std::string_view name, bool required);
  // An integer as a number or as a string ("1"): tax groups are accepted in both forms.
  std::optional<int64_t> IntOrText(std::string_view name, bool required);
  // A string, through the register's alphabet, of at most `max_characters`.
  std::string Text(std::string_view name, size_t max_characters, bool required = false);
  std::string Comment(std::string_view name);
  // A member whose kind is not known for sure: a string or a number.
  void TextOrNumber(std::string_view name);
  void BoolOrNumber(std::string_view name);

  std::string PathOf(std::string_view name) const;
  void Finish();

 private:
  std::string ReadText(std::string_view name, size_t max_characters, bool required, bool is_comment);
  std::optional<int64_t> Decimal(std::string_view name, bool required, size_t decimals);

  const Json& object_;
  std::string path_;
  const Switches& switches_;
  Problem& problem_;
  std::set<std::string> read_;
};

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_FIELDS_H_
