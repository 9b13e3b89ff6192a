// Makes the domain file of tables and its data directory, or finds them made.
#include "cli/quickstart/new_catalog.h"

#include <filesystem>
#include <utility>

#include "cli/domain_infer.h"
#include "cli/quickstart/tables_in.h"
#include "cli/serve.h"
#include "server/address.h"
#include "server/data_directory.h"
#include "server/domain_source.h"
#include "server/system_front_end.h"

namespace rankloop::cli {
namespace {

bool exists(const std::string& file) {
  std::error_code fault;
  return std::filesystem::exists(file, fault);
}

Error taken(const std::string& directory, const std::string& why) {
  return {ErrorCode::kAlreadyExists, "'" + directory + "' is the data directory of another catalog: " + why +
                                         ". Otherwise give this one another --data-dir, or remove that one."};
}

Result<std::shared_ptr<const Domain>> domain_in(const std::string& file) {
  config::Settings settings;
  settings.domain = file;
  return server::load_domain(settings);
}

// Whether the domain file is there already. One that somebody may have changed by hand is written over only
// by one that somebody names.
Result<bool> is_written(const std::string& directory, const NewCatalog& catalog) {
  const std::string file = server::domain_of_data_directory(directory);
  if (!exists(file)) {
    if (!exists(server::store_file_in(directory))) return false;
    return taken(directory, "its store has no domain.toml beside it");
  }
  const auto before = domain_in(file);
  if (!before) return before.error();
  const Domain& domain = *catalog.domain;
  if ((*before)->source == domain.source) return true;
  const bool alike = (*before)->fingerprint == domain.fingerprint &&
                     (*before)->feature_fingerprint == domain.feature_fingerprint;
  if (!catalog.domain_given && alike) return true;
  const Status adds = check_domain_change(**before, domain);
  if (catalog.domain_given && adds) return false;
  return taken(directory, (adds ? "its domain.toml is not what these tables make" : adds.error().message) +
                              "; to go on with that file as it is, add --domain " + file);
}

// Under the lock of the directory, so that nobody who serves it sees its domain change.
Status write_domain(const std::string& directory, const NewCatalog& catalog) {
  const auto lock = server::DataDirectory::open(directory);
  if (!lock) return lock.error();
  const auto written = is_written(directory, catalog);
  if (!written) return written.error();
  return *written ? Status{}
                  : write_domain_file(server::domain_of_data_directory(directory), catalog.domain->source);
}

Result<std::shared_ptr<const Domain>> inferred_domain(const infer::Inferred& inferred) {
  DomainCheck check = read_domain(inferred.text, "the inferred domain file");
  if (check.domain) return std::move(check.domain);
  return Error{ErrorCode::kInternal, "the inferred domain file is not good: " + check.faults.front().message};
}

Result<infer::Inferred> infer_from(const QuickstartOptions& options) {
  InferOptions wanted;
  wanted.items = options.items;
  wanted.history = options.history;
  wanted.requests = options.requests;
  if (!options.id_column.empty()) wanted.id_column = options.id_column;
  wanted.events = true;
  wanted.table = options.table;
  return infer_from_files(wanted);
}

// Before anything is made for a server that could not serve it.
Status check_address(const config::Settings& settings) {
  const auto address = server::listen_address("listen", settings.listen, settings);
  return address ? server::check_free(*address) : Status{address.error()};
}

}  // namespace

Result<NewCatalog> make_catalog(const QuickstartOptions& options) {
  auto settings = read_settings(options.config_file, options.settings);
  if (!settings) return settings.error();
  if (!settings->store.empty()) {
    return Error{
        ErrorCode::kInvalidArgument,
        "quickstart makes a store of its own in a folder, but the setting 'store' names a shared one: "
        "leave it out, or bring data into that store with: rankloop import"};
  }
  if (Status free = options.no_serve ? Status{} : check_address(*settings); !free) return free.error();
  auto inferred = infer_from(options);
  if (!inferred) return inferred.error();
  NewCatalog catalog;
  catalog.inferred = *std::move(inferred);
  catalog.domain_given = settings->taken_from.contains("domain");
  auto domain = catalog.domain_given ? server::load_domain(*settings) : inferred_domain(catalog.inferred);
  if (!domain) return domain.error();
  catalog.domain = *std::move(domain);
  if (Status known = check_history(catalog, options); !known) return known.error();
  if (!settings->taken_from.contains("data_dir")) settings->data_dir = "data/" + catalog.domain->name;
  if (Status written = write_domain(settings->data_dir, catalog); !written) return written.error();
  settings->domain = server::domain_of_data_directory(settings->data_dir);
  catalog.settings = *std::move(settings);
  return catalog;
}

}  // namespace rankloop::cli
