// The list of receivers and the end of a subscription.
#include "queue/receivers.h"

#include <utility>

namespace rankloop::queue {

class Receivers::Receiver final : public Subscription {
 public:
  Receiver(std::shared_ptr<Receivers> receivers, int number)
      : receivers_(std::move(receivers)), number_(number) {}
  ~Receiver() override {
    const WriteLock lock(receivers_->mutex_);
    receivers_->by_number_.erase(number_);
  }

 private:
  std::shared_ptr<Receivers> receivers_;
  int number_;
};

std::unique_ptr<Subscription> Receivers::add(std::function<void(const Change&)> receive) {
  const WriteLock lock(mutex_);
  const int number = next_++;
  by_number_.emplace(number, std::move(receive));
  return std::make_unique<Receiver>(shared_from_this(), number);
}

void Receivers::tell(const Change& change) const noexcept {
  const ReadLock lock(mutex_);
  for (const auto& [number, receive] : by_number_) receive(change);
}

}  // namespace rankloop::queue
