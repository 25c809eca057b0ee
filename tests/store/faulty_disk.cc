#include "tests/store/faulty_disk.h"

#include <sqlite3.h>

#include <stdexcept>
#include <utility>

namespace kasa::store {
namespace {

// SQLite takes tables of C functions, so what they need is found here.
FaultyDisk* disk = nullptr;
sqlite3_vfs* usual = nullptr;
sqlite3_vfs faulty;

// A file of ours: SQLite's part, then the usual VFS's file in the memory behind it.
struct File {
  sqlite3_file base;
  sqlite3_file* inner() {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(this) + sizeof(File));
  }
};
static_assert(sizeof(File) % alignof(sqlite3_int64) == 0, "the file behind it is aligned");

sqlite3_file* InnerOf(sqlite3_file* file) {
  return reinterpret_cast<File*>(file)->inner();
}
const sqlite3_io_methods* MethodsOf(sqlite3_file* file) {
  return InnerOf(file)->pMethods;
}

int Fail(int code) {
  ++disk->failures;
  return code;
}

int Close(sqlite3_file* file) {
  return MethodsOf(file)->xClose(InnerOf(file));
}
int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  return MethodsOf(file)->xRead(InnerOf(file), to, size, offset);
}
int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  if (disk->full) return Fail(SQLITE_FULL);
  if (disk->write_fails) return Fail(SQLITE_IOERR_WRITE);
  return MethodsOf(file)->xWrite(InnerOf(file), from, size, offset);
}
int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  return MethodsOf(file)->xTruncate(InnerOf(file), size);
}
int Sync(sqlite3_file* file, int flags) {
  if (disk->flush_fails) return Fail(SQLITE_IOERR_FSYNC);
  return MethodsOf(file)->xSync(InnerOf(file), flags);
}
int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return MethodsOf(file)->xFileSize(InnerOf(file), size);
}
int Lock(sqlite3_file* file, int level) {
  return MethodsOf(file)->xLock(InnerOf(file), level);
}
int Unlock(sqlite3_file* file, int level) {
  return MethodsOf(file)->xUnlock(InnerOf(file), level);
}
int CheckReservedLock(sqlite3_file* file, int* result) {
  return MethodsOf(file)->xCheckReservedLock(InnerOf(file), result);
}
int FileControl(sqlite3_file* file, int operation, void* argument) {
  return MethodsOf(file)->xFileControl(InnerOf(file), operation, argument);
}
int SectorSize(sqlite3_file* file) {
  return MethodsOf(file)->xSectorSize(InnerOf(file));
}
int DeviceCharacteristics(sqlite3_file* file) {
  return MethodsOf(file)->xDeviceCharacteristics(InnerOf(file));
}
int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return MethodsOf(file)->xShmMap(InnerOf(file), page, size, extend, memory);
}
int ShmLock(sqlite3_file* file, int offset, int n, int flags) {
  return MethodsOf(file)->xShmLock(InnerOf(file), offset, n, flags);
}
void ShmBarrier(sqlite3_file* file) {
  MethodsOf(file)->xShmBarrier(InnerOf(file));
}
int ShmUnmap(sqlite3_file* file, int remove) {
  return MethodsOf(file)->xShmUnmap(InnerOf(file), remove);
}

constexpr sqlite3_io_methods kMethods = {2,
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         DeviceCharacteristics,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  if (disk->open_fails) return Fail(SQLITE_CANTOPEN);
  const int result = usual->xOpen(usual, name, InnerOf(file), flags, out_flags);
  if (result == SQLITE_OK) file->pMethods = &kMethods;
  return result;
}

}  // namespace

FaultyDisk::FaultyDisk(std::string name) : name_(std::move(name)) {
  if (disk != nullptr) throw std::logic_error("one faulty disk at a time");
  disk = this;
  usual = sqlite3_vfs_find(nullptr);
  faulty = *usual;
  faulty.pNext = nullptr;
  faulty.zName = name_.c_str();
  faulty.szOsFile = static_cast<int>(sizeof(File)) + usual->szOsFile;
  faulty.xOpen = Open;
  sqlite3_vfs_register(&faulty, 0);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&faulty);
  disk = nullptr;
}

}  // namespace kasa::store
