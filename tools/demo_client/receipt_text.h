#ifndef KASA_TOOLS_DEMO_CLIENT_RECEIPT_TEXT_H_
#define KASA_TOOLS_DEMO_CLIENT_RECEIPT_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "kasa/v1/fiscalization.pb.h"

// What the demo tells a person. Pure functions; the texts end with "\n".
namespace kasa::demo {

// The receipt of a fiscalization that is FISCALIZED.
std::string ReceiptText(const v1::Fiscalization& fiscalization);

// Why there is no receipt, and what to do, of a fiscalization in any other state.
std::string NoReceiptText(const v1::Fiscalization& fiscalization);

// What went wrong with a call, and what to do about it.
std::string ErrorText(const absl::Status& status);

}  // namespace kasa::demo

#endif  // KASA_TOOLS_DEMO_CLIENT_RECEIPT_TEXT_H_
