#ifndef KASA_SERVER_API_SERVICES_H_
#define KASA_SERVER_API_SERVICES_H_

#include <memory>
#include <vector>

#include "server/api/attention_handlers.h"
#include "server/api/automation_handlers.h"
#include "server/api/call_log.h"
#include "server/api/fiscalization_handlers.h"
#include "server/api/integration_handlers.h"
#include "server/api/receipt_handlers.h"
#include "server/api/watch_handlers.h"

namespace grpc {
class Service;
}

namespace kasa::api {

// What answers the calls. Everything outlives the services.
struct Handlers {
  FiscalizationHandlers& fiscalizations;
  IntegrationHandlers& integrations;
  ReceiptHandlers& receipts;
  AutomationHandlers& automation;
  WatchHandlers& watches;
  AttentionHandlers& attention;
};

// The services of kasa.v1 for a gRPC server, which they must outlive.
std::vector<std::shared_ptr<grpc::Service>> MakeServices(Handlers handlers, CallLog& log);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_SERVICES_H_
