#include "tests/simulation/memory_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/simulation/memory_vfs_locks.h"

namespace kasa::simulation {
using internal::OpenFile;
using internal::Shared;

class MemoryVfs::Impl {
 public:
  sqlite3_vfs vfs{};
  std::shared_ptr<MemoryDisk> disk;
  std::map<std::string, std::shared_ptr<Shared>> shared;  // by a database's name
  Random random{0};

  // A new mount begins with no locks and no shared memory.
  std::shared_ptr<Shared> SharedOf(const std::string& name) {
    std::shared_ptr<Shared>& place = shared[name];
    const bool is_of_another_disk = place != nullptr && place->users > 0 && place->disk != disk.get();
    if (place == nullptr || is_of_another_disk) place = std::make_shared<Shared>();
    place->disk = disk.get();
    return place;
  }
};

namespace {

using internal::FailedWith;
using internal::Of;

MemoryVfs::Impl& Of(sqlite3_vfs* vfs) {
  return *static_cast<MemoryVfs::Impl*>(vfs->pAppData);
}

// Lets go of what the file holds of what it shares with others.
void LeaveShared(OpenFile& file) {
  internal::ShmUnmap(&file.base, 0);
  internal::Unlock(&file.base, SQLITE_LOCK_NONE);
  if (--file.shared->users == 0) file.shared->Clear();
}

int Close(sqlite3_file* base) {
  OpenFile& file = Of(base);
  if (file.shared != nullptr) LeaveShared(file);
  if (file.delete_on_close && !file.disk->dead()) file.disk->Delete(file.name, false);
  file.~OpenFile();
  return SQLITE_OK;
}

// The header of a WAL tells in its bytes 12 to 15 how often it was begun anew (SQLite's file format, 4.1). A
// connection that knows of any such time goes on counting, and takes no random salt for the next WAL.
void NoteWalHeader(OpenFile& file, sqlite3_int64 offset, absl::string_view bytes) {
  constexpr size_t kHeaderSize = 32;
  if (offset != 0 || bytes.size() != kHeaderSize) return;
  if (bytes.substr(12, 4) != absl::string_view("\0\0\0\0", 4)) file.counts_resets = true;
}

int Read(sqlite3_file* base, void* to, int size, sqlite3_int64 offset) {
  OpenFile& file = Of(base);
  if (file.disk->dead() || file.disk->trouble.reads_fail) return FailedWith(file, SQLITE_IOERR_READ);
  const std::string& content = file.file->content();
  const auto from = static_cast<size_t>(offset);
  const auto wanted = static_cast<size_t>(size);
  const size_t there = from < content.size() ? std::min(wanted, content.size() - from) : 0;
  if (there > 0) std::memcpy(to, content.data() + from, there);
  NoteWalHeader(file, offset, {static_cast<const char*>(to), there});
  if (there == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, wanted - there);
  return SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* base, const void* from, int size, sqlite3_int64 offset) {
  OpenFile& file = Of(base);
  const auto end = static_cast<size_t>(offset) + static_cast<size_t>(size);
  if (file.disk->trouble.writes_fail) return FailedWith(file, SQLITE_IOERR_WRITE);
  if (file.disk->trouble.full && end > file.file->content().size()) return FailedWith(file, SQLITE_FULL);
  if (file.disk->dead()) return FailedWith(file, SQLITE_IOERR_WRITE);
  const absl::string_view bytes(static_cast<const char*>(from), static_cast<size_t>(size));
  file.file->Write(static_cast<size_t>(offset), bytes);
  NoteWalHeader(file, offset, bytes);
  // A crash here finds this write as unsynced as those before it.
  return file.disk->CrashesHere() ? FailedWith(file, SQLITE_IOERR_WRITE) : SQLITE_OK;
}

int Truncate(sqlite3_file* base, sqlite3_int64 size) {
  OpenFile& file = Of(base);
  if (file.disk->trouble.writes_fail || file.disk->CrashesHere()) {
    return FailedWith(file, SQLITE_IOERR_TRUNCATE);
  }
  file.file->Truncate(static_cast<size_t>(size));
  return SQLITE_OK;
}

int Sync(sqlite3_file* base, int) {
  OpenFile& file = Of(base);
  if (file.disk->CrashesHere()) return FailedWith(file, SQLITE_IOERR_FSYNC);
  if (file.disk->trouble.syncs_fail) {
    if (file.disk->trouble.syncs_forget) file.file->LoseUnsynced();
    return FailedWith(file, SQLITE_IOERR_FSYNC);
  }
  file.file->Sync();
  // SQLite's unix file system syncs the directory of a new file with the file itself.
  if (file.disk->Find(file.name) == file.file) file.disk->SyncDirectory();
  return SQLITE_OK;
}

int FileSize(sqlite3_file* base, sqlite3_int64* size) {
  OpenFile& file = Of(base);
  if (file.disk->dead()) return FailedWith(file, SQLITE_IOERR_FSTAT);
  *size = static_cast<sqlite3_int64>(file.file->content().size());
  return SQLITE_OK;
}

int FileControl(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int SectorSize(sqlite3_file*) {
  return 4096;
}
int DeviceCharacteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         internal::Lock,
                                         internal::Unlock,
                                         internal::CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         DeviceCharacteristics,
                                         internal::ShmMap,
                                         internal::ShmLock,
                                         internal::ShmBarrier,
                                         internal::ShmUnmap,
                                         nullptr,
                                         nullptr};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* out_flags) {
  base->pMethods = nullptr;
  MemoryVfs::Impl& impl = Of(vfs);
  if (impl.disk == nullptr || impl.disk->dead() || impl.disk->trouble.reads_fail) return SQLITE_CANTOPEN;
  const std::string file_name = name == nullptr ? "temporary" : name;
  std::shared_ptr<DiskFile> file = impl.disk->Find(file_name);
  const bool main_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  if (file == nullptr || name == nullptr) {
    // The store makes its database file itself, by the system's own call, before SQLite opens it.
    if ((flags & SQLITE_OPEN_CREATE) == 0 && !main_database) return SQLITE_CANTOPEN;
    if (impl.disk->trouble.full && !main_database) return SQLITE_FULL;
    file = impl.disk->Create(file_name);
  }
  auto* open = new (base) OpenFile{};
  open->disk = impl.disk;
  open->file = std::move(file);
  if (main_database) {
    open->shared = impl.SharedOf(file_name);
    ++open->shared->users;
  }
  open->name = file_name;
  open->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  open->base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  MemoryDisk& disk = *Of(vfs).disk;
  if (disk.CrashesHere()) return SQLITE_IOERR_DELETE;
  if (disk.Find(name) == nullptr) return SQLITE_IOERR_DELETE_NOENT;
  disk.Delete(name, sync_directory != 0);
  return SQLITE_OK;
}

int Access(sqlite3_vfs* vfs, const char* name, int, int* result) {
  const std::shared_ptr<DiskFile> file = Of(vfs).disk->Find(name);
  *result = file != nullptr && !file->content().empty() ? 1 : 0;
  return SQLITE_OK;
}

int FullPathname(sqlite3_vfs*, const char* name, int size, char* out) {
  if (std::strlen(name) + 1 > static_cast<size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(out, name, std::strlen(name) + 1);
  return SQLITE_OK;
}

int Randomness(sqlite3_vfs* vfs, int size, char* out) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(Of(vfs).random.Next() & 0xFFU);
  return size;
}

// Nobody else holds a lock for long on one thread: whoever waits has waited in vain.
int Sleep(sqlite3_vfs*, int microseconds) {
  return microseconds;
}

int CurrentTime(sqlite3_vfs*, double* julian_day) {
  *julian_day = 2461000.5;
  return SQLITE_OK;
}

int GetLastError(sqlite3_vfs*, int, char*) {
  return 0;
}

}  // namespace

