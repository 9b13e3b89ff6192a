// Opens a store for one command.
#include "server/offline.h"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace rankloop::server {

Result<std::unique_ptr<Offline>> open_offline(const config::Settings& settings) {
  Result<std::shared_ptr<const Domain>> domain = load_domain(settings.domain);
  if (!domain) return domain.error();
  auto offline = std::make_unique<Offline>(settings, *std::move(domain));
  offline->process.log.set_level(telemetry::LogLevel::kWarning);
  if (Status opened = offline->process.open(); !opened) return opened.error();
  Status opened = offline->workspace.open([](std::string_view, double, std::string_view) {}, {});
  if (!opened) return opened.error();
  return offline;
}

Status check_store_is_there(const config::Settings& settings) {
  std::error_code fault;
  if (!settings.store.empty() || std::filesystem::exists(store_file_in(settings.data_dir), fault)) return {};
  return Error{ErrorCode::kNotFound,
               "no server runs on the data directory '" + settings.data_dir +
                   "', and there is no store in it. Name one with --data-dir, or a server "
                   "with --url."};
}

Result<std::unique_ptr<StoreToRead>> StoreToRead::open(const config::Settings& settings) {
  if (Status there = check_store_is_there(settings); !there) return there.error();
  std::unique_ptr<StoreToRead> opened{new StoreToRead};
  auto directory = DataDirectory::open(settings.data_dir);
  if (!directory) return directory.error();
  opened->directory_ = *std::move(directory);
  storage::StoreOptions options;
  options.look = true;
  auto store = storage::open_store(opened->directory_->store_url(), options, opened->clock_, opened->nobody_);
  if (!store) return store.error();
  opened->store_ = *std::move(store);
  const auto stored = opened->store_->domain();
  if (!stored) return stored.error();
  const DomainCheck check = read_domain(stored->source, "stored domain");
  if (!check.domain) return Error{ErrorCode::kDataLoss, "the domain kept in the store cannot be read"};
  opened->domain_ = check.domain;
  opened->item_names_ = std::make_unique<app::ItemNames>(opened->domain_, *opened->store_);
  opened->models_ = std::make_unique<app::Models>(*opened->domain_, stored->version, *opened->store_,
                                                  *opened->item_names_, opened->clock_);
  return opened;
}

}  // namespace rankloop::server
