#ifndef KASA_SERVER_VCHASNO_READING_H_
#define KASA_SERVER_VCHASNO_READING_H_

#include <string>

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

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_READING_H_
