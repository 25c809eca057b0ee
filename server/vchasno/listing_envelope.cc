#include "server/vchasno/listing_envelope.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "server/vchasno/listing_fields.h"

namespace kasa::vchasno {
namespace {

using rapidjson::Value;

constexpr absl::string_view kLists[] = {"docs",    "items",   "data",    "results",   "result",
                                        "rows",    "list",    "checks",  "receipts",  "shifts",
                                        "records", "content", "objects", "documents", "info"};

absl::string_view NameOf(const Value& name) {
  return {name.GetString(), name.GetStringLength()};
}

struct Lists {
  std::vector<const Value*> arrays;
  bool null_seen = false;
};

void Collect(const Value& object, int depth, Lists& lists) {
  for (auto member = object.MemberBegin(); member != object.MemberEnd(); ++member) {
    const absl::string_view told = NameOf(member->name);
    const bool is_list = std::any_of(std::begin(kLists), std::end(kLists),
                                     [&](absl::string_view list) { return IsNamed(told, list); });
    if (!is_list) continue;
    if (member->value.IsArray()) lists.arrays.push_back(&member->value);
    if (member->value.IsNull()) lists.null_seen = true;
    if (member->value.IsObject() && depth == 0) Collect(member->value, depth + 1, lists);
  }
}

// Whether a member says anything: null, false, zero and what is empty say nothing.
bool SaysSomething(const Value* value) {
  if (value == nullptr || value->IsNull()) return false;
  if (value->IsBool()) return value->GetBool();
  if (value->IsArray()) return !value->Empty();
  if (value->IsObject()) return value->MemberCount() != 0;
  const auto text = TextOf(value);
  return !text || (!text->empty() && *text != "0");
}

// Whether an answer that bears null for its list tells of a failure beside it. A zero total would agree with
// it: the answer of a program that wrote down its defaults and an error looks so.
bool TellsOfFailure(const Value* place) {
  for (const Value* const told :
       {MemberOf(place, {"error"}), MemberOf(place, {"errors"}), MemberOf(place, {"errortxt"}),
        MemberOf(place, {"errormessage"}), MemberOf(place, {"errorcode"}), MemberOf(place, {"message"}),
        MemberOf(place, {"detail"})}) {
    if (SaysSomething(told)) return true;
  }
  const Value* const success = MemberOf(place, {"success", "ok"});
  if (success != nullptr && !SaysSomething(success)) return true;
  const std::string status = absl::AsciiStrToLower(TextOf(MemberOf(place, {"status"})).value_or(""));
  return status == "error" || status == "fail" || status == "failed";
}

// The member of that name, null as well.
const Value* NullOrMember(const Value& object, absl::string_view name) {
  for (auto member = object.MemberBegin(); member != object.MemberEnd(); ++member) {
    if (IsNamed(NameOf(member->name), name)) return &member->value;
  }
  return nullptr;
}

// "count" where links to other pages stand beside it, as Django's REST framework tells the total. Elsewhere
// it may as well be the number of this page's rows; and so it may here when it says so itself: where there is
// another page, the total is more than this one's rows. Taken for a total then, it would end a listing after
// its first page. An empty page's count is none for the same reason, and nothing hangs on it.
std::optional<int64_t> CountBesideLinks(const Value& place, int64_t rows) {
  const Value* const next = NullOrMember(place, "next");
  const Value* const previous = NullOrMember(place, "previous");
  if (next == nullptr && previous == nullptr) return std::nullopt;
  const auto count = IntOf(MemberOf(&place, {"count"}));
  const bool other_pages = SaysSomething(next) || SaysSomething(previous);
  if (!count || rows == 0 || (other_pages && *count <= rows)) return std::nullopt;
  return count;
}

void ReadPaging(const Value* place, bool on_root, ListingEnvelope& envelope) {
  if (place == nullptr || !place->IsObject()) return;
  const Value* const page = MemberOf(place, {"pagenumber", "pagenum", "page", "currentpage"});
  if (!envelope.page) envelope.page = IntOf(page);
  const Value* total = MemberOf(place, {"total", "totalcount", "totalitems", "totalrows", "totalelements",
                                        "totaldocs", "totalrecords", "recordstotal"});
  if (total == nullptr && !on_root) total = MemberOf(place, {"count"});
  if (!envelope.total) envelope.total = IntOf(total);
}

// On the root, or in one of the objects in which that is known to be.
void ReadPagings(const Value& root, const Value* data, ListingEnvelope& envelope) {
  for (const Value* outer : {&root, data}) {
    ReadPaging(outer, true, envelope);
    if (outer == nullptr || !outer->IsObject()) continue;
    ReadPaging(MemberOf(outer, {"paging", "pagination", "pager", "meta", "pageinfo"}), false, envelope);
  }
  // What is called a total is one rather than a count.
  const int64_t rows = envelope.rows == nullptr ? 0 : static_cast<int64_t>(envelope.rows->Size());
  for (const Value* outer : {&root, data}) {
    if (outer == nullptr || !outer->IsObject() || envelope.total) continue;
    envelope.total = CountBesideLinks(*outer, rows);
  }
}

}  // namespace

ListingEnvelope EnvelopeOf(const Value& root) {
  ListingEnvelope envelope;
  if (root.IsArray()) {
    envelope.rows = &root;
    return envelope;
  }
  if (!root.IsObject()) return envelope;
  Lists lists;
  Collect(root, 0, lists);
  if (lists.arrays.size() == 1) envelope.rows = lists.arrays.front();
  const Value* const data = MemberOf(&root, {"data", "result", "info"});
  const bool failed = TellsOfFailure(&root) || TellsOfFailure(data);
  envelope.null_list = lists.arrays.empty() && lists.null_seen && !failed;
  ReadPagings(root, data, envelope);
  return envelope;
}

}  // namespace kasa::vchasno
