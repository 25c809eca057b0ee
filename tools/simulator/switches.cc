#include "tools/simulator/switches.h"

#include <functional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace kasa::simulator {
namespace {

struct Entry {
  std::string name;
  std::string choices;
  std::function<std::string(const Switches&)> get;
  std::function<bool(Switches&, std::string_view)> set;
};

// The order of `words` is the order of the enumerators.
template <typename E>
Entry Choice(std::string name, E Switches::*field, std::vector<std::string> words) {
  return {std::move(name), absl::StrJoin(words, "|"),
          [field, words](const Switches& s) { return words[static_cast<size_t>(s.*field)]; },
          [field, words](Switches& s, std::string_view text) {
            for (size_t i = 0; i < words.size(); ++i) {
              if (words[i] != text) continue;
              s.*field = static_cast<E>(i);
              return true;
            }
            return false;
          }};
}

Entry Flag(std::string name, bool Switches::*field) {
  return {std::move(name), "true|false",
          [field](const Switches& s) -> std::string { return s.*field ? "true" : "false"; },
          [field](Switches& s, std::string_view text) {
            if (text != "true" && text != "false") return false;
            s.*field = text == "true";
            return true;
          }};
}

Entry Number(std::string name, int Switches::*field) {
  return {std::move(name), "a number", [field](const Switches& s) { return absl::StrCat(s.*field); },
          [field](Switches& s, std::string_view text) {
            int value = 0;
            if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &value) || value < 0)
              return false;
            s.*field = value;
            return true;
          }};
}

Entry Numbers(std::string name, std::set<int> Switches::*field) {
  return {std::move(name), "numbers with + between them, as 0+2+16",
          [field](const Switches& s) { return absl::StrJoin(s.*field, "+"); },
          [field](Switches& s, std::string_view text) {
            std::set<int> values;
            for (const auto part : absl::StrSplit(absl::string_view(text.data(), text.size()), '+')) {
              int value = 0;
              if (!absl::SimpleAtoi(part, &value) || value < 0) return false;
              values.insert(value);
            }
            s.*field = std::move(values);
            return true;
          }};
}

const std::vector<Entry>& Entries() {
  using S = Switches;
  static const auto* const kEntries = new std::vector<Entry>{
      Choice("tag_memory", &S::tag_memory, {"forever", "shift", "none"}),
      Choice("other_bytes", &S::other_bytes, {"first_receipt", "refuse", "second_receipt"}),
      Choice("refused_tag", &S::refused_tag, {"judged_anew", "repeated", "known_code"}),
      Choice("busy_same_tag", &S::busy_same_tag, {"wait", "collide", "second_receipt"}),
      Choice("busy_other_tag", &S::busy_other_tag, {"wait", "busy"}),
      Choice("look_up", &S::look_up, {"honoured", "ignored"}),
      Choice("bad_text", &S::bad_text, {"replace", "refuse"}),
      Choice("long_text", &S::long_text, {"refuse", "cut"}),
      Choice("unknown_fields", &S::unknown_fields, {"refuse", "ignore"}),
      Flag("zero_receipt", &S::zero_receipt),
      Flag("rounding", &S::rounding),
      Numbers("payment_types", &S::payment_types),
      Numbers("tax_groups", &S::tax_groups),
      Flag("auto_open_shift", &S::auto_open_shift),
      Number("shift_closed_code", &S::shift_closed_code),
      Number("shift_open_code", &S::shift_open_code),
      Number("sum_differs_code", &S::sum_differs_code),
      Number("over_24h_code", &S::over_24h_code),
      Number("blocked_code", &S::blocked_code),
      Number("other_bytes_code", &S::other_bytes_code),
      Choice("listing_names", &S::listing_names, {"device_manager", "cloud", "short"}),
      Choice("listing_state", &S::listing_state, {"ok", "late", "empty", "unreadable", "not_found"}),
      Number("listing_late_by", &S::listing_late_by),
      Choice("listing_tags", &S::listing_tags, {"told", "omitted", "other"}),
      Choice("listing_tasks", &S::listing_tasks, {"told", "omitted", "zero"}),
      Choice("listing_envelope", &S::listing_envelope, {"totals", "no_totals", "array"}),
      Choice("listing_pages", &S::listing_pages, {"as_asked", "ignored", "from_zero", "small"}),
      Flag("listing_odd_row", &S::listing_odd_row),
      Flag("listing_omits_times", &S::listing_omits_times),
      Choice("check_task", &S::check_task, {"answers", "not_found", "wrong"}),
      Flag("status_omits_fisid", &S::status_omits_fisid),
      Flag("status_omits_edrpou", &S::status_omits_edrpou),
      Flag("status_omits_mode", &S::status_omits_mode),
      Flag("status_omits_shift", &S::status_omits_shift),
      Flag("status_omits_numbers", &S::status_omits_numbers),
      Flag("status_omits_shift_dt", &S::status_omits_shift_dt),
      Number("online_value", &S::online_value),
      Choice("qr", &S::qr, {"link", "text", "empty"}),
      Choice("docno_scope", &S::docno_scope, {"shift", "register"}),
      Number("latency_ms", &S::latency_ms),
  };
  return *kEntries;
}

}  // namespace

absl::Status SetSwitch(Switches& switches, std::string_view name, std::string_view value) {
  for (const Entry& entry : Entries()) {
    if (entry.name != name) continue;
    if (entry.set(switches, value)) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(entry.name, " takes ", entry.choices));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("there is no switch '", absl::string_view(name.data(), name.size()), "'"));
}

std::vector<SwitchWord> DescribeSwitches(const Switches& switches) {
  std::vector<SwitchWord> words;
  for (const Entry& entry : Entries()) words.push_back({entry.name, entry.get(switches), entry.choices});
  return words;
}

}  // namespace kasa::simulator
