// The command domain diff: what a change of a domain file means, before it is made.
#include "cli/domain_diff.h"

#include <iostream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "cli/domain_check.h"
#include "domain/domain.h"
#include "domain/domain_change_json.h"
#include "domain/json_writer.h"

namespace rankloop::cli {
namespace {

void print_changes(const std::vector<DomainChange>& changes, bool taken, std::ostream& out) {
  if (changes.empty()) {
    out << "nothing that matters is different\n";
    return;
  }
  for (const DomainChange& change : changes) {
    out << (change.additive ? "+ " : "! ") << change.what << '\n';
    if (!change.means.empty()) out << "    " << change.means << '\n';
  }
  out << (taken ? "A store in use takes this over at the next start.\n"
                : "A store in use refuses what is marked with !; a new store takes any domain.\n");
}

void print_json(const std::vector<DomainChange>& changes, bool taken, std::ostream& out) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("taken_over").flag(taken).key("changes");
  write_changes(json, changes);
  json.end_object();
  out << text << '\n';
}

}  // namespace

int domain_diff(const std::string& stored, const std::string& wanted, bool json, std::ostream& out) {
  const auto before = good_domain(stored, json, out);
  const auto after = before ? good_domain(wanted, json, out) : nullptr;
  if (!before || !after) return kFailed;
  const std::vector<DomainChange> changes = domain_changes(*before, *after);
  const bool taken = only_adds(changes);
  if (json)
    print_json(changes, taken, out);
  else
    print_changes(changes, taken, out);
  return taken ? 0 : kFailed;
}

void add_domain_diff(CLI::App& domain, CommandResult& result) {
  struct Options {
    std::string stored;
    std::string wanted;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* diff = domain.add_subcommand("diff", "Say what a changed domain file means for a store in use");
  diff->add_option("stored", options->stored, "The domain file that the store was made with")
      ->type_name("FILE")
      ->required();
  diff->add_option("wanted", options->wanted, "The domain file as it is to be")
      ->type_name("FILE")
      ->required();
  diff->add_flag("--json", options->json, "One JSON object");
  diff->footer("Example:\n  rankloop domain diff shop.toml shop-with-brands.toml");
  diff->callback([options, &result] {
    result.exit_code = domain_diff(options->stored, options->wanted, options->json, std::cout);
  });
}

}  // namespace rankloop::cli
