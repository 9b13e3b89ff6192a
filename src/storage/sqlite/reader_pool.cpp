// Lends readers, each within a snapshot.
#include "storage/sqlite/reader_pool.h"

#include <algorithm>

namespace rankloop::storage::sqlite {

ReaderPool::ReaderPool(const std::string& path, Database::Use use, int connections, std::size_t cache_bytes,
                       const Queries& queries) {
  const auto count = static_cast<std::size_t>(std::max(connections, 1));
  for (std::size_t i = 0; i < count; ++i) {
    free_.push_back(std::make_unique<Database>(path, use, cache_bytes / count, queries));
  }
}

std::unique_ptr<Database> ReaderPool::borrow() {
  Lock lock(mutex_);
  returned_.wait(lock, [this]() REQUIRES(mutex_) { return closed_ || !free_.empty(); });
  if (closed_) return nullptr;
  std::unique_ptr<Database> reader = std::move(free_.back());
  free_.pop_back();
  ++lent_;
  return reader;
}

void ReaderPool::give_back(std::unique_ptr<Database> reader) {
  const Lock lock(mutex_);
  free_.push_back(std::move(reader));
  --lent_;
  if (closed_) {
    returned_.notify_all();
  } else {
    returned_.notify_one();
  }
}

void ReaderPool::end_snapshot(Database& reader) noexcept {
  try {
    if (reader.in_transaction()) reader.execute("roll_back");
  } catch (const std::exception&) {
    // The next snapshot reports it.
  }
}

void ReaderPool::close() {
  Lock lock(mutex_);
  closed_ = true;
  returned_.notify_all();
  returned_.wait(lock, [this]() REQUIRES(mutex_) { return lent_ == 0; });
  free_.clear();
}

}  // namespace rankloop::storage::sqlite
