#include "tests/simulation/memory_disk.h"

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <utility>

namespace kasa::simulation {
namespace {

constexpr size_t kSector = 512;

void WriteAt(size_t offset, absl::string_view bytes, std::string& content) {
  if (offset > content.size()) content.resize(offset, '\0');
  const size_t over = std::min(bytes.size(), content.size() - offset);
  std::copy_n(bytes.begin(), over, content.begin() + static_cast<std::ptrdiff_t>(offset));
  content.append(bytes.data() + over, bytes.size() - over);
}

}  // namespace

void DiskFile::Apply(const Change& change, std::string& content) const {
  if (change.truncate_to) {
    content.resize(*change.truncate_to, '\0');
  } else {
    WriteAt(change.offset, BytesOf(change), content);
  }
}

void DiskFile::KeepForUndo(Change& change, size_t offset, size_t size) {
  change.size_before = content_.size();
  change.undo_offset = std::min(offset, content_.size());
  change.undo_size = std::min(size, content_.size() - change.undo_offset);
  change.undo = bytes_.size();
  bytes_.append(content_, change.undo_offset, change.undo_size);
}

void DiskFile::Write(size_t offset, absl::string_view bytes) {
  // What a commit writes, and what it writes over.
  constexpr size_t kOfOneCommit = 1 << 17;
  if (bytes_.capacity() < kOfOneCommit) bytes_.reserve(kOfOneCommit);
  Change change{.offset = offset, .size = bytes.size(), .bytes = bytes_.size(), .truncate_to = std::nullopt};
  bytes_.append(bytes.data(), bytes.size());
  KeepForUndo(change, offset, bytes.size());
  WriteAt(offset, bytes, content_);
  unsynced_.push_back(change);
}

void DiskFile::Truncate(size_t size) {
  Change change{.truncate_to = size};
  KeepForUndo(change, size, content_.size());
  content_.resize(size, '\0');
  unsynced_.push_back(change);
}

std::string DiskFile::Synced() const {
  if (synced_) return *synced_;
  std::string synced = content_;
  for (const Change& change : std::views::reverse(unsynced_)) {
    synced.resize(change.size_before, '\0');
    WriteAt(change.undo_offset, absl::string_view(bytes_).substr(change.undo, change.undo_size), synced);
  }
  return synced;
}

void DiskFile::Sync() {
  if (!synced_) {
    unsynced_.clear();
    bytes_.clear();
    return;
  }
  std::vector<Change> lost;
  std::string bytes_of_lost;
  for (Change& change : unsynced_) {
    if (!change.lost) {
      Apply(change, *synced_);
      continue;
    }
    const absl::string_view written = BytesOf(change);
    change.bytes = bytes_of_lost.size();
    bytes_of_lost.append(written.data(), written.size());
    lost.push_back(change);
  }
  unsynced_ = std::move(lost);
  bytes_ = std::move(bytes_of_lost);
}

void DiskFile::LoseUnsynced() {
  if (unsynced_.empty()) return;
  synced_ = Synced();
  for (Change& change : unsynced_) change.lost = true;
}

std::string DiskFile::AfterPowerCut(Random& random) const {
  std::string left = Synced();
  for (const Change& change : unsynced_) {
    const int fate = random.Below(4);
    if (fate == 0 || change.lost) continue;
    if (fate < 3 || change.truncate_to) {
      Apply(change, left);
      continue;
    }
    // Torn: some of its sectors, counted from the beginning of the file.
    size_t done = 0;
    while (done < change.size) {
      const size_t at = change.offset + done;
      const size_t size = std::min(change.size - done, kSector - at % kSector);
      if (random.Percent(50)) WriteAt(at, BytesOf(change).substr(done, size), left);
      done += size;
    }
  }
  return left;
}

std::shared_ptr<DiskFile> DiskFile::Of(std::string synced) {
  auto file = std::make_shared<DiskFile>();
  file->content_ = std::move(synced);
  return file;
}

std::shared_ptr<DiskFile> MemoryDisk::Find(const std::string& name) const {
  const auto file = current_.find(name);
  return file == current_.end() ? nullptr : file->second;
}

std::shared_ptr<DiskFile> MemoryDisk::Create(const std::string& name) {
  return current_[name] = std::make_shared<DiskFile>();
}

void MemoryDisk::Delete(const std::string& name, bool sync_directory) {
  current_.erase(name);
  if (sync_directory) SyncDirectory();
}

void MemoryDisk::SyncDirectory() {
  if (durable_ != current_) durable_ = current_;
}

bool MemoryDisk::CrashesHere() {
  if (dead_) return true;
  ++changes_;
  if (crash_now && crash_now()) Die();
  return dead_;
}

DiskImage MemoryDisk::AfterPowerCut(Random random) const {
  DiskImage names = durable_;
  for (const auto& [name, file] : current_) {
    const auto before = durable_.find(name);
    const bool changed = before == durable_.end() || before->second != file;
    if (changed && random.Percent(50)) names[name] = file;
  }
  for (const auto& [name, file] : durable_) {
    if (!current_.contains(name) && random.Percent(50)) names.erase(name);
  }
  DiskImage left;
  for (const auto& [name, file] : names) left[name] = DiskFile::Of(file->AfterPowerCut(random));
  return left;
}

DiskImage MemoryDisk::AfterKill() const {
  DiskImage left;
  for (const auto& [name, file] : current_) left[name] = file->AfterKill();
  return left;
}

DiskImage MemoryDisk::Synced() const {
  DiskImage left;
  for (const auto& [name, file] : durable_) left[name] = DiskFile::Of(file->Synced());
  return left;
}

}  // namespace kasa::simulation
