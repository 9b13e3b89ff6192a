#include "server/offline.h"

#include <string_view>

namespace rankloop::server {

Result<std::unique_ptr<Core>> open_offline(const config::Settings& settings) {
  Result<std::shared_ptr<const Domain>> domain = load_domain(settings.domain);
  if (!domain) return domain.error();
  auto core = std::make_unique<Core>(settings, *std::move(domain));
  core->log.set_level(telemetry::LogLevel::kWarning);
  Status opened = core->open([](std::string_view, double, std::string_view) {}, {});
  if (!opened) return opened.error();
  return core;
}

}  // namespace rankloop::server
