#include "tests/simulation/memory_vfs_locks.h"

#include <algorithm>

namespace kasa::simulation::internal {

void Shared::Clear() {
  disk = nullptr;
  users = shared_locks = 0;
  reserved = pending = exclusive = nullptr;
  slots = {};
  for (const auto& region : regions) std::ranges::fill(*region, '\0');
}

int Unlock(sqlite3_file* base, int level) {
  OpenFile& file = Of(base);
  Shared& shared = *file.shared;
  if (file.lock <= level) return SQLITE_OK;
  if (shared.reserved == &file) shared.reserved = nullptr;
  if (shared.pending == &file) shared.pending = nullptr;
  if (shared.exclusive == &file) shared.exclusive = nullptr;
  if (level == SQLITE_LOCK_NONE && file.lock >= SQLITE_LOCK_SHARED) --shared.shared_locks;
  file.lock = level;
  return SQLITE_OK;
}

int Lock(sqlite3_file* base, int level) {
  OpenFile& file = Of(base);
  Shared& shared = *file.shared;
  if (file.disk->dead()) return FailedWith(file, SQLITE_IOERR_LOCK);
  if (file.lock >= level) return SQLITE_OK;
  const auto others = [&](const void* holder) { return holder != nullptr && holder != &file; };
  if (level == SQLITE_LOCK_SHARED) {
    if (others(shared.pending) || others(shared.exclusive)) return SQLITE_BUSY;
    ++shared.shared_locks;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (others(shared.reserved)) return SQLITE_BUSY;
    shared.reserved = &file;
  } else {
    if (others(shared.reserved) || others(shared.pending)) return SQLITE_BUSY;
    shared.reserved = shared.pending = &file;
    if (shared.shared_locks > 1) {
      file.lock = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
    shared.exclusive = &file;
  }
  file.lock = level;
  return SQLITE_OK;
}

int CheckReservedLock(sqlite3_file* base, int* result) {
  *result = Of(base).shared->reserved != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int ShmUnmap(sqlite3_file* base, int) {
  OpenFile& file = Of(base);
  for (unsigned slot = 0; slot < SQLITE_SHM_NLOCK; ++slot) {
    const unsigned bit = 1U << slot;
    if ((file.shm_shared & bit) != 0) --file.shared->slots[slot].shared;
    if ((file.shm_exclusive & bit) != 0) file.shared->slots[slot].exclusive = nullptr;
  }
  file.shm_shared = file.shm_exclusive = 0;
  return SQLITE_OK;
}

int ShmMap(sqlite3_file* base, int page, int size, int extend, void volatile** memory) {
  OpenFile& file = Of(base);
  *memory = nullptr;
  if (file.disk->dead()) return FailedWith(file, SQLITE_IOERR_SHMMAP);
  auto& regions = file.shared->regions;
  while (regions.size() <= static_cast<size_t>(page)) {
    if (extend == 0) return SQLITE_OK;
    regions.push_back(std::make_unique<std::vector<char>>(static_cast<size_t>(size), '\0'));
  }
  *memory = regions[static_cast<size_t>(page)]->data();
  return SQLITE_OK;
}

int ShmLock(sqlite3_file* base, int offset, int n, int flags) {
  OpenFile& file = Of(base);
  auto& slots = file.shared->slots;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  const auto first = static_cast<unsigned>(offset);
  const unsigned end = first + static_cast<unsigned>(n);
  if ((flags & SQLITE_SHM_LOCK) != 0) {
    for (unsigned slot = first; slot < end; ++slot) {
      const bool mine = (file.shm_shared & (1U << slot)) != 0;
      const bool held_by_others = slots[slot].shared > (mine ? 1 : 0);
      const bool taken = slots[slot].exclusive != nullptr && slots[slot].exclusive != &file;
      if (taken || (exclusive && held_by_others)) return SQLITE_BUSY;
    }
  }
  for (unsigned slot = first; slot < end; ++slot) {
    const unsigned bit = 1U << slot;
    if ((flags & SQLITE_SHM_LOCK) != 0) {
      if (exclusive) {
        slots[slot].exclusive = &file;
        file.shm_exclusive |= bit;
      } else if ((file.shm_shared & bit) == 0) {
        ++slots[slot].shared;
        file.shm_shared |= bit;
      }
    } else if (exclusive) {
      slots[slot].exclusive = nullptr;
      file.shm_exclusive &= ~bit;
    } else if ((file.shm_shared & bit) != 0) {
      --slots[slot].shared;
      file.shm_shared &= ~bit;
    }
  }
  return SQLITE_OK;
}

void ShmBarrier(sqlite3_file*) {}

}  // namespace kasa::simulation::internal
