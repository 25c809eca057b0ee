#ifndef KASA_TOOLS_SIMULATOR_RECEIPT_H_
#define KASA_TOOLS_SIMULATOR_RECEIPT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tools/simulator/json.h"
#include "tools/simulator/switches.h"

namespace kasa::simulator {

// Money is in kopiykas, quantities are in thousandths. Plain values.

struct Row {
  std::string code;
  std::string name;
  std::string comment;
  int64_t count = 0;
  int64_t price = 0;
  int64_t discount = 0;
  int64_t amount = 0;  // round(count x price) - discount
  int tax_group = 0;
  std::vector<std::string> stamps;
};

struct Pay {
  int type = 0;
  int64_t sum = 0;
  int64_t change = 0;
};

// A sale, a return, or cash in and out (then only `total` and `comment_down` are set).
struct Receipt {
  int64_t sum = 0;       // of the rows
  int64_t discount = 0;  // on the whole receipt, as an amount
  int64_t round = 0;
  int64_t total = 0;  // sum - discount + round, which is what the payments add up to
  std::vector<Row> rows;
  std::vector<Pay> pays;
  std::string comment_up;
  std::string comment_down;

  int64_t CashSum() const;
};

// A refusal, as the register words it.
struct Refusal {
  int res = 0;
  int res_action = 3;
  std::string text;
  Json extra;
};

template <typename T>
using OrRefusal = std::variant<T, Refusal>;

// Reads and checks `fiscal.receipt` of a sale or return: fields, their types, texts and the arithmetic to the
// kopiyka. What depends on the register's state or account (1077, 1110, 1111, 1115) is checked elsewhere.
// Pure.
OrRefusal<Receipt> CheckReceipt(const Json& json, const Switches& switches);

// Reads and checks `fiscal.cash` of cash in and out. Pure.
OrRefusal<Receipt> CheckCash(const Json& json, const Switches& switches);

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_RECEIPT_H_
