// Shows ThreadSanitizer the order that gRPC and Abseil keep between threads.
//
// Debian's gRPC and Abseil are not built with ThreadSanitizer, so that it sees our code on both sides of them
// but not their mutexes and queues in between: all that one thread hands to gRPC and another takes from it
// looks like a race. To suppress such reports by gRPC's frames would also hide the races of our own handlers,
// since gRPC is below every one of them. So the functions of both libraries that order threads are stood in
// for here: each tells ThreadSanitizer what it does, and calls the real one. Four orders are told, and no
// more:
//   - what a thread did before it unlocked an absl::Mutex comes before what the next one does that locks it;
//   - what a thread did before it started a batch of gRPC operations comes before the batch's callback, and
//     what it did before it started a server comes before all callbacks;
//   - what a thread did before it gave back its reference to a call that is served comes before the end of
//     that call (OnDone), also where the library itself gives back the last one, as it does for cancelled
//     calls;
//   - what a thread did before it gave back its reference to an absl::Status comes before the status's end.
// Linked into programs of the build `tsan` only, and itself not instrumented.

#include <dlfcn.h>
#include <grpc/grpc.h>
#include <link.h>
#include <sanitizer/tsan_interface.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"

namespace {

// The function of this name that we stand in for.
template <typename Function>
Function Real(const char* name) {
  void* const found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();
  return reinterpret_cast<Function>(found);
}

using MutexFunction = void (*)(void*);

}  // namespace

