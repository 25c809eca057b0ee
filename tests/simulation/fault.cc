#include "tests/simulation/fault.h"

#include <array>

#include "absl/strings/str_cat.h"

namespace kasa::simulation {
namespace {

constexpr std::array<absl::string_view, kFaultKinds> kNames = {"never_connected",
                                                               "no_answer",
                                                               "connection_cut",
                                                               "late",
                                                               "slow",
                                                               "body_cut",
                                                               "garbage",
                                                               "http_status",
                                                               "throttled",
                                                               "token_refused",
                                                               "may_repeat",
                                                               "collision",
                                                               "refused",
                                                               "doubtful_code",
                                                               "called_fine",
                                                               "odd_action",
                                                               "wrong_fisid",
                                                               "wrong_tag",
                                                               "wrong_task",
                                                               "no_fiscal_number",
                                                               "register_trouble",
                                                               "blocked",
                                                               "signature_missing",
                                                               "clock_off",
                                                               "token_gone",
                                                               "status_silent",
                                                               "disk_full",
                                                               "disk_writes_fail",
                                                               "disk_syncs_fail",
                                                               "wall_clock_jump",
                                                               "refused_receipt"};

// What the vendor's list says of a document, of the register, and what says nothing (vchasno-kasa-errors.md).
constexpr auto kDocumentCodes = std::to_array(
    {1038, 1040, 1063, 1064, 1065, 1077, 1097, 1107, 1108, 1109, 1110, 1111, 1112, 1115, 1119, 1120});
constexpr auto kOurFaultCodes = std::to_array({1101, 1102, 2000});
constexpr auto kRegisterCodes =
    std::to_array({1032, 1033, 1036, 1037, 1039, 1042, 1043, 1044, 1045, 1046, 1047, 1052, 1056, 1062, 1069,
                   1073, 1074, 1083, 1091, 1095, 1117, 1121, 1122, 1123, 1124, 2001, 2005, 2013, 2014});
constexpr auto kDoubtfulCodes = std::to_array(
    {430, 1016, 1034, 1035, 1048, 1053, 1054, 1058, 1075, 1105, 1006, 1041, 1081, 1086, 1096, 2008});
constexpr auto kShiftCodes = std::to_array({1092, 2007, 2011});
constexpr auto kUnknownCodes = std::to_array({1001, 1999, 4242, 7});
constexpr auto kHttpCodes = std::to_array({500, 502, 503, 503, 504, 302, 404, 418, 201});

template <typename Codes>
int PickCode(Random& random, const Codes& codes) {
  return codes.at(static_cast<size_t>(random.Below(static_cast<int>(codes.size()))));
}

FaultKind DrawKind(Random& random) {
  // Requests fare ill most often; the machine and the register less so.
  const int part = random.Below(10);
  if (part < 7) return static_cast<FaultKind>(random.Below(static_cast<int>(FaultKind::kRegisterTrouble)));
  const int first = static_cast<int>(part < 9 ? FaultKind::kRegisterTrouble : FaultKind::kDiskFull);
  const int end =
      part < 9 ? static_cast<int>(FaultKind::kDiskFull) : static_cast<int>(FaultKind::kRefusedReceipt);
  return static_cast<FaultKind>(random.Between(first, end - 1));
}

int DrawCode(Random& random, FaultKind kind) {
  switch (kind) {
    case FaultKind::kHttpStatus:
      return PickCode(random, kHttpCodes);
    case FaultKind::kTokenRefused:
      return random.Percent(50) ? 401 : 403;
    case FaultKind::kRefused: {
      const int part = random.Below(11);
      if (part == 10) return PickCode(random, kShiftCodes);
      if (part < 5) return PickCode(random, kDocumentCodes);
      if (part < 6) return PickCode(random, kOurFaultCodes);
      if (part < 8) return PickCode(random, kRegisterCodes);
      return PickCode(random, kUnknownCodes);
    }
    case FaultKind::kRegisterTrouble:
      return random.Percent(80) ? PickCode(random, kRegisterCodes) : PickCode(random, kUnknownCodes);
    case FaultKind::kMayRepeat:
    case FaultKind::kCollision:
    case FaultKind::kOddAction: {
      const int part = random.Below(10);
      if (part < 2) return 0;
      return part < 4 ? PickCode(random, kUnknownCodes) : PickCode(random, kDoubtfulCodes);
    }
    case FaultKind::kCalledFine:
      if (random.Percent(20)) return PickCode(random, kUnknownCodes);
      return PickCode(random, kDoubtfulCodes);
    case FaultKind::kDoubtfulCode:
      return PickCode(random, kDoubtfulCodes);
    default:
      return 0;
  }
}

}  // namespace

absl::string_view NameOf(FaultKind kind) {
  return kNames.at(static_cast<size_t>(kind));
}

bool IsOfRequest(FaultKind kind) {
  return kind < FaultKind::kRegisterTrouble || kind == FaultKind::kRefusedReceipt;
}

bool IsOfMachine(FaultKind kind) {
  return kind >= FaultKind::kDiskFull && kind <= FaultKind::kWallClockJump;
}

Fault Fault::Draw(Random random, int id, int registers, absl::Duration horizon) {
  Fault fault;
  fault.id = id;
  fault.kind = DrawKind(random);
  fault.at_register = random.Below(registers);
  fault.from = random.Between(absl::ZeroDuration(), horizon);
  fault.lasts = random.Between(absl::Seconds(1), random.Percent(70) ? absl::Minutes(3) : absl::Minutes(20));
  // A disk in trouble costs many tries of everything that waits for it, and shows nothing new by lasting.
  if (IsOfMachine(fault.kind) && fault.kind != FaultKind::kWallClockJump) fault.lasts /= 20;
  fault.requests = random.Percent(60) ? 1 : random.Between(2, 5);
  fault.of_status = random.Percent(15);
  fault.made = random.Percent(50);
  fault.at_work = fault.made && random.Percent(40);
  fault.code = DrawCode(random, fault.kind);
  fault.jump = random.Between(absl::Seconds(1), random.Percent(50) ? absl::Minutes(4) : absl::Hours(14));
  if (random.Percent(50)) fault.jump = -fault.jump;
  if (random.Percent(50)) fault.retry_after = random.Between(absl::Seconds(1), absl::Minutes(4));
  return fault;
}

std::string Fault::Describe() const {
  std::string text = absl::StrCat("f", id, " ", NameOf(kind));
  if (!IsOfMachine(kind)) absl::StrAppend(&text, " at register ", at_register + 1);
  absl::StrAppend(&text, " from ", absl::FormatDuration(absl::Trunc(from, absl::Milliseconds(1))));
  if (IsOfRequest(kind)) {
    absl::StrAppend(&text, ", ", requests, of_status ? " status request(s)" : " request(s)",
                    made ? ", made" : ", not made");
  } else {
    absl::StrAppend(&text, " for ", absl::FormatDuration(absl::Trunc(lasts, absl::Milliseconds(1))));
  }
  if (code != 0) absl::StrAppend(&text, ", code ", code);
  if (kind == FaultKind::kWallClockJump) {
    absl::StrAppend(&text, ", by ", absl::FormatDuration(absl::Trunc(jump, absl::Seconds(1))));
  }
  return text;
}

}  // namespace kasa::simulation
