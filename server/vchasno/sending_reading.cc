#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/vchasno/json.h"
#include "server/vchasno/reading.h"

// What Vchasno.Kasa says to a command to send a receipt, and what a receipt's public page holds. Both calls
// are known, their answers are not (vchasno-kasa-api.md): a status of success counts unless the answer itself
// says otherwise.
namespace kasa::vchasno {
namespace {

using domain::SendingOutcome;
using rapidjson::Value;

constexpr size_t kMaxMessageBytes = size_t{1} << 10;
constexpr size_t kMaxUrlBytes = size_t{2} << 10;

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

// `text` cut between two characters.
std::string Cut(absl::string_view text) {
  size_t end = std::min(text.size(), kMaxMessageBytes);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

// Where a phone number may stand: a run of digits and of what groups them.
bool IsInPhone(char c) {
  return IsDigit(c) || absl::StrContains("+ -().", c);
}

std::string HidePhone(absl::string_view text, absl::string_view phone, absl::string_view masked) {
  constexpr size_t kTellingDigits = 9;  // without country code and trunk prefix
  if (phone.size() < kTellingDigits) return std::string(text);
  const absl::string_view telling = phone.substr(phone.size() - kTellingDigits);
  std::string shown;
  size_t at = 0;
  while (at < text.size()) {
    size_t end = at;
    std::string digits;
    for (; end < text.size() && IsInPhone(text[end]); ++end) {
      if (IsDigit(text[end])) digits += text[end];
    }
    if (end == at) {
      shown += text[at++];
      continue;
    }
    const absl::string_view run = text.substr(at, end - at);
    if (absl::StrContains(digits, telling)) {
      const size_t first = run.find_first_of("+0123456789");
      const size_t last = run.find_last_of("0123456789");
      absl::StrAppend(&shown, run.substr(0, first), masked, run.substr(last + 1));
    } else {
      absl::StrAppend(&shown, run);
    }
    at = end;
  }
  return shown;
}

std::string HideEmail(absl::string_view text, absl::string_view email, absl::string_view masked) {
  std::string shown(text);
  for (const char* at : {"@", "%40", "\\u0040", "&#64;"}) {
    const std::string spelt = absl::AsciiStrToLower(absl::StrReplaceAll(email, {{"@", at}}));
    if (spelt.empty()) continue;
    size_t from = 0;
    while ((from = absl::AsciiStrToLower(shown).find(spelt, from)) != std::string::npos) {
      shown.replace(from, spelt.size(), std::string(masked));
      from += masked.size();
    }
  }
  return shown;
}

// What the answer says in words, in whichever member it has them.
std::string WordsOf(const Value& root) {
  for (const char* name : {"errortxt", "detail", "message", "error", "error_message", "msg"}) {
    const auto text = TextOf(Find(&root, name));
    if (text && !text->empty()) return std::string(*text);
  }
  return "";
}

// Whether an answer with a status of success says that it was none.
bool SaysNo(const Value& root) {
  const auto res = IntOf(Find(&root, "res"));
  if (res && *res != 0) return true;
  for (const char* name : {"success", "ok"}) {
    const Value* const value = Find(&root, name);
    if (value != nullptr && value->IsBool() && !value->GetBool()) return true;
  }
  const std::string status = absl::AsciiStrToLower(TextOf(Find(&root, "status")).value_or(""));
  if (status == "error" || status == "fail" || status == "failed" || status == "rejected") return true;
  const Value* const errors = Find(&root, "errors");
  if (errors != nullptr && errors->IsArray() && !errors->Empty()) return true;
  if (errors != nullptr && errors->IsObject() && !errors->ObjectEmpty()) return true;
  const Value* const error = Find(&root, "error");
  if (error == nullptr) return false;
  const auto text = TextOf(error);
  return error->IsObject() || error->IsTrue() || (text && !text->empty() && *text != "0");
}

// A yes that is no object.
bool IsBareYes(absl::string_view body) {
  const std::string word = absl::AsciiStrToLower(absl::StripAsciiWhitespace(body));
  for (const char* yes : {"", "ok", "\"ok\"", "true", "null", "[]"}) {
    if (word == yes) return true;
  }
  return false;
}

struct Ending {
  SendingOutcome outcome;
  std::optional<Reason> reason;
  const char* words;
};

// By the status alone.
Ending EndingOf(const HttpResult& result) {
  if (result.outcome == HttpOutcome::kNeverConnected) {
    return {SendingOutcome::kRefused, Reason::kRegisterUnreachable,
            "no connection was made, so nothing was commanded"};
  }
  if (result.outcome == HttpOutcome::kRequestLeft) {
    return {SendingOutcome::kUnknown, Reason::kAnswerLost, "the command left, and no whole answer came"};
  }
  if (result.status >= 200 && result.status < 300) return {SendingOutcome::kTaken, std::nullopt, ""};
  switch (result.status) {
    case 401:
    case 403:
      return {SendingOutcome::kRefused, Reason::kTokenRefused, "the token was refused"};
    case 429:
      return {SendingOutcome::kRefused, Reason::kRateLimited, "too many requests: nothing was sent"};
    case 408:
      return {SendingOutcome::kUnknown, Reason::kAnswerLost, "Vchasno.Kasa gave up waiting"};
    default:
      break;
  }
  if (result.status >= 400 && result.status < 500) {
    return {SendingOutcome::kRefused, Reason::kSendingRefused, "Vchasno.Kasa refused the command"};
  }
  return {SendingOutcome::kUnknown, Reason::kRegisterServiceTrouble, "a status that says nothing sure"};
}

// A page of the tax service, and nothing else that a page could name.
bool IsStsUrl(absl::string_view url) {
  constexpr absl::string_view kScheme = "https://";
  constexpr absl::string_view kHost = "tax.gov.ua";
  if (url.size() > kMaxUrlBytes || !absl::StartsWith(url, kScheme)) return false;
  if (!std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c <= '~'; })) return false;
  url.remove_prefix(kScheme.size());
  const absl::string_view host = url.substr(0, url.find_first_of("/?#"));
  if (!std::all_of(host.begin(), host.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-';
      })) {
    return false;
  }
  return host == kHost || absl::EndsWith(host, absl::StrCat(".", kHost));
}

}  // namespace

