#ifndef KASA_SERVER_VCHASNO_READING_H_
#define KASA_SERVER_VCHASNO_READING_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/kyiv_time.h"
#include "server/vchasno/answer.h"
#include "server/vchasno/client.h"
#include "server/vchasno/transport.h"

// From what the transport brought to what the engine is told. Pure functions.
namespace kasa::vchasno {

// `request` is the body that was sent, or method and path of a GET.
WireRecord RecordOf(std::string request, HttpResult result);

// The answer to the request whose body was `sent`. What names another tag or task than it is doubt.
ExecuteAnswer ReadExecuted(const std::string& sent, const HttpResult& result, const KyivTime& kyiv);

StatusAnswer ReadStatus(const HttpResult& result, const KyivTime& kyiv);

CheckTaskAnswer ReadCheckTask(const HttpResult& result);

ReportAnswer ReadReport(const HttpResult& result);

// The answer to the command `sent`. The recipient is masked in the message; the wire is not filled in.
SendReceiptAnswer ReadSendReceipt(const SendReceiptCommand& sent, const HttpResult& result);

ReceiptPageAnswer ReadReceiptPage(const HttpResult& result);

// `text` with every place that may be `recipient` replaced by the masked form: in any case of letters,
// escaped for a URL or JSON, or with a phone's digits grouped. Rather too much than too little.
std::string HideRecipient(absl::string_view text, const SendReceiptCommand& command);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_READING_H_
