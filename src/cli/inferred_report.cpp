// The report of domain infer, for people and for machines.
#include "cli/inferred_report.h"

#include <algorithm>
#include <ostream>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "domain/utf8.h"
#include "infer/inferred_json.h"
#include "tables/header.h"

namespace rankloop::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kWidestName = 32;
constexpr std::size_t kWidestSeen = 72;

// A word of a shell.
std::string word(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+=:,@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) return std::string{text};
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
  return out + "'";
}

void add_option(Arguments& command, const std::string& name, const std::string& value) {
  if (!value.empty()) command.insert(command.end(), {name, value});
}

// How the file is to be read, where it does not show, or was said.
void add_reading(Arguments& command, const std::string& file, const infer::TableFacts& facts,
                 const TableOptions& table, bool items) {
  const std::string_view plain = unpacked_name(file);
  const bool lines = facts.separator == '\0';
  const bool known = lines ? plain.ends_with(".jsonl") || plain.ends_with(".ndjson")
                           : plain.ends_with(".csv") || plain.ends_with(".tsv");
  if (items && !known)
    add_option(command, "--format", lines ? "jsonl" : facts.separator == '\t' ? "tsv" : "csv");
  const bool expected = lines || facts.separator == (plain.ends_with(".csv") ? ',' : '\t');
  if (!expected) add_option(command, "--separator", std::string{tables::name_of_separator(facts.separator)});
  if (table.encoding != "auto") add_option(command, "--encoding", table.encoding);
  if (facts.bad_rows > 0 || !facts.whole_file)
    add_option(command, "--skip-bad",
               std::string{items ? "bad-rows" : "bad-rows-of-history"} + (lines ? ".jsonl" : ".csv"));
}

void add_place(Arguments& command, const infer::Inferred& inferred, const InferredFiles& files) {
  add_option(command, "--domain", files.out.empty() ? inferred.name + ".toml" : files.out);
  add_option(command, "--data-dir", files.data_dir.empty() ? "data/" + inferred.name : files.data_dir);
}

Arguments import_items(const infer::Inferred& inferred, const InferredFiles& files) {
  Arguments command = {"rankloop", "import", "items", files.items};
  add_place(command, inferred, files);
  if (inferred.id_column.empty()) command.emplace_back("--number-rows");
  add_reading(command, files.items, inferred.items, files.table, true);
  return command;
}

Arguments import_history(const infer::Inferred& inferred, const InferredFiles& files) {
  const infer::HistoryColumnNames& columns = inferred.history_columns;
  Arguments command = {"rankloop", "import", "history", files.history};
  add_place(command, inferred, files);
  add_option(command, "--request-column", columns.request);
  add_option(command, "--picked-column", columns.pick);
  if (columns.number_rows)
    command.emplace_back("--number-rows");
  else
    add_option(command, "--item-column", columns.item);
  add_option(command, "--user-column", columns.person);
  add_option(command, "--at-column", columns.moment);
  add_reading(command, files.history, *inferred.history, files.table, false);
  return command;
}

Arguments train(const infer::Inferred& inferred, const InferredFiles& files) {
  Arguments command = {"rankloop", "train", "--family", "logistic"};
  add_place(command, inferred, files);
  add_option(command, "--out", "data/" + inferred.name + "-model");
  return command;
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t size = characters_in(text);
  if (size < width) text.append(width - size, ' ');
  return text;
}

std::string cut(std::string_view text, std::size_t width) {
  if (characters_in(text) <= width) return std::string{text};
  std::string_view part = utf8_prefix(text, width - 3);
  return std::string{part} + "...";
}

std::string plain(std::string_view text) {
  std::string out{text};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return out;
}

std::string kind_of(const infer::ColumnReport& column) {
  return column.type.empty() ? column.role : column.type;
}

void tell_table(std::string_view name, const infer::TableFacts& facts, std::ostream& out) {
  out << name << ": " << (facts.whole_file ? "all " : "the first ") << facts.rows << " rows";
  if (facts.bad_rows > 0)
    out << "; " << facts.bad_rows << " more cannot be read, the first at line " << facts.first_bad_line;
  out << '\n';
}

void tell_columns(const infer::Inferred& inferred, std::ostream& out) {
  std::size_t widest = 6;
  std::size_t widest_seen = 4;
  for (const infer::ColumnReport& each : inferred.columns) {
    widest = std::max(widest, std::min(characters_in(each.column), kWidestName));
    widest_seen = std::max(widest_seen, std::min(characters_in(each.seen), kWidestSeen));
  }
  out << "\ntable     " << padded("column", widest) << "  type      " << padded("seen", widest_seen)
      << "  doubt\n";
  for (const infer::ColumnReport& each : inferred.columns) {
    std::string doubts;
    for (const std::string& doubt : each.doubts) doubts += (doubts.empty() ? "" : "; ") + plain(doubt);
    const std::string& name = each.column.empty() ? each.field : each.column;
    std::string line = padded(each.table, 8) + "  " + padded(cut(plain(name), kWidestName), widest) + "  " +
                       padded(kind_of(each), 8) + "  " + padded(cut(each.seen, kWidestSeen), widest_seen) +
                       "  " + doubts;
    line.resize(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

}  // namespace

std::vector<Arguments> next_commands(const infer::Inferred& inferred, const InferredFiles& files) {
  std::vector<Arguments> commands;
  commands.push_back(
      {"rankloop", "domain", "check", files.out.empty() ? inferred.name + ".toml" : files.out});
  commands.push_back(import_items(inferred, files));
  if (inferred.history_columns.importable) {
    commands.push_back(import_history(inferred, files));
    commands.push_back(train(inferred, files));
  }
  commands.push_back({"rankloop", "serve"});
  add_place(commands.back(), inferred, files);
  return commands;
}

std::string in_shell(const Arguments& command) {
  std::string line;
  for (const std::string& each : command) line += (line.empty() ? "" : " ") + word(each);
  return plain(line);
}

void tell_findings(const infer::Inferred& inferred, std::ostream& out) {
  tell_table("items", inferred.items, out);
  if (inferred.history) tell_table("history", *inferred.history, out);
  if (inferred.requests) tell_table("requests", *inferred.requests, out);
  tell_columns(inferred, out);
  if (!inferred.doubts.empty()) out << '\n';
  for (const std::string& doubt : inferred.doubts) out << "doubt: " << plain(doubt) << '\n';
}

void tell(const infer::Inferred& inferred, const InferredFiles& files, std::ostream& out) {
  tell_findings(inferred, out);
  out << "\nnext:\n";
  for (const Arguments& command : next_commands(inferred, files)) out << "  " << in_shell(command) << '\n';
}

std::string to_json(const infer::Inferred& inferred, const InferredFiles& files) {
  json::array next;
  for (const Arguments& command : next_commands(inferred, files)) next.emplace_back(in_shell(command));
  json::object object = infer::to_object(inferred);
  object["out"] = files.out.empty() ? json::value() : json::value(files.out);
  object["next"] = std::move(next);
  if (files.out.empty()) object["text"] = inferred.text;
  return json::serialize(object);
}

}  // namespace rankloop::cli
