// --separator, --encoding and --skip-bad.
#include "cli/table_options.h"

#include <algorithm>
#include <iostream>
#include <span>

#include "tables/header.h"

namespace rankloop::cli {
namespace {

constexpr std::size_t kReasonsShown = 10;

}  // namespace

char TableOptions::separator_character() const {
  return tables::separator_named(separator).value_or('\0');
}

tables::TextOptions TableOptions::text() const {
  return {.encoding = tables::encoding_of(encoding).value_or(tables::Encoding::kAuto)};
}

void add_reading_options(CLI::App& command, TableOptions& options) {
  std::vector<std::string> separators{tables::kSeparatorNames.begin(), tables::kSeparatorNames.end()};
  for (const char separator : tables::kSeparators) separators.emplace_back(1, separator);
  command
      .add_option("--separator", options.separator,
                  "Of a table's cells (default: the one by which its header has the most known columns)")
      ->check(CLI::Validator(
          [separators](std::string& text) {
            const bool known = std::find(separators.begin(), separators.end(), text) != separators.end();
            return known ? std::string{}
                         : "is '" + text + "'; allowed are comma, semicolon, tab, bar and auto";
          },
          "comma, semicolon, tab, bar"));
  command
      .add_option("--encoding", options.encoding,
                  "Of the text (default: as its byte order mark says, else UTF-8); latin1 is Windows-1252")
      ->check(CLI::Validator(
          [](std::string& text) {
            return tables::encoding_of(text) ? std::string{}
                                             : "is '" + text +
                                                   "'; allowed are utf-8, latin1, windows-1252, "
                                                   "utf-16, utf-16le, utf-16be and auto";
          },
          "utf-8, latin1, utf-16, utf-16le, utf-16be"));
}

void add_table_options(CLI::App& command, TableOptions& options) {
  add_reading_options(command, options);
  command
      .add_option("--skip-bad", options.skip_bad,
                  "Pass over bad rows, and write them to this file, each with its line and the reason, to be "
                  "mended and imported again")
      ->type_name("FILE");
}

std::string_view unpacked_name(std::string_view file) {
  for (const std::string_view ending : {".gz", ".zst", ".zstd"}) {
    if (file.ends_with(ending)) return file.substr(0, file.size() - ending.size());
  }
  return file;
}

std::string query_of(const TableOptions& options) {
  std::string query;
  const char separator = options.separator_character();
  if (separator != '\0') query += "&separator=" + std::string{tables::name_of_separator(separator)};
  const auto encoding = options.text().encoding;
  if (encoding == tables::Encoding::kUtf16) {
    query += "&encoding=utf-16";
  } else if (encoding != tables::Encoding::kAuto) {
    query += "&encoding=" + std::string{tables::name_of(encoding)};
  }
  if (!options.skip_bad.empty()) query += "&skip_bad=true";
  return query;
}

std::string how_it_was_read(std::string_view separator, std::string_view encoding,
                            std::string_view compression) {
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "read as " : ", ") + what; };
  if (!separator.empty()) add("a table with a " + std::string{separator} + " between cells");
  if (encoding != "utf-8") add("text in " + std::string{encoding});
  if (compression != "none") add("packed by " + std::string{compression});
  return text;
}

std::string told_headers(std::int64_t times) {
  if (times == 0) return {};
  return "left out, for it is the header once more: " + std::to_string(times) +
         (times == 1 ? " row\n" : " rows\n");
}

void tell_bad_rows(const std::vector<app::BadRow>& rows, const std::string& file) {
  if (rows.empty()) return;
  std::cout << rows.size() << (rows.size() == 1 ? " bad row is" : " bad rows are") << " left out and stand"
            << (rows.size() == 1 ? "s" : "") << " in " << file << ":\n";
  for (const app::BadRow& row : std::span{rows}.first(std::min(rows.size(), kReasonsShown)))
    std::cout << "  line " << row.line << ": " << row.reason << '\n';
  if (rows.size() > kReasonsShown) std::cout << "  and " << rows.size() - kReasonsShown << " more\n";
}

}  // namespace rankloop::cli
