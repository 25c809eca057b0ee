#include "server/domain/return_matching.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/limits.h"
#include "server/domain/register_text.h"

namespace kasa::domain {
namespace {

constexpr absl::string_view kField = "original_line_id";

// The caller's name of a row.
std::string IdOf(const Original& original, size_t row) {
  const std::string& line_id = original.rows[row].sold.line_id;
  return line_id.empty() ? absl::StrCat(row + 1) : line_id;
}

std::optional<size_t> FindById(const std::string& id, const Original& original, const FieldScope& line) {
  for (size_t i = 0; i < original.rows.size(); ++i) {
    if (original.rows[i].sold.line_id == id) return i;
  }
  size_t place = 0;
  if (absl::SimpleAtoi(id, &place) && id == absl::StrCat(place) && place >= 1 &&
      place <= original.rows.size() && original.rows[place - 1].sold.line_id.empty()) {
    return place - 1;
  }
  line.Violate(kField, Reason::kOriginalLineNotFound,
               absl::StrCat("the sale has no line ", id, " among its ", original.rows.size()));
  return std::nullopt;
}

bool CanMean(const Line& line, const std::string& clean_name, const OriginalRow& row) {
  return row.sold.name == clean_name && row.sold.price == line.price &&
         (line.code.empty() || row.sold.code == line.code) && (!row.tax_id || *row.tax_id == line.tax_id);
}

}  // namespace

std::optional<size_t> MatchToOriginal(const Document& sales_return, size_t place, const Original& original,
                                      const FieldScope& line) {
  const Line& returned = sales_return.lines[place];
  if (!line.IsIdOrEmpty(kField, returned.original_line_id, kMaxIdLength)) return std::nullopt;
  if (!returned.original_line_id.empty()) return FindById(returned.original_line_id, original, line);
  if (original.rows.size() == 1) return 0;

  const std::string clean_name = CleanText(returned.name, kRegisterNameLength).text;
  std::vector<size_t> meant;
  for (size_t i = 0; i < original.rows.size(); ++i) {
    if (CanMean(returned, clean_name, original.rows[i])) meant.push_back(i);
  }
  if (meant.size() == 1) return meant.front();
  if (meant.empty()) {
    line.Violate(kField, Reason::kOriginalLineNotFound,
                 "is empty, and no line of the sale has this name, code, price and tax");
    return std::nullopt;
  }
  // The same lines again, of which some are alike: each means itself.
  if (sales_return.lines.size() == original.rows.size() &&
      std::find(meant.begin(), meant.end(), place) != meant.end()) {
    return place;
  }
  line.Violate(kField, Reason::kOriginalLineAmbiguous,
               absl::StrCat("is empty, and any of these lines of the sale can be meant: ",
                            absl::StrJoin(meant, ", ", [&original](std::string* out, size_t row) {
                              absl::StrAppend(out, IdOf(original, row));
                            })));
  return std::nullopt;
}

}  // namespace kasa::domain
