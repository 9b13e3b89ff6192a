// Decides whether a domain may be changed here and now, and writes its file.
#include "server/domain_changes.h"

#include <utility>

#include "server/first_start.h"

namespace rankloop::server {

std::string DomainChanges::refusal() const {
  if (!workspace_.settings.store.empty()) {
    return "Several servers and workers may share this store, and each reads the domain file only when it "
           "starts. "
           "To change the domain, change that file (the setting domain) on every machine, then start the "
           "servers "
           "and workers anew, one after the other; each start says whether the store can take the change "
           "over";
  }
  return tell_ ? "" : "This process does not change its domain while it serves";
}

Result<http::DomainState> DomainChanges::state() {
  const Result<bool> unused = is_unused(workspace_.store());
  if (!unused) return unused.error();
  return http::DomainState{domain_file(workspace_.settings), !*unused, refusal(), fault_};
}

// What was read at the start is what is changed: an edit that nobody has taken over yet is not lost.
Status DomainChanges::check(const Domain& wanted, const DomainFile& file,
                            const std::optional<std::string>& text) const {
  const Domain& served = *workspace_.domain;
  if (text ? *text != served.source : !served.built_in) {
    return Error{
        ErrorCode::kFailedPrecondition,
        "the domain file '" + file.path() +
            "' was changed since this server read it: start the server anew with it, or put it back"};
  }
  const Result<bool> unused = is_unused(workspace_.store());
  if (!unused) return unused.error();
  return *unused ? Status{} : check_domain_change(served, wanted);
}

Status DomainChanges::change(std::shared_ptr<const Domain> wanted, std::string_view actor) {
  if (std::string why = refusal(); !why.empty()) return Error{ErrorCode::kFailedPrecondition, why};
  const Lock lock{mutex_};
  if (wanted_) return Error{ErrorCode::kAborted, "another change of the domain is under way"};
  const DomainFile file = DomainFile::of(workspace_.settings);
  const auto text = file.text();
  if (!text) return text.error();
  if (Status allowed = check(*wanted, file, *text); !allowed) return allowed;
  if (Status written = file.write(wanted->source); !written) return written;
  workspace_.log.info("domain change", {{"actor", actor},
                                        {"domain", wanted->name},
                                        {"file", file.path()},
                                        {"from", workspace_.domain->fingerprint},
                                        {"to", wanted->fingerprint}});
  wanted_ = WantedDomain{std::move(wanted), file, *text};
  tell_();
  return {};
}

std::optional<WantedDomain> DomainChanges::wanted() const {
  const Lock lock{mutex_};
  return wanted_;
}

}  // namespace rankloop::server
