#ifndef KASA_SERVER_VCHASNO_REQUEST_H_
#define KASA_SERVER_VCHASNO_REQUEST_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/domain/document.h"
#include "server/domain/receipt.h"
#include "server/domain/sending.h"

// The bytes of our requests to execute a task (vchasno-kasa-api.md, "POST /api/v3/fiscal/execute").
namespace kasa::vchasno {

// Sent as `source`: who asks.
inline constexpr absl::string_view kSource = "kasa-gateway";

// The task numbers that we use.
inline constexpr int kTaskOpenShift = 0;
inline constexpr int kTaskSale = 1;
inline constexpr int kTaskReturn = 2;
inline constexpr int kTaskXReport = 10;
inline constexpr int kTaskCloseShift = 11;  // the Z-report
inline constexpr int kTaskStatus = 18;

// The whole body of a sale or return. The same arguments give the same bytes. `buyer`'s contacts go into
// userinfo where they are not empty. Money has two decimals, quantities three, written from integers.
std::string EncodeReceipt(const domain::PricedReceipt& receipt, absl::string_view tag,
                          const domain::Buyer& buyer);

std::string EncodeShiftOpening(absl::string_view tag, absl::string_view cashier);

std::string EncodeShiftClosing(absl::string_view tag, absl::string_view cashier);

std::string EncodeStatusRequest();

// Without a tag: Client::AskReport() tells why.
std::string EncodeReportRequest();

// The body of a command to send a receipt.
std::string EncodeSendReceipt(absl::string_view fiscal_number, domain::SendingChannel channel,
                              absl::string_view recipient);

// The contacts in the userinfo of `request`, a body that EncodeReceipt() made; empty where it has none.
domain::Buyer ContactsIn(absl::string_view request);

// `json` with phone and e-mail of userinfo masked ("+380*******67", "o***@example.com"), to be shown to an
// auditor. What is no JSON object is returned as "" when it might hold contacts.
std::string MaskContacts(absl::string_view json);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_REQUEST_H_
