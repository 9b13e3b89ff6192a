// Whatever text comes in: a domain file is a domain or has faults with places, and what is accepted works: it
// reads again with the same fingerprints and changes nothing against itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "domain/domain.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const rankloop::DomainCheck check = rankloop::read_domain(text, "fuzz.toml");
  if ((check.domain == nullptr) != !check.faults.empty()) std::abort();
  for (const rankloop::DomainFault& fault : check.faults) {
    if (fault.line < 1 || fault.column < 1 || fault.message.empty()) std::abort();
  }
  if (!check.domain) return 0;
  const rankloop::DomainCheck again = rankloop::read_domain(check.domain->source, "fuzz.toml");
  if (!again.domain || again.domain->fingerprint != check.domain->fingerprint) std::abort();
  if (!rankloop::check_domain_change(*check.domain, *again.domain)) std::abort();
  return 0;
}
