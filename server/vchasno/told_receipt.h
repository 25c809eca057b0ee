#ifndef KASA_SERVER_VCHASNO_TOLD_RECEIPT_H_
#define KASA_SERVER_VCHASNO_TOLD_RECEIPT_H_

#include "server/domain/original.h"
#include "server/vchasno/json.h"

namespace kasa::vchasno {

// A receipt as check-task tells it: what it was asked for (vchasno-kasa-api.md, "receipt"). `receipt` is the
// object with `rows`, `fiscal` the one with `task` and `subtask`; either may be null.
//
// Rows are all understood or none are: each has a name, a count, a price and a tax group, and what it comes
// to is 0.01 or more. A discount on the whole receipt, which the gateway itself never uses, is spread over
// the rows as the gateway spreads one; where payments are told, it is what the rows exceed them by. May throw
// JsonMisuse.
domain::ToldReceipt ReadToldReceipt(const rapidjson::Value* receipt, const rapidjson::Value* fiscal);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_TOLD_RECEIPT_H_
