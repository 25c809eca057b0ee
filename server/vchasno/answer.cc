#include "server/vchasno/answer.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <vector>

#include "absl/strings/match.h"
#include "common/money.h"
#include "server/vchasno/json.h"
#include "server/vchasno/receipt_link.h"
#include "server/vchasno/tag_text.h"
#include "server/vchasno/told_receipt.h"

namespace kasa::vchasno {
namespace {

using rapidjson::Value;

constexpr size_t kMaxVerbatimBytes = size_t{4} << 10;

// `text` cut between two characters.
std::string Cut(absl::string_view text) {
  if (text.size() > kMaxVerbatimBytes) {
    size_t end = kMaxVerbatimBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  return std::string(text);
}

std::string StringOf(const Value* value) {
  return std::string(TextOf(value).value_or(""));
}

std::optional<int> SmallIntOf(const Value* value) {
  const auto number = IntOf(value);
  if (!number || *number < std::numeric_limits<int>::min() || *number > std::numeric_limits<int>::max()) {
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

std::optional<Money> MoneyOf(const Value* value) {
  const auto text = TextOf(value);
  return text ? Money::FromDecimal(*text) : std::nullopt;
}

// true, 1, "1", "true"
std::optional<bool> FlagOf(const Value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->IsBool()) return value->GetBool();
  const auto text = TextOf(value);
  if (text && (*text == "1" || *text == "true")) return true;
  if (text && (*text == "0" || *text == "false")) return false;
  return std::nullopt;
}

// The characters of a flag, where true and false are 1 and 0.
std::optional<absl::string_view> FlagTextOf(const Value* value) {
  if (value != nullptr && value->IsBool()) return value->GetBool() ? "1" : "0";
  return TextOf(value);
}

// A fact by which a receipt is proven, as told in one or more places. Where lenience would let a wrong
// receipt pass, there is none: a value of another type, or two that differ, spoil the answer.
class Proof {
 public:
  using Reading = std::optional<absl::string_view> (*)(const Value*);

  Proof(std::initializer_list<const Value*> places, Reading read = TextOf) {
    for (const Value* place : places) {
      if (place == nullptr) continue;
      const auto text = read(place);
      if (!text || (!text_.empty() && !text->empty() && text_ != *text)) spoilt_ = true;
      if (text && !text->empty()) text_ = std::string(*text);
    }
  }

  bool spoilt() const { return spoilt_; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  bool spoilt_ = false;
};

// False when the mode is there but is none, or contradicts the fiscal number: test registers' begin with
// TEST_.
bool ReadMode(const Proof& dtype, domain::ReceiptFacts& facts) {
  const bool test_number = absl::StartsWith(facts.fiscal_number, "TEST_");
  if (dtype.text() == "0" || (dtype.text().empty() && test_number)) facts.mode = domain::RegisterMode::kTest;
  if (dtype.text() == "1") facts.mode = domain::RegisterMode::kReal;
  if (!dtype.text().empty() && !facts.mode) return false;
  return !(test_number && facts.mode == domain::RegisterMode::kReal);
}

bool ReadProofs(const Value& root, domain::ReceiptFacts& facts) {
  const Value* const info = Find(&root, "info");
  const Proof tag({Find(&root, "tag")});
  const Proof fiscal_number({Find(info, "doccode")});
  const Proof register_number({Find(info, "fisid")});
  const Proof task({Find(&root, "task"), Find(info, "task")});
  const Proof dtype({Find(info, "dtype")}, FlagTextOf);
  for (const Proof* proof : {&tag, &fiscal_number, &register_number, &task, &dtype}) {
    if (proof->spoilt()) return false;
  }
  facts.tag = TagFromText(tag.text());
  facts.fiscal_number = fiscal_number.text();
  facts.register_fiscal_number = register_number.text();
  if (!task.text().empty()) {
    const Value* const place = Find(&root, "task");
    const auto root_task = SmallIntOf(place);
    facts.task = root_task ? root_task : SmallIntOf(Find(info, "task"));
    if (!facts.task) return false;
  }
  return ReadMode(dtype, facts);
}

std::optional<domain::ShiftStatus> ShiftStatusOf(const Value* value) {
  const auto number = IntOf(value);
  if (!number || *number < -1 || *number > 2) return std::nullopt;
  return static_cast<domain::ShiftStatus>(*number);
}

std::optional<domain::SignStatus> SignStatusOf(const Value* value) {
  const auto number = IntOf(value);
  if (!number || *number < 0 || *number > 3) return std::nullopt;
  return static_cast<domain::SignStatus>(*number);
}

std::optional<domain::RegisterMode> StatusModeOf(const Value* value) {
  const auto number = value != nullptr && value->IsBool() ? int64_t{value->GetBool()} : IntOf(value);
  if (!number || (*number != 0 && *number != 1)) return std::nullopt;
  return *number == 0 ? domain::RegisterMode::kTest : domain::RegisterMode::kReal;
}

std::optional<absl::Time> TimeNear(const Value* value, const KyivTime& kyiv, absl::Time received) {
  const auto text = TextOf(value);
  return text ? kyiv.ParseRegisterTimeNear(*text, received) : std::nullopt;
}

std::optional<absl::Time> TimeUntil(const Value* value, const KyivTime& kyiv, absl::Time latest) {
  const auto text = TextOf(value);
  return text ? kyiv.ParseRegisterTimeUntil(*text, latest) : std::nullopt;
}

// The members that hold a task, from the outermost to the innermost that one is known to hold.
std::vector<const Value*> TaskLevels(const Value& root) {
  std::vector<const Value*> levels;
  for (const Value* outer : {&root, Find(&root, "data"), Find(&root, "result"), Find(&root, "info")}) {
    for (const Value* level : {outer, Find(outer, "task"), Find(outer, "fiscal"),
                               Find(outer, "task", "fiscal"), Find(outer, "receipt"),
                               Find(outer, "fiscal", "receipt"), Find(outer, "task", "fiscal", "receipt")}) {
      if (level != nullptr && level->IsObject()) levels.push_back(level);
    }
  }
  return levels;
}

// Takes a fact from every level that has it. False when two differ.
template <typename Fact, typename Read>
bool Gather(const std::vector<const Value*>& levels, absl::string_view name, const Read& read, Fact& fact) {
  for (const Value* level : levels) {
    const auto told = read(Find(level, name));
    if (told == Fact()) continue;
    if (fact != Fact() && fact != told) return false;
    fact = told;
  }
  return true;
}

// The innermost level that has a member of that name as a value; null when none has.
const Value* HolderOf(absl::string_view name, const std::vector<const Value*>& levels) {
  const Value* holder = nullptr;
  for (const Value* level : levels) {
    const Value* const member = Find(level, name);
    if (member != nullptr && !member->IsObject()) holder = level;
  }
  return holder;
}

std::string TagOf(const Value* value) {
  return TagFromText(StringOf(value));
}

bool IsRejected(const Value* holder) {
  constexpr int kRejected = 3;
  return IntOf(Find(holder, "task_status")) == kRejected;
}

domain::TaskFacts ReadTask(const Value& root) {
  domain::TaskFacts facts;
  if (const auto res = IntOf(Find(&root, "res")); res && *res != 0) return {};
  const std::vector<const Value*> levels = TaskLevels(root);
  // What was rejected is no receipt, whatever else is told of it.
  if (std::any_of(levels.begin(), levels.end(), IsRejected)) return {};
  if (!Gather(levels, "fiscal_number", StringOf, facts.fiscal_number) ||
      !Gather(levels, "doccode", StringOf, facts.fiscal_number) || !Gather(levels, "tag", TagOf, facts.tag) ||
      !Gather(levels, "task", SmallIntOf, facts.task) || !Gather(levels, "sum", MoneyOf, facts.sum)) {
    return {};
  }
  facts.answered = !facts.tag.empty() || facts.task.has_value() || facts.sum.has_value();
  const Value* receipt = HolderOf("rows", levels);
  if (receipt == nullptr) receipt = HolderOf("pays", levels);
  if (facts.answered) facts.receipt = ReadToldReceipt(receipt, HolderOf("task", levels));
  return facts;
}

}  // namespace

Envelope ReadEnvelope(const JsonObject& json) {
  Envelope envelope;
  const Value& root = json.root();
  envelope.res = IntOf(Find(&root, "res"));
  const Value* const action = Find(&root, "res_action");
  envelope.res_action = IntOf(action);
  envelope.action_unreadable = action != nullptr && !envelope.res_action;
  envelope.errortxt = Cut(TextOf(Find(&root, "errortxt")).value_or(""));
  if (json.error_extra().size() <= kMaxVerbatimBytes && json.error_extra() != "null") {
    envelope.error_extra_json = json.error_extra();
  }
  envelope.readable = envelope.res.has_value();
  return envelope;
}

ReceiptAnswer ReadReceiptAnswer(absl::string_view body, const KyivTime& kyiv, absl::Time received) try {
  ReceiptAnswer answer;
  const auto json = JsonObject::Parse(body);
  if (!json) return answer;
  answer.envelope = ReadEnvelope(*json);
  domain::ReceiptFacts facts;
  if (!ReadProofs(json->root(), facts)) {
    answer.envelope.readable = false;
    return answer;
  }
  const Value* const info = Find(&json->root(), "info");
  // Done and rejected at once: what holds is to be found out.
  if (answer.envelope.res == 0 && (IsRejected(&json->root()) || IsRejected(info))) {
    answer.envelope.readable = false;
    return answer;
  }
  facts.local_number = IntOf(Find(info, "docno"));
  facts.time_raw = StringOf(Find(info, "dt"));
  facts.time = TimeNear(Find(info, "dt"), kyiv, received);
  facts.offline = FlagOf(Find(info, "isoffline"));
  facts.qr = StringOf(Find(info, "qr"));
  facts.sum_in_link = SumInLink(facts.qr, facts.fiscal_number);
  facts.shift_number = StringOf(Find(info, "shift_link"));
  answer.facts = std::move(facts);
  return answer;
} catch (const JsonMisuse&) {
  return {};
}

StatusReading ReadStatusAnswer(absl::string_view body, const KyivTime& kyiv, absl::Time received) try {
  StatusReading reading;
  const auto json = JsonObject::Parse(body);
  if (!json) return reading;
  reading.envelope = ReadEnvelope(*json);
  const Value* const info = Find(&json->root(), "info");
  const auto clock = TimeNear(Find(&json->root(), "dt"), kyiv, received);
  domain::RegisterStatus status;
  status.fiscal_number = StringOf(Find(info, "fisid"));
  status.edrpou = StringOf(Find(info, "edrpou"));
  status.mode = StatusModeOf(Find(info, "isFis"));
  status.shift = ShiftStatusOf(Find(info, "shift_status"));
  const absl::Time latest = clock.value_or(received);
  status.shift_opened = TimeUntil(Find(info, "shift_dt"), kyiv, latest);
  if (const auto told = TextOf(Find(info, "shift_dt")); told && status.shift_opened) {
    const auto at_latest = kyiv.ParseRegisterTimeAtLatest(*told, latest);
    if (at_latest != status.shift_opened) status.shift_opened_at_latest = at_latest;
  }
  status.online_raw = SmallIntOf(Find(info, "online_status"));
  status.sign = SignStatusOf(Find(info, "sign_status"));
  status.cash_in_drawer = MoneyOf(Find(info, "safe"));
  status.vacant_offline_numbers = IntOf(Find(info, "vacant_off_nums"));
  status.last_receipt_number = IntOf(Find(info, "last_receipt_no"));
  status.last_return_number = IntOf(Find(info, "last_back_no"));
  status.last_z_report_number = IntOf(Find(info, "last_z_no"));
  // The clock alone is no status: every answer has one.
  if (status != domain::RegisterStatus()) {
    status.register_clock = clock;
    reading.status = std::move(status);
  }
  return reading;
} catch (const JsonMisuse&) {
  return {};
}

domain::TaskFacts ReadTaskAnswer(absl::string_view body) try {
  const auto json = JsonObject::Parse(body);
  return json ? ReadTask(json->root()) : domain::TaskFacts();
} catch (const JsonMisuse&) {
  return {};
}

RequestIdentity ReadRequestIdentity(absl::string_view request) try {
  RequestIdentity identity;
  const auto json = JsonObject::Parse(request);
  if (!json) return identity;
  identity.task = SmallIntOf(Find(&json->root(), "fiscal", "task"));
  identity.tag = StringOf(Find(&json->root(), "tag"));
  return identity;
} catch (const JsonMisuse&) {
  return {};
}

}  // namespace kasa::vchasno