void UseSqliteOnOneThread() {
  constexpr int kSlotBytes = 1200;
  constexpr int kSlots = 600;
  // Each is refused once SQLite is at work.
  static_cast<void>(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD));
  static_cast<void>(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0));
  static_cast<void>(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, kSlotBytes, kSlots));
}

MemoryVfs::MemoryVfs(std::string name, bool as_default)
    : name_(std::move(name)), impl_(std::make_unique<Impl>()) {
  sqlite3_vfs& vfs = impl_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = static_cast<int>(sizeof(OpenFile));
  vfs.mxPathname = 512;
  vfs.zName = name_.c_str();
  vfs.pAppData = impl_.get();
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xRandomness = Randomness;
  vfs.xSleep = Sleep;
  vfs.xCurrentTime = CurrentTime;
  vfs.xGetLastError = GetLastError;
  if (sqlite3_vfs_register(&vfs, as_default ? 1 : 0) != SQLITE_OK) {
    throw std::logic_error("SQLite does not take the file system");
  }
}

MemoryVfs::~MemoryVfs() {
  sqlite3_vfs_unregister(&impl_->vfs);
}

void MemoryVfs::Mount(std::shared_ptr<MemoryDisk> disk) {
  impl_->disk = std::move(disk);
}

bool MemoryVfs::Leave(sqlite3_file* database, sqlite3_file* wal) {
  OpenFile& file = Of(database);
  const OpenFile& log = Of(wal);
  const bool is_sound = !file.failed && !log.failed && !log.counts_resets;
  if (!is_sound || file.lock != SQLITE_LOCK_SHARED) return false;
  LeaveShared(file);
  return true;
}

bool MemoryVfs::ProcessLives(sqlite3_file* database) {
  return !Of(database).disk->dead();
}

bool MemoryVfs::IsLastUser(sqlite3_file* database) {
  return Of(database).shared->users == 1;
}

bool MemoryVfs::Return(sqlite3_file* database, sqlite3_file* wal) {
  OpenFile& file = Of(database);
  const std::shared_ptr<MemoryDisk>& disk = impl_->disk;
  std::shared_ptr<DiskFile> content = disk->Find(file.name);
  if (content == nullptr || impl_->SharedOf(file.name) != file.shared) return false;
  file.disk = disk;
  file.file = std::move(content);
  ++file.shared->users;
  if (internal::Lock(database, SQLITE_LOCK_SHARED) != SQLITE_OK) {
    LeaveShared(file);
    return false;
  }
  OpenFile& log = Of(wal);
  log.disk = disk;
  log.file = disk->Find(log.name);
  if (log.file == nullptr) log.file = disk->Create(log.name);
  return true;
}

bool MemoryVfs::IsSound() const {
  return impl_->disk != nullptr && !impl_->disk->dead() && !impl_->disk->trouble.any();
}

void MemoryVfs::Seed(uint64_t seed) {
  impl_->random = Random(seed);
  sqlite3_randomness(0, nullptr);
}

}  // namespace kasa::simulation
