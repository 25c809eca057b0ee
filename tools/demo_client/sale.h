#ifndef KASA_TOOLS_DEMO_CLIENT_SALE_H_
#define KASA_TOOLS_DEMO_CLIENT_SALE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "kasa/v1/fiscalization_service.pb.h"

// The sale that the demo makes. Pure functions.
namespace kasa::demo {

inline constexpr absl::string_view kIntegrationId = "demo";
inline constexpr absl::string_view kLegalEntityId = "demo";
inline constexpr absl::string_view kSourceSystem = "demo";
inline constexpr absl::string_view kTaxId = "vat20";
inline constexpr absl::string_view kCashId = "cash";
inline constexpr absl::string_view kCardId = "card";

// Two lines, paid partly by card and partly in cash, so that the receipt shows cash rounding and change.
v1::FiscalizeSaleRequest DemoSale(const std::string& document_id, absl::CivilDay today);

// The same with three mistakes, to be checked only.
v1::FiscalizeSaleRequest FaultySale(absl::CivilDay today);

}  // namespace kasa::demo

#endif  // KASA_TOOLS_DEMO_CLIENT_SALE_H_
