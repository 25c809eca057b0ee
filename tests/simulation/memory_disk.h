#ifndef KASA_TESTS_SIMULATION_MEMORY_DISK_H_
#define KASA_TESTS_SIMULATION_MEMORY_DISK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/simulation/random.h"

// A disk in memory that forgets, at a crash, what it was not told to keep.
namespace kasa::simulation {

// What the disk does with a file system's promise. Everything that POSIX leaves open is drawn by seed.
//
// A file is its content, as the process sees it, and the changes of it that are not surely on the platters. A
// write is unsynced until the file is synced. At a power cut each unsynced write is there, is not there, or
// is there in some of its sectors; a name that was made or taken away since its directory was last synced may
// be there or not. Bytes outside of a write are never harmed (SQLite's "powersafe overwrite", its default on
// unix).
class DiskFile {
 public:
  const std::string& content() const { return content_; }
  // What is surely on the platters.
  std::string Synced() const;
  bool clean() const { return unsynced_.empty(); }

  void Write(size_t offset, absl::string_view bytes);
  void Truncate(size_t size);
  // Everything unsynced is on the platters now.
  void Sync();
  // The disk reported an error to a sync, and the system marked its pages clean all the same (Linux does):
  // the content stays readable, and no later sync writes these bytes.
  void LoseUnsynced();

  // What is there after a power cut.
  std::string AfterPowerCut(Random& random) const;
  // A process ended, the system lives: everything is readable, and as unsynced as it was.
  std::shared_ptr<DiskFile> AfterKill() const { return std::make_shared<DiskFile>(*this); }
  static std::shared_ptr<DiskFile> Of(std::string synced);

 private:
  struct Change {
    size_t offset = 0;
    size_t size = 0;
    size_t bytes = 0;  // where in bytes_ those begin that were written, `size` of them
    std::optional<size_t> truncate_to;
    bool lost = false;  // no sync will write it
    // How to take it back: where in bytes_ those begin that it wrote over or cut off, and how long the file
    // was.
    size_t undo_offset = 0;
    size_t undo = 0;
    size_t undo_size = 0;
    size_t size_before = 0;
  };

  absl::string_view BytesOf(const Change& change) const {
    return absl::string_view(bytes_).substr(change.bytes, change.size);
  }
  // Keeps what is there from `offset` on.
  void KeepForUndo(Change& change, size_t offset, size_t size);
  void Apply(const Change& change, std::string& content) const;

  std::string content_;
  std::vector<Change> unsynced_;
  std::string bytes_;  // what unsynced changes wrote, and what they wrote over
  // What is on the platters is the content with the unsynced changes taken back, and not kept twice: files
  // are synced far more often than anybody asks. Once the disk has lost a change, it is here.
  std::optional<std::string> synced_;
};

// What surely or perhaps survives: the files by name.
using DiskImage = std::map<std::string, std::shared_ptr<DiskFile>>;

// Troubles that the disk is told to have, until it is told otherwise.
struct DiskTrouble {
  bool full = false;          // writes that make a file longer find no space
  bool writes_fail = false;   // I/O errors, and nothing is written
  bool reads_fail = false;    // I/O errors
  bool syncs_fail = false;    // the sync reports an error
  bool syncs_forget = false;  // ... and the system takes the pages for clean (LoseUnsynced)
  bool any() const { return full || writes_fail || reads_fail || syncs_fail; }
};

class MemoryDisk {
 public:
  explicit MemoryDisk(DiskImage image = {}) : current_(image), durable_(std::move(image)) {}

  DiskTrouble trouble;
  // Asked before every change of the disk (write, truncate, sync, delete); true: this very moment is a crash.
  std::function<bool()> crash_now;

  std::shared_ptr<DiskFile> Find(const std::string& name) const;
  std::shared_ptr<DiskFile> Create(const std::string& name);
  void Delete(const std::string& name, bool sync_directory);
  void SyncDirectory();

  // Every later access fails: the process that used it is gone. What is left is decided first.
  void Die() { dead_ = true; }
  bool dead() const { return dead_; }
  // Counts a change; true when it must not happen any more, because the process is gone or goes now.
  bool CrashesHere();

  DiskImage AfterPowerCut(Random random) const;
  DiskImage AfterKill() const;
  // What surely survives, as it is now.
  DiskImage Synced() const;

  int64_t changes() const { return changes_; }

 private:
  DiskImage current_;  // what the process sees
  DiskImage durable_;  // names as of the last sync of their directory
  bool dead_ = false;
  int64_t changes_ = 0;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_MEMORY_DISK_H_
