#ifndef KASA_TESTS_DOMAIN_RANDOM_DOCUMENT_H_
#define KASA_TESTS_DOMAIN_RANDOM_DOCUMENT_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "server/domain/document.h"
#include "server/domain/integration.h"
#include "tests/domain/random.h"

// Random sales for property tests: mostly right, of every shape that the contract allows, and now and then
// wrong by a hair. The same seed gives the same sale on every machine.
namespace kasa::fuzz {

struct SaleCase {
  domain::Document document;
  domain::Integration integration;
  domain::Mapping mapping;
};

inline const absl::CivilDay kSaleDay(2026, 11, 23);

// "tax-3" is tax group 3, "pay-16" is payment type 16.
inline domain::Mapping MappingByNumber() {
  domain::Mapping mapping;
  for (int group = 1; group <= 9; ++group) mapping.tax_groups[absl::StrCat("tax-", group)] = group;
  for (const int type : {0, 1, 2, 5, 6, 16, 20, 9999})
    mapping.payment_types[absl::StrCat("pay-", type)] = type;
  return mapping;
}

class SaleMaker {
 public:
  explicit SaleMaker(Random& random) : random_(random) {}

  SaleCase Make() {
    SaleCase made;
    made.mapping = MappingByNumber();
    made.integration = MakeIntegration();
    domain::Document& sale = made.document;
    sale.activated = true;
    sale.document_date = "2026-11-23";
    sale.currency_code = "UAH";
    sale.legal_entity_id = "tov-1";
    if (!random_.OneIn(4)) sale.order_id = absl::StrCat("order-", random_.Between(1, 1000));
    int64_t total = 0;
    for (int64_t left = CountOfLines(); left > 0; --left) {
      sale.lines.push_back(MakeLine());
      total += Amount(sale.lines.back());
    }
    const int64_t discount = DocumentDiscount(total, static_cast<int64_t>(sale.lines.size()));
    sale.discount = Money::FromKopiykas(discount);
    sale.payments = MakePayments(total - discount);
    if (random_.OneIn(5)) sale.comment = Text();
    if (random_.OneIn(10)) sale.buyer = {"+380501234567", "o@example.com"};
    return made;
  }

 private:
  domain::Integration MakeIntegration() {
    domain::Integration integration;
    integration.id = "fuzz";
    integration.active = true;
    integration.legal_entity_id = "tov-1";
    integration.cashier_name = "Олена Каса";
    integration.default_cashless_payment_type = 1;
    constexpr std::array kSteps = {domain::CashRounding::kNone, domain::CashRounding::kTenKopiykas,
                                   domain::CashRounding::kFiftyKopiykas};
    integration.cash_rounding = kSteps.at(static_cast<size_t>(random_.Between(0, 2)));
    return integration;
  }

  int64_t CountOfLines() {
    if (random_.OneIn(2000)) return random_.Between(100, 1000);
    return random_.OneIn(3) ? 1 : random_.Between(1, 8);
  }

  // As many numbers of few digits as of many.
  int64_t UpToDigits(int64_t digits) {
    int64_t limit = 1;
    for (int64_t left = random_.Between(1, digits); left > 0; --left) limit *= 10;
    return random_.Between(1, limit - 1);
  }

  static int64_t Gross(const domain::Line& line) {
    return (line.quantity.thousandths() * line.price.kopiykas() + 500) / 1000;
  }
  static int64_t Amount(const domain::Line& line) { return Gross(line) - line.discount.kopiykas(); }

  domain::Line MakeLine() {
    domain::Line line;
    line.name = Text();
    line.quantity =
        Quantity::FromThousandths(random_.OneIn(2) ? random_.Between(1, 20) * 1000 : UpToDigits(7));
    line.price = Money::FromKopiykas(UpToDigits(random_.OneIn(50) ? 11 : 6));
    // Mostly worth at least a kopiyka.
    if (Gross(line) == 0 && !random_.OneIn(20)) line.quantity = Quantity::FromThousandths(1000);
    line.discount = Money::FromKopiykas(LineDiscount(Gross(line)));
    if (random_.OneIn(3)) line.amount = Money::FromKopiykas(Amount(line) + (random_.OneIn(300) ? 1 : 0));
    const int64_t group = random_.Between(1, 9);
    line.tax_id = absl::StrCat("tax-", group);
    if (random_.OneIn(3)) line.code = absl::StrCat("code-", group, "-", random_.Between(1, 50));
    if (random_.OneIn(10)) line.barcode = absl::StrCat("482", random_.Between(1'000'000'000, 9'999'999'999));
    if (random_.OneIn(10)) line.comment = Text();
    const bool excise = group == 3 || group == 6;
    if (excise && !random_.OneIn(200)) line.uktzed = "2203000100";
    if (excise && !random_.OneIn(200)) {
      line.excise_stamps.push_back(absl::StrCat("AAAA", random_.Between(100'000, 999'999)));
    }
    return line;
  }

