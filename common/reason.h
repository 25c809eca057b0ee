#ifndef KASA_COMMON_REASON_H_
#define KASA_COMMON_REASON_H_

#include <optional>
#include <span>

#include "absl/strings/string_view.h"

namespace kasa {

// Whose move it is after a failure (product.md, point 21).
enum class FailureClass {
  kRequest,        // the caller's: this request is wrong, another one may be right
  kUser,           // a person's: something has to be done in the world or decided
  kConfiguration,  // the operator's: the integration or the register's account needs a change
  kTransient,      // nobody's: it passes by itself, the gateway goes on or the caller tries again
  kInternal,       // ours: report it
};

// Every reason that the gateway gives for a refusal, a failure or a pause. The list is published
// (docs/errors.md) and only grows; callers branch on the name, never on prose. Names are those of
// ErrorInfo.reason.
enum class Reason {
  // In BadRequest.FieldViolation.reason: one field of a request.
  kFieldRequired,
  kFieldTooLong,
  kFieldInvalid,
  kFieldUnknown,
  kFieldNotAllowed,
  kTooManyItems,
  kAmountOutOfRange,
  kQuantityNotPositive,
  kPriceNegative,
  kNotActivated,
  kDateInvalid,
  kDateNotToday,
  kCurrencyNotUah,
  kLinesMissing,
  kNameMissing,
  kTaxMissing,
  kTaxNotMapped,
  kTaxGroupUnknown,
  kPaymentTypeInvalid,
  kPaymentMethodNotMapped,
  kPaymentMethodMissing,
  kDefaultCashlessTypeMissing,
  kLineAmountMismatch,
  kLineAmountZero,
  kDiscountExceedsAmount,
  kDuplicateLineId,
  kPaymentsMissing,
  kPaymentsDoNotCover,
  kPaymentNotPositive,
  kTenderedNotCash,
  kTenderedTooSmall,
  kExciseCodeMissing,
  kExciseStampsMissing,
  kCardDetailsNotAllowed,
  kCardNumberNotMasked,
  kPhoneInvalid,
  kEmailInvalid,
  kPageTokenInvalid,
  kFieldMaskInvalid,
  kOriginalLineNotFound,
  kOriginalLineAmbiguous,
  kDiffersFromSale,
  // In Warning: what stopped nothing. Reasons of the other groups are in warnings too.
  kTextCleaned,
  kTextCut,
  kFieldIgnored,
  kOrderIdMissing,
  kOriginalNotChecked,
  kReceiptRepriced,
  kReceiptDatedOtherwise,
  kLinesLeftOut,
  kDefaultMoved,
  kTokenReplaced,
  kSignatureWarning,
  // In ErrorInfo: a whole call.
  kRequestInvalid,
  kDocumentInvalid,
  kIntegrationNotFound,
  kDefaultIntegrationNotFound,
  kFiscalizationNotFound,
  kReceiptNotFound,
  kIntegrationExists,
  kDocumentContentDiffers,
  kAutomationRuleExists,
  kAutomationRuleNotFound,
  kReportContentDiffers,
  kEtagMismatch,
  kIntegrationInactive,
  kIntegrationArchived,
  kIntegrationHasOpenWork,
  kLegalEntityMismatch,
  kRegisterUnknown,
  kRegisterInUse,
  kTokenMissing,
  kTokenOfAnotherRegister,
  kRegisterFactsMissing,
  kNotATestRegister,
  kOrderTotalDiffers,
  kOrderOnOtherRegister,
  kOrderAlreadyFiscalized,
  kOutgoingPayment,
  kFiscalChainPrepayment,
  kFiscalChainPostpayment,
  kFiscalChainReturn,
  kSaleNotFiscalized,
  kSaleOnOtherRegister,
  kReturnExceedsSale,
  kRefundMethodDiffers,
  kStateNotAllowed,
  kInDoubtReconciling,
  kHoldTimeNotOver,
  kResolutionContradicted,
  kResolutionUnverified,
  kFiscalNumberTaken,
  kRequestIdUsed,
  kNotReady,
  kReceivedAmountDecreased,
  kPaymentNotConfirmed,
  kStoreFull,
  kStoreUnavailable,
  kShuttingDown,
  kRegisterUnreachable,
  kLaneFull,
  kCursorExpired,
  kRoleRequired,
  kNotInThisVersion,
  kInternal,
  // In Failure and Lane: what the register or the calendar said.
  kDocumentDatePassed,
  kTokenRefused,
  kRegisterBlocked,
  kRegisterBusy,
  kShiftClosed,
  kShiftTooLong,
  kShiftOpenFailed,
  kQuietWindow,
  kShiftUnknown,
  kNoBalance,
  kSignatureMissing,
  kOfflineLimit,
  kClockSkew,
  kRateLimited,
  kRegisterMismatch,
  kRegisterServiceTrouble,
  kStsRefused,
  kPaymentTypeNotEnabled,
  kRegisterCashInsufficient,
  kTaxGroupChangedInShift,
  kRoundingNotEnabled,
  kReceiptArithmeticRefused,
  kRegisterRefused,
  kSendingRefused,
  kAnswerLost,
  kAnswerUnreadable,
  kAnswerContradicts,
  kTagMemoryUnproven,
  kHeadInDoubt,
  kGivenUpByOperator,
  kReceiptProvenAbsent,
  kStoreCopied,
};

// One row of the published list.
struct ReasonInfo {
  Reason reason;
  absl::string_view name;  // as in ErrorInfo.reason: "DATE_NOT_TODAY"
  FailureClass failure_class;
  bool retryable;            // whether the same request, unchanged, may succeed later
  absl::string_view remedy;  // one sentence: what to do
};

// Every reason, in the order of the enum.
std::span<const ReasonInfo> AllReasons();

const ReasonInfo& InfoOf(Reason reason);

// "DATE_NOT_TODAY"
inline absl::string_view NameOf(Reason reason) {
  return InfoOf(reason).name;
}

// The reason of that name; nothing when there is none.
std::optional<Reason> ReasonFromName(absl::string_view name);

}  // namespace kasa

#endif  // KASA_COMMON_REASON_H_
