// The domain that is built into the binary, read once.
#include <cstdio>
#include <cstdlib>

#include "domain/domain.h"
#include "embedded_domains.h"

namespace rankloop {
namespace {

std::shared_ptr<const Domain> read_built_in() {
  const EmbeddedFile& file = embedded_domains().front();
  const DomainCheck check = read_domain(file.bytes, file.path);
  if (!check.domain) {  // a broken build, found by the first test that runs
    for (const DomainFault& fault : check.faults) {
      std::fprintf(stderr, "%s:%d:%d: %s\n", std::string{file.path}.c_str(), fault.line, fault.column,
                   fault.message.c_str());
    }
    std::abort();
  }
  auto domain = std::make_shared<Domain>(*check.domain);
  domain->built_in = true;
  return domain;
}

}  // namespace

std::shared_ptr<const Domain> default_domain() {
  static const std::shared_ptr<const Domain> domain = read_built_in();
  return domain;
}

}  // namespace rankloop
