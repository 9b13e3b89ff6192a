// Reading a domain file's tables: every wrong or unknown key becomes a fault with its place, and reading goes
// on.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "domain/domain.h"

namespace rankloop {

using FilePlace = toml::source_position;

class FileFaults {
 public:
  void add(FilePlace at, std::string message);
  bool empty() const { return faults_.empty(); }
  std::vector<DomainFault> in_file_order() &&;

 private:
  std::vector<DomainFault> faults_;
};

struct PlacedText {
  std::string text;
  FilePlace at;
};

// One table. What has been asked for is known; finish() reports every other key. Borrows the parsed file.
class TomlTable {
 public:
  TomlTable(const toml::table& table, FilePlace at, FileFaults& faults)
      : table_(&table), at_(at), faults_(&faults) {}

  FilePlace at() const { return at_; }
  FilePlace at(std::string_view key) const;  // of the key's value; of the table when there is no such key
  void fault(std::string_view key, std::string message) { faults_->add(at(key), std::move(message)); }
  void fault_at(FilePlace place, std::string message) { faults_->add(place, std::move(message)); }

  bool has(std::string_view key) const { return table_->contains(key); }

  // Each gives nothing when the key is absent, and also, with a fault, when its value is of another kind.
  const toml::node* node(std::string_view key);
  std::optional<std::string> text(std::string_view key);
  std::optional<double> number(std::string_view key);
  std::optional<std::size_t> count(std::string_view key);
  std::optional<bool> flag(std::string_view key);
  std::vector<PlacedText> texts(std::string_view key);  // one text, or a list of texts
  std::vector<double> numbers(std::string_view key);    // a list of finite numbers; none when one is none
  std::vector<TomlTable> tables(std::string_view key);  // [[key]], at most `kMostTables`

  // Empty, with a fault, when the key is absent. What an absent table lacks is not reported again.
  std::string required_text(std::string_view key);
  TomlTable required_table(std::string_view key);
  bool absent() const { return absent_; }

  void finish();

  static constexpr std::size_t kMostTables = 512;

 private:
  const toml::table* table_;
  FilePlace at_;
  FileFaults* faults_;
  bool absent_ = false;
  std::vector<std::string_view> known_;
};

// `name` in quotes, short enough for a message and on one line.
std::string quoted(std::string_view name);
// ", did you mean \"x\"?" or nothing.
std::string suggestion(std::string_view wanted, std::span<const std::string_view> known);

}  // namespace rankloop
