#include "tests/simulation/memory_disk.h"

#include <algorithm>
#include <utility>

namespace kasa::simulation {
namespace {

constexpr size_t kSector = 512;

}  // namespace

void DiskFile::Apply(const Change& change, std::string& content) {
  if (change.truncate_to) {
    content.resize(*change.truncate_to, '\0');
    return;
  }
  if (content.size() < change.offset + change.bytes.size()) {
    content.resize(change.offset + change.bytes.size(), '\0');
  }
  content.replace(change.offset, change.bytes.size(), change.bytes);
}

void DiskFile::Write(size_t offset, absl::string_view bytes) {
  unsynced_.push_back({.offset = offset, .bytes = std::string(bytes), .truncate_to = std::nullopt});
  Apply(unsynced_.back(), content_);
}

void DiskFile::Truncate(size_t size) {
  unsynced_.push_back({.offset = 0, .bytes = "", .truncate_to = size});
  Apply(unsynced_.back(), content_);
}

void DiskFile::Sync() {
  std::vector<Change> lost;
  for (Change& change : unsynced_) {
    if (change.lost) {
      lost.push_back(std::move(change));
    } else {
      Apply(change, synced_);
    }
  }
  unsynced_ = std::move(lost);
}

void DiskFile::LoseUnsynced() {
  for (Change& change : unsynced_) change.lost = true;
}

std::string DiskFile::AfterPowerCut(Random& random) const {
  std::string left = synced_;
  for (const Change& change : unsynced_) {
    const int fate = random.Below(4);
    if (fate == 0 || change.lost) continue;
    if (fate < 3 || change.truncate_to) {
      Apply(change, left);
      continue;
    }
    // Torn: some of its sectors, counted from the beginning of the file.
    size_t done = 0;
    while (done < change.bytes.size()) {
      const size_t at = change.offset + done;
      const size_t size = std::min(change.bytes.size() - done, kSector - at % kSector);
      if (random.Percent(50)) Apply({.offset = at, .bytes = change.bytes.substr(done, size)}, left);
      done += size;
    }
  }
  return left;
}

std::shared_ptr<DiskFile> DiskFile::Of(std::string synced) {
  auto file = std::make_shared<DiskFile>();
  file->content_ = synced;
  file->synced_ = std::move(synced);
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
    if (current_.count(name) == 0 && random.Percent(50)) names.erase(name);
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
  for (const auto& [name, file] : durable_) left[name] = DiskFile::Of(file->synced());
  return left;
}

}  // namespace kasa::simulation
