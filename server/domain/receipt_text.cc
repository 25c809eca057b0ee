#include "server/domain/receipt_text.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/domain/catalogue.h"
#include "server/domain/register_text.h"
#include "server/domain/utf8.h"

namespace kasa::domain {
namespace {

constexpr size_t kWidth = kReceiptTextWidth;
constexpr size_t kIndent = 2;

// What a printer would not take for a character becomes a space, what is no UTF-8 a question mark.
std::string Printable(absl::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const Utf8Step step = FirstCharacter(text);
    const bool control = step.code_point && (*step.code_point < 0x20 || *step.code_point == 0x7F ||
                                             (*step.code_point >= 0x80 && *step.code_point < 0xA0));
    if (!step.code_point) {
      clean += '?';
    } else if (control) {
      clean += ' ';
    } else {
      clean.append(text.data(), step.bytes);
    }
    text.remove_prefix(step.bytes);
  }
  return clean;
}

// The first `characters` of `text`, which is longer.
absl::string_view Head(absl::string_view text, size_t characters) {
  size_t bytes = 0;
  for (size_t i = 0; i < characters; ++i) bytes += FirstCharacter(text.substr(bytes)).bytes;
  return text.substr(0, bytes);
}

// `text` in lines of at most `width` characters, broken between words; a longer word is cut.
std::vector<std::string> Wrap(absl::string_view text, size_t width) {
  std::vector<std::string> lines;
  std::string line;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const size_t used = LengthInCharacters(line);
    if (!line.empty() && used + 1 + LengthInCharacters(word) <= width) {
      absl::StrAppend(&line, " ", word);
      continue;
    }
    if (!line.empty()) lines.push_back(line);
    while (LengthInCharacters(word) > width) {
      const absl::string_view head = Head(word, width);
      lines.emplace_back(head);
      word.remove_prefix(head.size());
    }
    line = std::string(word);
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

// Writes the lines.
class Roll {
 public:
  void Rule(char sign) { Put(std::string(kWidth, sign)); }

  // Lines of the register's own breaking ("\n" as a backslash and an n, or as such), each wrapped.
  void Text(absl::string_view text, size_t indent = 0) {
    const std::string broken = absl::StrReplaceAll(text, {{"\\n", "\n"}});
    for (const absl::string_view part : absl::StrSplit(broken, '\n')) {
      for (const std::string& line : Wrap(Printable(part), kWidth - indent)) {
        Put(absl::StrCat(std::string(indent, ' '), line));
      }
    }
  }

  void Centred(absl::string_view text) {
    for (const std::string& line : Wrap(Printable(text), kWidth)) {
      Put(absl::StrCat(std::string((kWidth - LengthInCharacters(line)) / 2, ' '), line));
    }
  }

  // `left` at the left, `right` at the right; on lines of their own where one is too short for both.
  void Pair(absl::string_view left, absl::string_view right, size_t indent = 0) {
    const std::vector<std::string> lines = Wrap(Printable(left), kWidth - indent);
    const std::string end = Printable(right);
    for (size_t i = 0; i + 1 < lines.size(); ++i) Put(absl::StrCat(std::string(indent, ' '), lines[i]));
    std::string last = absl::StrCat(std::string(indent, ' '), lines.empty() ? "" : lines.back());
    if (LengthInCharacters(last) + 1 + LengthInCharacters(end) > kWidth) {
      Put(last);
      last.clear();
    }
    if (LengthInCharacters(end) > kWidth) return Text(end, indent);
    const size_t used = LengthInCharacters(last) + LengthInCharacters(end);
    Put(absl::StrCat(last, std::string(used < kWidth ? kWidth - used : 0, ' '), end));
  }

  void TextIfAny(absl::string_view label, absl::string_view value, size_t indent = 0) {
    if (!value.empty()) Text(absl::StrCat(label, " ", value), indent);
  }

  std::string Take() && { return std::move(text_); }

 private:
  void Put(absl::string_view line) { absl::StrAppend(&text_, line, "\n"); }

  std::string text_;
};

std::string NameOfPaymentType(int code) {
  for (const PaymentTypeInfo& type : KnownPaymentTypes()) {
    if (type.code == code) return std::string(type.name);
  }
  return absl::StrCat("Тип оплати ", code);
}

std::string NameOfTaxGroup(int number) {
  for (const TaxGroupInfo& group : KnownTaxGroups()) {
    if (group.number == number) return absl::StrCat(group.name, " (гр. ", number, ")");
  }
  return absl::StrCat("Податкова група ", number);
}

absl::string_view TitleOf(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::kReturn:
      return "ВИДАТКОВИЙ ЧЕК (ПОВЕРНЕННЯ)";
    case DocumentKind::kPayment:
      return "ЧЕК (ОПЛАТА)";
    case DocumentKind::kSale:
      break;
  }
  return "ЧЕК (ПРОДАЖ)";
}

// "20241114121430": "14.11.2024 12:14:30"; anything else as it is.
std::string ReadableTime(const std::string& raw) {
  constexpr size_t kDigits = 14;
  const bool digits = raw.size() == kDigits && std::all_of(raw.begin(), raw.end(), [](char c) {
                        return absl::ascii_isdigit(static_cast<unsigned char>(c));
                      });
  if (!digits) return raw;
  const absl::string_view text = raw;
  return absl::StrCat(text.substr(6, 2), ".", text.substr(4, 2), ".", text.substr(0, 4), " ",
                      text.substr(8, 2), ":", text.substr(10, 2), ":", text.substr(12, 2));
}

void RenderNotice(bool test, Roll& roll) {
  if (!test) return;
  roll.Rule('*');
  roll.Centred("ТЕСТОВИЙ ЧЕК, НЕ ФІСКАЛЬНИЙ");
  roll.Centred("ТЕСТОВА КАСА");
  roll.Rule('*');
}

void RenderRow(const PricedRow& row, Roll& roll) {
  roll.Text(row.name);
  roll.TextIfAny("Код", row.code, kIndent);
  roll.TextIfAny("Штрихкод", row.barcode, kIndent);
  roll.TextIfAny("УКТ ЗЕД", row.uktzed, kIndent);
  roll.TextIfAny("ДКПП", row.dkpp, kIndent);
  for (const std::string& stamp : row.excise_stamps) roll.TextIfAny("Акцизна марка", stamp, kIndent);
  const std::optional<Money> before = Add(row.amount, row.discount);
  roll.Pair(absl::StrCat(row.quantity.ToDecimal(), " x ", row.price.ToDecimal()),
            absl::StrCat(before.value_or(row.amount).ToDecimal(), " гр.", row.tax_group), kIndent);
  if (!row.discount.IsZero()) {
    const Money shown = Subtract(Money(), row.discount).value_or(Money());
    roll.Pair(row.discount.IsNegative() ? "Націнка" : "Знижка", shown.ToDecimal(), kIndent);
    roll.Pair("Разом за рядком", row.amount.ToDecimal(), kIndent);
  }
  if (!row.comment.empty()) roll.Text(row.comment, kIndent);
}

void RenderPayment(const PricedPayment& payment, Roll& roll) {
  roll.Pair(NameOfPaymentType(payment.payment_type), payment.sum.ToDecimal());
  if (!payment.change.IsZero()) {
    const Money tendered = Add(payment.sum, payment.change).value_or(payment.sum);
    roll.Pair("Отримано", tendered.ToDecimal(), kIndent);
    roll.Pair("Решта", payment.change.ToDecimal(), kIndent);
  }
  if (!payment.card) return;
  const CardDetails& card = *payment.card;
  roll.TextIfAny("Картка", card.card_mask, kIndent);
  roll.TextIfAny("Платіжна система", card.payment_system, kIndent);
  roll.TextIfAny("Код авторизації", card.auth_code, kIndent);
  roll.TextIfAny("RRN", card.rrn, kIndent);
  roll.TextIfAny("Термінал", card.terminal_id, kIndent);
  roll.TextIfAny("Еквайр", card.bank_name, kIndent);
  if (!card.commission.IsZero()) roll.Pair("Комісія", card.commission.ToDecimal(), kIndent);
}

void RenderTotals(const PricedReceipt& draft, Roll& roll) {
  roll.Pair("СУМА", draft.sum.ToDecimal());
  if (!draft.rounding.IsZero()) roll.Pair("Заокруглення", draft.rounding.ToDecimal());
  roll.Pair(draft.kind == DocumentKind::kReturn ? "ДО ПОВЕРНЕННЯ, ГРН" : "ДО СПЛАТИ, ГРН",
            draft.due.ToDecimal());
  for (const PricedPayment& payment : draft.payments) RenderPayment(payment, roll);
  roll.Rule('-');
  std::map<int, Money> turnovers;
  for (const PricedRow& row : draft.rows) {
    Money& turnover = turnovers[row.tax_group];
    turnover = Add(turnover, row.amount).value_or(turnover);
  }
  for (const auto& [group, turnover] : turnovers) {
    roll.Pair(absl::StrCat("Обіг ", NameOfTaxGroup(group)), turnover.ToDecimal());
  }
}

void RenderReference(const Receipt& receipt, const ReceiptLinks& links, Roll& roll) {
  roll.Pair("Каса (ФН ПРРО)", receipt.register_fiscal_number);
  roll.Pair("Чек (ФН)", receipt.fiscal_number);
  if (receipt.local_number) roll.Pair("Номер чека", absl::StrCat(*receipt.local_number));
  if (!receipt.shift_number.empty()) roll.Pair("Зміна", receipt.shift_number);
  if (!receipt.fiscal_time_raw.empty()) roll.Pair("Дата і час", ReadableTime(receipt.fiscal_time_raw));
  if (receipt.offline) roll.Centred("ОФЛАЙН");
  roll.TextIfAny("Перегляд:", links.view_url);
  roll.TextIfAny("Перевірка в ДПС:", links.sts_url);
}

}  // namespace

std::string RenderReceipt(const Fiscalization& fiscalization, const ReceiptLinks& links) {
  const Receipt& receipt = *fiscalization.receipt;
  const PricedReceipt& draft = fiscalization.draft;
  const bool test = receipt.mode == RegisterMode::kTest;
  Roll roll;
  RenderNotice(test, roll);
  roll.Centred(TitleOf(fiscalization.key.kind));
  if (!draft.comment_up.empty()) roll.Text(draft.comment_up);
  roll.TextIfAny("Касир:", draft.cashier);
  roll.Rule('-');
  for (const PricedRow& row : draft.rows) RenderRow(row, roll);
  roll.Rule('-');
  RenderTotals(draft, roll);
  roll.Rule('-');
  if (!draft.comment_down.empty()) roll.Text(draft.comment_down);
  RenderReference(receipt, links, roll);
  if (!test) roll.Centred("ФІСКАЛЬНИЙ ЧЕК");
  RenderNotice(test, roll);
  return std::move(roll).Take();
}

}  // namespace kasa::domain
