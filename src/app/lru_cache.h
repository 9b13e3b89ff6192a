// A cache bounded in bytes that keeps what was used most recently. Thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>

#include "sync/mutex.h"

namespace rankloop::app {

template <class Key, class Value, class Hash = std::hash<Key>>
class LruCache {
 public:
  using Pointer = std::shared_ptr<const Value>;

  explicit LruCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // nullptr when it is not there.
  Pointer find(const Key& key) {
    const Lock lock{mutex_};
    const auto at = index_.find(key);
    if (at == index_.end()) return nullptr;
    order_.splice(order_.begin(), order_, at->second);
    return at->second->value;
  }

  // Answers the value that is kept: a key that is there already keeps its own. `bytes` is what the value
  // holds.
  Pointer keep(const Key& key, Pointer value, std::size_t bytes) {
    constexpr std::size_t kNodes = 128;  // of list and hash table
    bytes += sizeof(Value) + kNodes;
    const Lock lock{mutex_};
    if (const auto at = index_.find(key); at != index_.end()) return at->second->value;
    if (bytes > max_bytes_) return value;
    order_.push_front({key, value, bytes});
    index_.emplace(key, order_.begin());
    bytes_ += bytes;
    while (bytes_ > max_bytes_) erase(std::prev(order_.end()));
    return value;
  }

  void forget(const Key& key) {
    const Lock lock{mutex_};
    if (const auto at = index_.find(key); at != index_.end()) erase(at->second);
  }

 private:
  struct Entry {
    Key key;
    Pointer value;
    std::size_t bytes;
  };
  using Order = std::list<Entry>;  // most recently used first

  void erase(typename Order::iterator at) REQUIRES(mutex_) {
    bytes_ -= at->bytes;
    index_.erase(at->key);
    order_.erase(at);
  }

  const std::size_t max_bytes_;
  Mutex mutex_;
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
  Order order_ GUARDED_BY(mutex_);
  std::unordered_map<Key, typename Order::iterator, Hash> index_ GUARDED_BY(mutex_);
};

}  // namespace rankloop::app
