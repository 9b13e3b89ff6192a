// The mutex of this program, its locks and its condition variables. They say to the compiler what they do, so
// that clang refuses a build (-Wthread-safety) where a member is used without the lock that guards it.
//
// A member says GUARDED_BY(mutex_), a function that expects its caller to hold the lock says
// REQUIRES(mutex_), and so does the predicate of a wait: [this]() REQUIRES(mutex_) { return ... }. At run
// time these are the standard library's own. A function that takes a lock for itself alone needs no word.
//
// Reference: https://clang.llvm.org/docs/ThreadSafetyAnalysis.html
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <stop_token>
#include <utility>

#ifdef __clang__
#define RANKLOOP_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define RANKLOOP_THREAD_SAFETY(attribute)
#endif

// Of a member: it is read and written under the lock only.
#define GUARDED_BY(mutex) RANKLOOP_THREAD_SAFETY(guarded_by(mutex))
// Of a function: its caller holds the lock.
#define REQUIRES(...) RANKLOOP_THREAD_SAFETY(requires_capability(__VA_ARGS__))

namespace rankloop {

class Condition;
class StoppableCondition;

class RANKLOOP_THREAD_SAFETY(capability("mutex")) Mutex {
 public:
  void lock() RANKLOOP_THREAD_SAFETY(acquire_capability()) { mutex_.lock(); }
  void unlock() RANKLOOP_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }
  bool try_lock() RANKLOOP_THREAD_SAFETY(try_acquire_capability(true)) { return mutex_.try_lock(); }

 private:
  friend class Lock;
  std::mutex mutex_;
};

// Holds a mutex until the end of its scope; unlock() lets go before, lock() takes it again.
class RANKLOOP_THREAD_SAFETY(scoped_lockable) Lock {
 public:
  explicit Lock(Mutex& mutex) RANKLOOP_THREAD_SAFETY(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  // Of a mutex that the caller holds by try_lock().
  Lock(Mutex& mutex, std::adopt_lock_t adopt) RANKLOOP_THREAD_SAFETY(requires_capability(mutex))
      : lock_(mutex.mutex_, adopt) {}
  ~Lock() RANKLOOP_THREAD_SAFETY(release_capability()) {}
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  void lock() RANKLOOP_THREAD_SAFETY(acquire_capability()) { lock_.lock(); }
  void unlock() RANKLOOP_THREAD_SAFETY(release_capability()) { lock_.unlock(); }

 private:
  friend class Condition;
  friend class StoppableCondition;
  std::unique_lock<std::mutex> lock_;
};

// Many may read what it guards at a time, or one may write.
class RANKLOOP_THREAD_SAFETY(capability("shared_mutex")) SharedMutex {
 private:
  friend class WriteLock;
  friend class ReadLock;
  std::shared_mutex mutex_;
};

class RANKLOOP_THREAD_SAFETY(scoped_lockable) WriteLock {
 public:
  explicit WriteLock(SharedMutex& mutex) RANKLOOP_THREAD_SAFETY(acquire_capability(mutex))
      : lock_(mutex.mutex_) {}
  ~WriteLock() RANKLOOP_THREAD_SAFETY(release_capability()) {}
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;

 private:
  std::unique_lock<std::shared_mutex> lock_;
};

class RANKLOOP_THREAD_SAFETY(scoped_lockable) ReadLock {
 public:
  explicit ReadLock(SharedMutex& mutex) RANKLOOP_THREAD_SAFETY(acquire_shared_capability(mutex))
      : lock_(mutex.mutex_) {}
  ~ReadLock() RANKLOOP_THREAD_SAFETY(release_generic_capability()) {}
  ReadLock(const ReadLock&) = delete;
  ReadLock& operator=(const ReadLock&) = delete;

 private:
  std::shared_lock<std::shared_mutex> lock_;
};

// Wakes threads that wait until something is so. The lock is let go while they sleep; `ready` runs under it.
class Condition {
 public:
  template <class Ready>
  void wait(Lock& lock, Ready ready) {
    condition_.wait(lock.lock_, std::move(ready));
  }
  // Whether it is so in the end; false when the time was over.
  template <class Rep, class Period, class Ready>
  bool wait_for(Lock& lock, std::chrono::duration<Rep, Period> at_most, Ready ready) {
    return condition_.wait_for(lock.lock_, at_most, std::move(ready));
  }
  template <class Clock, class Duration, class Ready>
  bool wait_until(Lock& lock, std::chrono::time_point<Clock, Duration> until, Ready ready) {
    return condition_.wait_until(lock.lock_, until, std::move(ready));
  }
  void notify_one() noexcept { condition_.notify_one(); }
  void notify_all() noexcept { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

// The same where a wait ends also when a stop is asked for.
class StoppableCondition {
 public:
  // Whether it is so in the end; false when a stop was asked for.
  template <class Ready>
  bool wait(Lock& lock, std::stop_token stop, Ready ready) {
    return condition_.wait(lock.lock_, std::move(stop), std::move(ready));
  }
  template <class Rep, class Period, class Ready>
  bool wait_for(Lock& lock, std::stop_token stop, std::chrono::duration<Rep, Period> at_most, Ready ready) {
    return condition_.wait_for(lock.lock_, std::move(stop), at_most, std::move(ready));
  }
  template <class Rep, class Period, class Ready>
  bool wait_for(Lock& lock, std::chrono::duration<Rep, Period> at_most, Ready ready) {
    return condition_.wait_for(lock.lock_, at_most, std::move(ready));
  }
  void notify_one() noexcept { condition_.notify_one(); }
  void notify_all() noexcept { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

}  // namespace rankloop
