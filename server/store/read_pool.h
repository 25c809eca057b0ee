#ifndef KASA_SERVER_STORE_READ_POOL_H_
#define KASA_SERVER_STORE_READ_POOL_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/connection.h"
#include "server/store/errors.h"
#include "server/store/store_trouble.h"

namespace kasa::store {

// A few read-only connections. A call takes one, or waits for one, and sees one state of the store from its
// first statement to its last: everything that was committed when it began. Thread-safe.
class ReadPool {
 public:
  // `open` makes a reading connection, at the first use and again after an error. Throws SQLite::Exception.
  // `trouble` hears of what goes wrong, and outlives the pool; nothing: nobody does.
  ReadPool(std::function<std::unique_ptr<Connection>()> open, int connections,
           StoreTrouble* trouble = nullptr);
  ReadPool(const ReadPool&) = delete;
  ReadPool& operator=(const ReadPool&) = delete;

  // What `read` gives: absl::StatusOr<...> (Connection&). It may throw SQLite::Exception and
  // UnreadableRecord.
  template <typename Read>
  auto Run(Read read) -> decltype(read(std::declval<Connection&>())) {
    Lease lease(*this);
    try {
      Connection& connection = lease.Connected();
      connection.Prepare("BEGIN").Run();
      auto result = read(connection);
      connection.Prepare("COMMIT").Run();
      lease.Keep();
      return result;
    } catch (const SQLite::Exception& error) {
      absl::Status status = StatusOf(error, "reading from the store");
      // A read that fails for a moment says nothing about writing; damage says something about everything.
      if (trouble_ != nullptr && IsDamage(status)) trouble_->Met(status);
      return status;
    } catch (const UnreadableRecord& error) {
      return StatusOf(error);
    }
  }

 private:
  // One place of the pool, taken for a call. Unless Keep() is called its connection is closed, with whatever
  // an error left open in it.
  class Lease {
   public:
    explicit Lease(ReadPool& pool);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();

    Connection& Connected();
    void Keep() { keep_ = true; }

   private:
    ReadPool& pool_;
    std::unique_ptr<Connection> connection_;
    bool keep_ = false;
  };

  const std::function<std::unique_ptr<Connection>()> open_;
  StoreTrouble* const trouble_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> free_;  // guarded by mutex_; nothing: to be opened
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_READ_POOL_H_