  int64_t LineDiscount(int64_t gross) {
    if (random_.OneIn(2)) return 0;
    if (random_.OneIn(400)) return gross + random_.Between(0, 1);  // leaves nothing, or less
    if (random_.OneIn(8)) return gross - 1;
    if (random_.OneIn(4)) return -random_.Between(0, gross);
    return random_.Between(0, std::max<int64_t>(gross - 1, 0));
  }

  int64_t DocumentDiscount(int64_t total, int64_t lines) {
    const int64_t most = std::max<int64_t>(total - lines, 0);
    if (random_.OneIn(2)) return 0;
    if (random_.OneIn(200)) return total - lines + 1;  // one kopiyka too much
    if (random_.OneIn(8)) return most;
    if (random_.OneIn(6)) return -random_.Between(0, std::max<int64_t>(total, 0));
    if (random_.OneIn(2)) return std::min(most, UpToDigits(3));
    return random_.Between(0, most);
  }

  std::vector<domain::Payment> MakePayments(int64_t total) {
    std::vector<domain::Payment> payments;
    if (random_.OneIn(300)) total += random_.OneIn(2) ? 1 : -1;
    const int64_t count = random_.OneIn(2) ? 1 : random_.Between(1, 4);
    for (int64_t i = 1; i <= count && total > 0; ++i) {
      const int64_t part =
          i == count ? total : random_.Between(1, random_.OneIn(4) ? std::min<int64_t>(total, 30) : total);
      payments.push_back(MakePayment(part));
      total -= part;
    }
    if (random_.OneIn(500)) payments.push_back(MakePayment(random_.Between(-1, 0)));
    return payments;
  }

  domain::Payment MakePayment(int64_t amount) {
    domain::Payment payment;
    payment.amount = Money::FromKopiykas(amount);
    const bool cash = random_.OneIn(2);
    if (cash && random_.OneIn(2)) {
      payment.kind = domain::PaymentKind::kCash;
    } else if (cash) {
      payment.payment_method_id = "pay-0";
    } else if (random_.OneIn(5)) {
      payment.kind = domain::PaymentKind::kCashless;
    } else {
      constexpr std::array kTypes = {1, 2, 5, 6, 16, 20, 9999};
      payment.payment_method_id = absl::StrCat("pay-", kTypes.at(static_cast<size_t>(random_.Between(0, 6))));
    }
    if (cash ? random_.OneIn(2) : random_.OneIn(1000)) payment.tendered = Tendered(amount);
    if (!cash && random_.OneIn(5)) {
      payment.card =
          domain::CardDetails{"123456789012", "A1B2C3", "S1KK0001", "537541******1234", "Visa", "", "", {}};
    }
    return payment;
  }

  // Around the amount, so that cash rounding decides whether it is enough; or a whole note.
  Money Tendered(int64_t amount) {
    if (random_.OneIn(2))
      return Money::FromKopiykas(std::max<int64_t>(amount + random_.Between(-30, 200), 0));
    constexpr int64_t kNote = 20'000;
    return Money::FromKopiykas((amount / kNote + 1) * kNote);
  }

  std::string Text() {
    static const std::vector<std::string> kWords = {
        "Кава",   "зерно", "«Лате»", "0,5 л", "Їжак",
        "ґудзик", "№1",    "Latte",  "ﬁn",    "→",
        "🙂",     "½",     "\u00A0", "é",     "100 %",
        "м'ята",  "Сукня", "XL",     "\t",    "довга назва, щоб було що різати"};
    std::string text = "Товар";
    for (int64_t left = random_.OneIn(20) ? random_.Between(5, 30) : random_.Between(0, 3); left > 0;
         --left) {
      absl::StrAppend(
          &text, " ",
          kWords[static_cast<size_t>(random_.Between(0, static_cast<int64_t>(kWords.size()) - 1))]);
    }
    return text;
  }

  Random& random_;
};

inline SaleCase RandomSale(Random& random) {
  return SaleMaker(random).Make();
}

}  // namespace kasa::fuzz

#endif  // KASA_TESTS_DOMAIN_RANDOM_DOCUMENT_H_