// The stand-ins bear the names of the library's functions, mangled as for Debian 12's Abseil. Should another
// version name them otherwise, planted_race_guarded fails, and says so by the reports it prints.
extern "C" {

void AbslStatusUnref(uintptr_t rep) asm("_ZN4absl7debian36Status15UnrefNonInlinedEm");
void AbslStatusUnref(uintptr_t rep) {
  // Not through the real one: the order belongs between its count and its deletion.
  auto* const counted = reinterpret_cast<absl::status_internal::StatusRep*>(rep - 1);
  __tsan_release(counted);
  if (counted->ref.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  __tsan_acquire(counted);
  delete counted;
}

void AbslMutexLock(void* mutex) asm("_ZN4absl7debian35Mutex4LockEv");
void AbslMutexLock(void* mutex) {
  static const auto kReal = Real<MutexFunction>("_ZN4absl7debian35Mutex4LockEv");
  kReal(mutex);
  __tsan_acquire(mutex);
}

bool AbslMutexTryLock(void* mutex) asm("_ZN4absl7debian35Mutex7TryLockEv");
bool AbslMutexTryLock(void* mutex) {
  static const auto kReal = Real<bool (*)(void*)>("_ZN4absl7debian35Mutex7TryLockEv");
  if (!kReal(mutex)) return false;
  __tsan_acquire(mutex);
  return true;
}

void AbslMutexUnlock(void* mutex) asm("_ZN4absl7debian35Mutex6UnlockEv");
void AbslMutexUnlock(void* mutex) {
  static const auto kReal = Real<MutexFunction>("_ZN4absl7debian35Mutex6UnlockEv");
  __tsan_release(mutex);
  kReal(mutex);
}

void AbslMutexReaderLock(void* mutex) asm("_ZN4absl7debian35Mutex10ReaderLockEv");
void AbslMutexReaderLock(void* mutex) {
  static const auto kReal = Real<MutexFunction>("_ZN4absl7debian35Mutex10ReaderLockEv");
  kReal(mutex);
  __tsan_acquire(mutex);
}

void AbslMutexReaderUnlock(void* mutex) asm("_ZN4absl7debian35Mutex12ReaderUnlockEv");
void AbslMutexReaderUnlock(void* mutex) {
  static const auto kReal = Real<MutexFunction>("_ZN4absl7debian35Mutex12ReaderUnlockEv");
  __tsan_release(mutex);
  kReal(mutex);
}

// A wait unlocks the mutex and locks it again inside the library.
void AbslCondVarWait(void* condition, void* mutex) asm("_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE");
void AbslCondVarWait(void* condition, void* mutex) {
  static const auto kReal = Real<void (*)(void*, void*)>("_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE");
  __tsan_release(mutex);
  kReal(condition, mutex);
  __tsan_acquire(mutex);
}

// absl::Time and absl::Duration are 12 bytes that are passed like these, in two registers.
struct AbslTime {
  int64_t seconds;
  uint32_t ticks;
};

bool AbslCondVarWaitWithDeadline(void* condition, void* mutex, AbslTime deadline) asm(
    "_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
bool AbslCondVarWaitWithDeadline(void* condition, void* mutex, AbslTime deadline) {
  static const auto kReal = Real<bool (*)(void*, void*, AbslTime)>(
      "_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  __tsan_release(mutex);
  const bool expired = kReal(condition, mutex, deadline);
  __tsan_acquire(mutex);
  return expired;
}

bool AbslCondVarWaitWithTimeout(void* condition, void* mutex, AbslTime timeout) asm(
    "_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
bool AbslCondVarWaitWithTimeout(void* condition, void* mutex, AbslTime timeout) {
  static const auto kReal = Real<bool (*)(void*, void*, AbslTime)>(
      "_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  __tsan_release(mutex);
  const bool expired = kReal(condition, mutex, timeout);
  __tsan_acquire(mutex);
  return expired;
}

}  // extern "C"

namespace {

using Run = void (*)(grpc_completion_queue_functor*, int);

// What happened before any server was started comes before every callback.
char server_start;

// The few functions that callbacks' tags run (one a kind of tag), each with a stand-in of its own.
constexpr size_t kMaxRuns = 64;
std::array<std::atomic<Run>, kMaxRuns> runs;

template <size_t kIndex>
void RunInOrder(grpc_completion_queue_functor* tag, int ok) {
  __tsan_acquire(tag);
  __tsan_acquire(&server_start);
  runs[kIndex].load(std::memory_order_relaxed)(tag, ok);
}

template <size_t... kIndices>
constexpr std::array<Run, kMaxRuns> StandIns(std::index_sequence<kIndices...> /*indices*/) {
  return {RunInOrder<kIndices>...};
}
constexpr std::array<Run, kMaxRuns> kStandIns = StandIns(std::make_index_sequence<kMaxRuns>());

// Whether an address is in code, which a callback's tag begins with; the other kinds of tag begin with the
// address of a table of virtual functions, which is in data.
bool IsCode(uintptr_t address) {
  return dl_iterate_phdr(
             [](dl_phdr_info* module, size_t /*size*/, void* wanted) {
               for (int i = 0; i < module->dlpi_phnum; ++i) {
                 const auto& segment = module->dlpi_phdr[i];
                 const uintptr_t begin = module->dlpi_addr + segment.p_vaddr;
                 const uintptr_t at = *static_cast<uintptr_t*>(wanted);
                 if (segment.p_type == PT_LOAD && at >= begin && at < begin + segment.p_memsz) {
                   return (segment.p_flags & PF_X) != 0 ? 1 : -1;
                 }
               }
               return 0;
             },
             &address) == 1;
}

// The stand-in for what a tag runs.
Run StandInFor(Run run) {
  for (const Run stand_in : kStandIns) {
    if (stand_in == run) return run;
  }
  for (size_t i = 0; i < kMaxRuns; ++i) {
    Run known = runs[i].load(std::memory_order_relaxed);
    if (known == nullptr) runs[i].compare_exchange_strong(known, run);
    if (runs[i].load(std::memory_order_relaxed) == run) return kStandIns[i];
  }
  std::abort();  // More kinds of tag than gRPC has.
}

}  // namespace

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t nops, void* tag,
                                      void* reserved) {
  static const auto kReal = Real<decltype(&grpc_call_start_batch)>("grpc_call_start_batch");
  auto* const functor = static_cast<grpc_completion_queue_functor*>(tag);
  if (functor != nullptr && IsCode(reinterpret_cast<uintptr_t>(functor->functor_run))) {
    functor->functor_run = StandInFor(functor->functor_run);
    __tsan_release(tag);
  }
  return kReal(call, ops, nops, tag, reserved);
}

void grpc_server_start(grpc_server* server) {
  static const auto kReal = Real<decltype(&grpc_server_start)>("grpc_server_start");
  __tsan_release(&server_start);
  kReal(server);
}

// Runs when the last reference to a served call was given back. The others were given back by gRPC's headers,
// so that ThreadSanitizer saw it: by counting down the second of the two counters that the call begins with.
void GrpcScheduleOnDone(void* call,
                        bool inline_ondone) asm("_ZN4grpc8internal18ServerCallbackCall14ScheduleOnDoneEb");
void GrpcScheduleOnDone(void* call, bool inline_ondone) {
  static const auto kReal =
      Real<void (*)(void*, bool)>("_ZN4grpc8internal18ServerCallbackCall14ScheduleOnDoneEb");
  constexpr size_t kReferences = sizeof(void*) + sizeof(std::atomic_int);  // after the table of functions
  __tsan_acquire(static_cast<char*>(call) + kReferences);
  kReal(call, inline_ondone);
}

}  // extern "C"
