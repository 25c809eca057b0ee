#include "server/vchasno/not_enabled.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/vchasno/json.h"

namespace kasa::vchasno {
namespace {

std::optional<int> CodeIn(const rapidjson::Value& value) {
  const auto number = IntOf(&value);
  if (!number || *number < 0 || *number > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(*number);
}

bool HasAnyOf(absl::string_view text, std::initializer_list<absl::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [text](absl::string_view word) { return absl::StrContains(text, word); });
}

void ReadExtra(absl::string_view extra, domain::NotEnabledHint& hint) {
  const auto json = JsonObject::Parse(extra);
  if (!json) return;
  for (const auto& member : json->root().GetObject()) {
    const std::string name =
        absl::AsciiStrToLower(absl::string_view(member.name.GetString(), member.name.GetStringLength()));
    const std::optional<int> code = CodeIn(member.value);
    if (!code) continue;
    // "taxgrp" as in the request; payments have their code in "type" there.
    if (absl::StrContains(name, "tax")) {
      hint.tax_group = code;
    } else if (name == "type" || absl::StrContains(name, "pay")) {
      hint.payment_type = code;
    }
  }
}

}  // namespace

domain::NotEnabledHint ReadNotEnabled(const domain::Upstream& refusal) try {
  domain::NotEnabledHint hint;
  ReadExtra(refusal.error_extra_json, hint);
  // "оплата", "Платіж"; "податкова", "ПДВ". With both words, or neither, it may be either.
  const bool payment = HasAnyOf(refusal.errortxt, {"плат", "Плат", "ПЛАТ"});
  const bool tax = HasAnyOf(refusal.errortxt, {"одатк", "ОДАТК", "ПДВ"});
  if (payment != tax) {
    hint.may_be_payment_type = payment;
    hint.may_be_tax_group = tax;
  }
  return hint;
} catch (const JsonMisuse&) {
  return {};
}

}  // namespace kasa::vchasno
