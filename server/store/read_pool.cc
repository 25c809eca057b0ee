#include "server/store/read_pool.h"

#include <utility>

namespace kasa::store {

ReadPool::ReadPool(std::function<std::unique_ptr<Connection>()> open, int connections, StoreTrouble* trouble)
    : open_(std::move(open)), trouble_(trouble), free_(static_cast<size_t>(connections)) {}

ReadPool::Lease::Lease(ReadPool& pool) : pool_(pool) {
  std::unique_lock<std::mutex> lock(pool_.mutex_);
  pool_.returned_.wait(lock, [this] { return !pool_.free_.empty(); });
  connection_ = std::move(pool_.free_.back());
  pool_.free_.pop_back();
}

ReadPool::Lease::~Lease() {
  if (!keep_) connection_.reset();
  {
    const std::lock_guard<std::mutex> lock(pool_.mutex_);
    pool_.free_.push_back(std::move(connection_));
  }
  pool_.returned_.notify_one();
}

Connection& ReadPool::Lease::Connected() {
  if (connection_ == nullptr) connection_ = pool_.open_();
  return *connection_;
}

}  // namespace kasa::store
