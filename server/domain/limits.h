#ifndef KASA_SERVER_DOMAIN_LIMITS_H_
#define KASA_SERVER_DOMAIN_LIMITS_H_

#include <cstddef>
#include <cstdint>

// The limits that the contract states (proto/kasa/v1) and the checks enforce. Lengths are in characters (code
// points).
namespace kasa::domain {

inline constexpr size_t kMaxSourceSystemLength = 64;
inline constexpr size_t kMaxIdLength = 128;
inline constexpr size_t kMaxIntegrationIdLength = 64;
inline constexpr size_t kMaxFiscalNumberLength = 64;
inline constexpr size_t kMaxDisplayNameLength = 200;
inline constexpr size_t kMaxLines = 1000;
inline constexpr size_t kMaxPayments = 50;
inline constexpr size_t kMaxExciseStampsPerLine = 20;
inline constexpr size_t kMaxUnitCodeLength = 64;
inline constexpr size_t kMaxCardTextLength = 64;
inline constexpr size_t kMaxBankNameLength = 128;
inline constexpr size_t kMaxMappingEntries = 1000;  // of taxes, and of payment methods
inline constexpr size_t kMaxNoteLength = 1000;
inline constexpr size_t kMaxRuleNameLength = 128;
inline constexpr size_t kMaxWaybillLength = 64;
// Texts longer than this are refused; up to this they are cleaned, and cut to the register's lengths with a
// warning.
inline constexpr size_t kMaxTextLength = 1000;
inline constexpr int64_t kMaxAmountKopiykas = 99'999'999'999;       // 999,999,999.99 UAH, either sign
inline constexpr int64_t kMaxQuantityThousandths = 99'999'999'999;  // 99,999,999.999
inline constexpr int kMaxPaymentType = 9999;

// Lengths that the register is known to take (vchasno-kasa-api.md, "Text alphabet").
inline constexpr size_t kRegisterNameLength = 128;
inline constexpr size_t kRegisterCodeLength = 64;
inline constexpr size_t kRegisterBarcodeLength = 64;
inline constexpr size_t kRegisterUktzedLength = 10;
inline constexpr size_t kRegisterDkppLength = 16;
inline constexpr size_t kRegisterCommentLength = 120;
inline constexpr size_t kRegisterCashierLength = 100;
inline constexpr size_t kRegisterExciseStampLength = 64;

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_LIMITS_H_
