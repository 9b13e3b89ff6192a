// Where a catalog that is made of tables goes: its domain and its data directory.
#pragma once

#include <memory>
#include <string>

#include "cli/quickstart/options.h"
#include "config/settings.h"
#include "domain/domain.h"
#include "infer/infer_domain.h"

namespace rankloop::cli {

struct NewCatalog {
  infer::Inferred inferred;
  bool domain_given = false;  // by a file of the user's, instead of the inferred one
  std::shared_ptr<const Domain> domain;
  config::Settings settings;  // with its data directory and domain file
};

// Looks at the tables, chooses the data directory (data/NAME of the domain, unless one is said) and writes
// the domain file into it, where `rankloop serve` finds it. A directory of the same catalog is taken again.
// kAlreadyExists: it is another catalog's; kFailedPrecondition: a process uses it; kInvalidArgument: a table
// is none, or a setting asks for a shared store.
Result<NewCatalog> make_catalog(const QuickstartOptions& options);

}  // namespace rankloop::cli