std::string HideRecipient(absl::string_view text, const SendReceiptCommand& command) {
  const std::string masked = domain::MaskRecipient(command.channel, command.recipient);
  return command.channel == domain::SendingChannel::kEmail ? HideEmail(text, command.recipient, masked)
                                                           : HidePhone(text, command.recipient, masked);
}

SendReceiptAnswer ReadSendReceipt(const SendReceiptCommand& sent, const HttpResult& result) try {
  const Ending by_status = EndingOf(result);
  SendReceiptAnswer answer;
  answer.outcome = by_status.outcome;
  answer.reason = by_status.reason;
  answer.message = by_status.words;
  if (result.outcome != HttpOutcome::kAnswered) {
    absl::StrAppend(&answer.message, " (", result.what_happened, ")");
    return answer;
  }
  const auto json = JsonObject::Parse(result.body);
  std::string words = json ? WordsOf(json->root()) : "";
  if (answer.outcome == SendingOutcome::kTaken) {
    if (json && SaysNo(json->root())) {
      answer.outcome = SendingOutcome::kRefused;
      answer.reason = Reason::kSendingRefused;
      answer.message = "Vchasno.Kasa refused the command";
    } else if (!json && !IsBareYes(result.body)) {
      answer.outcome = SendingOutcome::kUnknown;
      answer.reason = Reason::kAnswerUnreadable;
      answer.message = "the answer could not be read";
    }
  }
  if (result.status != 200) absl::StrAppend(&answer.message, " (HTTP status ", result.status, ")");
  if (!words.empty()) {
    absl::StrAppend(&answer.message, answer.message.empty() ? "" : ": ", Cut(HideRecipient(words, sent)));
  }
  return answer;
} catch (const JsonMisuse&) {
  SendReceiptAnswer answer;
  answer.reason = Reason::kAnswerUnreadable;
  answer.message = "the answer could not be read";
  return answer;
}

ReceiptPageAnswer ReadReceiptPage(const HttpResult& result) try {
  ReceiptPageAnswer answer;
  if (result.outcome != HttpOutcome::kAnswered || result.status != 200) return answer;
  const auto json = JsonObject::Parse(result.body);
  if (!json) return answer;
  answer.answered = true;
  const auto url = TextOf(Find(&json->root(), "target_url"));
  if (url && IsStsUrl(*url)) answer.sts_url = std::string(*url);
  return answer;
} catch (const JsonMisuse&) {
  return {};
}

}  // namespace kasa::vchasno
