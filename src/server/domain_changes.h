// A change of the domain that a workspace serves, from what asks for it to what carries it out.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/routes/domain_control.h"
#include "server/domain_source.h"
#include "server/workspace.h"
#include "sync/mutex.h"

namespace rankloop::server {

// A domain that is kept in its file already, and what stood there before.
struct WantedDomain {
  std::shared_ptr<const Domain> domain;
  DomainFile file;
  std::optional<std::string> text_before;  // nothing: there was no file

  // The file is as it was.
  Status take_back() const { return text_before ? file.write(*text_before) : file.remove(); }
};

// Checks a change, keeps it in the domain file, and tells that it is wanted; once, as a workspace has one
// domain for its life. Thread-safe.
class DomainChanges final : public http::DomainControl {
 public:
  // `tell`: hears of the change that is wanted; empty: this process does not change its domain. `fault`: why
  // the change before was taken back. The workspace must outlive it.
  DomainChanges(Workspace& workspace, std::function<void()> tell, std::string fault)
      : workspace_(workspace), tell_(std::move(tell)), fault_(std::move(fault)) {}

  Result<http::DomainState> state() override;
  Status change(std::shared_ptr<const Domain> wanted, std::string_view actor) override;
  // The change that is wanted; nothing: none is.
  std::optional<WantedDomain> wanted() const;

 private:
  std::string refusal() const;
  Status check(const Domain& wanted, const DomainFile& file, const std::optional<std::string>& text) const;

  Workspace& workspace_;
  const std::function<void()> tell_;
  const std::string fault_;
  mutable Mutex mutex_;
  std::optional<WantedDomain> wanted_ GUARDED_BY(mutex_);
};

}  // namespace rankloop::server
