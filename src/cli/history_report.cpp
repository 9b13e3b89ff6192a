// Words what an import of history did.
#include "cli/history_report.h"

#include <iostream>
#include <span>
#include <string_view>

#include <fmt/core.h>

#include "app/learn/history_line.h"
#include "cli/table_options.h"
#include "domain/schema_names.h"
#include "tables/header.h"

namespace rankloop::cli {
namespace {

std::vector<app::UnknownName> unknown_of(const Imported& imported, const Domain& domain) {
  std::vector<std::string> names = app::history_names(domain);
  for (const std::string_view name : names_of(domain.requests)) names.emplace_back(name);
  const std::vector<std::string_view> known{names.begin(), names.end()};
  return imported.unknown.told(known);
}

// Nothing, where it is the one that such a file has.
std::string_view unexpected_separator(const Imported& imported, std::string_view file) {
  if (imported.separator == '\0') return {};
  const bool expected = imported.separator == (unpacked_name(file).ends_with(".csv") ? ',' : '\t');
  return expected ? std::string_view{} : tables::name_of_separator(imported.separator);
}

}  // namespace

boost::json::object to_json(const Imported& imported, const std::vector<app::BadRow>& bad,
                            const Domain& domain) {
  const std::vector<app::UnknownName> unknown = unknown_of(imported, domain);
  boost::json::value separator;
  if (imported.separator != '\0') separator = tables::name_of_separator(imported.separator);
  return {{"requests", imported.requests},
          {"repeated", imported.repeated},
          {"unknown_fields", imported.unknown.total()},
          {"unknown", to_json(std::span{unknown})},
          {"bad_rows", bad.size()},
          {"bad", to_json(bad)},
          {"repeated_headers", imported.repeated_headers},
          {"separator", std::move(separator)},
          {"encoding", tables::name_of(imported.encoding)},
          {"compression", tables::name_of(imported.compression)},
          {"seconds", imported.seconds},
          {"requests_per_second", imported.requests_per_second()}};
}

void tell(const Imported& imported, const std::vector<app::BadRow>& bad, const Domain& domain,
          const std::string& file, const std::string& bad_rows_file) {
  std::cout << imported.requests << " requests imported";
  if (imported.repeated > 0) std::cout << ", " << imported.repeated << " were there already";
  std::cout << fmt::format("; {:.0f} requests/s\n", imported.requests_per_second());
  const std::vector<app::UnknownName> unknown = unknown_of(imported, domain);
  if (!unknown.empty()) std::cout << "left out, for nobody knows them: " << in_words(unknown) << '\n';
  std::cout << told_headers(imported.repeated_headers);
  const std::string read =
      how_it_was_read(unexpected_separator(imported, file), tables::name_of(imported.encoding),
                      tables::name_of(imported.compression));
  if (!read.empty()) std::cout << read << '\n';
  tell_bad_rows(bad, bad_rows_file);
}

}  // namespace rankloop::cli
