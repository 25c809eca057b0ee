#include "server/engine/request_body.h"

#include "server/vchasno/request.h"

namespace kasa::engine {

std::string RequestBodyFor(const domain::Fiscalization& fiscalization,
                           const domain::Integration& integration) {
  domain::Buyer told;
  if (integration.send_sms) told.phone = fiscalization.document.buyer.phone;
  if (integration.send_email) told.email = fiscalization.document.buyer.email;
  return vchasno::EncodeReceipt(fiscalization.draft, fiscalization.tag, told);
}

}  // namespace kasa::engine
