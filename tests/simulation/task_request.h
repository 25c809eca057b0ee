#ifndef KASA_TESTS_SIMULATION_TASK_REQUEST_H_
#define KASA_TESTS_SIMULATION_TASK_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// A request to execute a task, as a register reads it (vchasno-kasa-api.md). Written anew from the API's
// description: nothing of it is shared with the gateway or with tools/simulator.
namespace kasa::simulation {

inline constexpr int kOpenShift = 0;
inline constexpr int kSale = 1;
inline constexpr int kReturn = 2;
inline constexpr int kStatus = 18;

struct TaskRow {
  std::string code;
  std::string name;
  int64_t count = 0;  // thousandths
  int64_t price = 0;  // kopiykas
  int64_t discount = 0;
  int64_t amount = 0;  // count x price, rounded half up, less the discount
  int tax_group = 0;
};

struct TaskPayment {
  int type = 0;
  int64_t sum = 0;
};

struct TaskRequest {
  int task = -1;
  std::string tag;
  int64_t sum = 0;
  int64_t rounding = 0;
  std::string comment_down;
  std::vector<TaskRow> rows;
  std::vector<TaskPayment> payments;

  int64_t due() const { return sum + rounding; }
  int64_t cash() const;
  // Why the register refuses the arithmetic of a receipt: its code. Nothing when it holds to the kopiyka.
  std::optional<int> ArithmeticError() const;
};

// Nothing when it is no JSON object with a task.
std::optional<TaskRequest> ReadTaskRequest(absl::string_view body);

// "12.5" in units of 10^-decimals; nothing for anything but a plain decimal number that has no more of them.
std::optional<int64_t> ReadDecimal(absl::string_view text, int decimals);
// "12.50"
std::string WriteKopiykas(int64_t kopiykas);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_TASK_REQUEST_H_
