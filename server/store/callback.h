#ifndef KASA_SERVER_STORE_CALLBACK_H_
#define KASA_SERVER_STORE_CALLBACK_H_

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"

namespace kasa::store {

// How a write is answered: once, after it is durable, on the writer's thread (store.h).
template <typename T>
using Callback = absl::AnyInvocable<void(absl::StatusOr<T>) &&>;

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_CALLBACK_H_
