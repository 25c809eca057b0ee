#ifndef KASA_TESTS_STORE_FAULTY_DISK_H_
#define KASA_TESTS_STORE_FAULTY_DISK_H_

#include <atomic>
#include <string>

// A file system for SQLite (a VFS) that is the usual one until it is told to fail.
namespace kasa::store {

class FaultyDisk {
 public:
  // Registers it with SQLite under `name`. One at a time; it must outlive the databases on it.
  explicit FaultyDisk(std::string name);
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  ~FaultyDisk();

  // Writes find no space.
  std::atomic<bool> full = false;
  // What is flushed from now on reports an error, though the bytes were written.
  std::atomic<bool> flush_fails = false;
  // Writes report an error and write nothing.
  std::atomic<bool> write_fails = false;
  // Files can't be opened.
  std::atomic<bool> open_fails = false;
  // Counts what failed.
  std::atomic<int> failures = 0;

 private:
  const std::string name_;
};

}  // namespace kasa::store

#endif  // KASA_TESTS_STORE_FAULTY_DISK_H_
