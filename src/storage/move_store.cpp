// Moves table after table and looks whether all has arrived.
#include "storage/move_store.h"

#include <array>
#include <bit>
#include <utility>

#include <openssl/evp.h>

#include "storage/postgres/postgres_tables.h"
#include "storage/sqlite/sqlite_tables.h"

namespace rankloop::storage {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::int64_t kRowsPerLook = 256;

// A running digest of rows; every value is told apart from its neighbours by its kind and length.
class RowDigest {
 public:
  RowDigest() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

  void add(Cells cells) {
    buffer_.clear();
    for (const Cell& cell : cells) {
      buffer_.push_back(static_cast<char>(cell.kind));
      switch (cell.kind) {
        case Cell::Kind::kNull:
          break;
        case Cell::Kind::kInteger:
          put(static_cast<std::uint64_t>(cell.integer));
          break;
        case Cell::Kind::kReal:
          // A database may keep -0.0 as 0.0.
          put(std::bit_cast<std::uint64_t>(cell.real == 0 ? 0.0 : cell.real));
          break;
        case Cell::Kind::kText:
        case Cell::Kind::kBytes:
          put(cell.bytes.size());
          buffer_.append(cell.bytes);
          break;
      }
    }
    EVP_DigestUpdate(context_.get(), buffer_.data(), buffer_.size());
    ++rows_;
  }
  std::int64_t rows() const { return rows_; }
  std::string finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), bytes.data(), &size);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
      text.push_back(kDigits[bytes[i] >> 4]);
      text.push_back(kDigits[bytes[i] & 0xf]);
    }
    return text;
  }

 private:
  struct Freed {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  void put(std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8)
      buffer_.push_back(static_cast<char>((value >> shift) & 0xff));
  }

  std::unique_ptr<EVP_MD_CTX, Freed> context_;
  std::string buffer_;
  std::int64_t rows_ = 0;
};

class Move {
 public:
  Move(StoreTables& from, StoreTables& to, const MoveOptions& options)
      : from_(from), to_(to), options_(options) {}

  Result<std::vector<MovedTable>> run() {
    if (Status status = compare_shapes(); !status) return status.error();
    if (Status status = check_target(); !status) return status.error();
    for (const TableShape& table : sources_) {
      const auto rows = from_.count(table);
      if (!rows) return rows.error();
      total_ += *rows * kPasses;
    }
    if (Status status = to_.begin_writing(options_.replace); !status) return status.error();
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (Status status = copy(sources_[i], targets_[i]); !status) return in(sources_[i], status.error());
    }
    if (Status status = to_.continue_numbers(); !status) return status.error();
    std::vector<MovedTable> moved;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      auto verified = verify(sources_[i], targets_[i]);
      if (!verified) return in(sources_[i], verified.error());
      moved.push_back(*std::move(verified));
    }
    if (Status status = to_.end_writing(); !status) return status.error();
    return moved;
  }

 private:
  static constexpr std::int64_t kPasses = 3;  // the copy, and reading each end again

  static Error in(const TableShape& table, Error error) {
    error.message = "table " + table.name + ": " + error.message;
    return error;
  }

  Status compare_shapes() {
    auto sources = from_.tables();
    if (!sources) return sources.error();
    auto targets = to_.tables();
    if (!targets) return targets.error();
    sources_ = *std::move(sources);
    targets_ = *std::move(targets);
    bool same = sources_.size() == targets_.size();
    for (std::size_t i = 0; same && i < sources_.size(); ++i) {
      same = sources_[i].name == targets_[i].name && sources_[i].columns == targets_[i].columns;
      if (!same)
        return Error{ErrorCode::kFailedPrecondition, "the stores differ in the table " + sources_[i].name};
    }
    return same ? Status{} : Error{ErrorCode::kFailedPrecondition, "the stores have different tables"};
  }

  Status check_target() {
    const auto used = to_.is_used();
    if (!used) return used.error();
    if (!*used || options_.replace) return {};
    return Error{
        ErrorCode::kFailedPrecondition,
        "the target holds a store that was used; give an empty one, or --replace to lose what it holds"};
  }

  Status look(const TableShape& table, std::string_view what) {
    if (++done_ % kRowsPerLook != 0) return {};
    if (options_.progress) options_.progress(std::string{what} + " " + table.name, done_, total_);
    if (options_.stop.stop_requested()) return Error{ErrorCode::kAborted, "stopped; the target is as it was"};
    return {};
  }

  Status copy(const TableShape& source, const TableShape& target) {
    if (Status status = to_.begin_table(target); !status) return status;
    Status status = from_.each_row(source, [&](Cells cells) -> Status {
      if (Status added = to_.add_row(cells); !added) return added;
      return look(source, "copying");
    });
    return status ? to_.end_table() : status;
  }

  Result<MovedTable> digest_of(StoreTables& store, const TableShape& table) {
    RowDigest digest;
    Status status = store.each_row(table, [&](Cells cells) -> Status {
      digest.add(cells);
      return look(table, "verifying");
    });
    if (!status) return status.error();
    return MovedTable{table.name, digest.rows(), digest.finish()};
  }

  Result<MovedTable> verify(const TableShape& source, const TableShape& target) {
    const auto before = digest_of(from_, source);
    if (!before) return before;
    const auto after = digest_of(to_, target);
    if (!after) return after;
    if (before->rows != after->rows || before->digest != after->digest) {
      return Error{ErrorCode::kDataLoss, "the copy differs: " + std::to_string(before->rows) +
                                             " rows with digest " + before->digest + " became " +
                                             std::to_string(after->rows) + " rows with " + after->digest +
                                             "; nothing was kept"};
    }
    return before;
  }

  StoreTables& from_;
  StoreTables& to_;
  const MoveOptions& options_;
  std::vector<TableShape> sources_;
  std::vector<TableShape> targets_;
  std::int64_t done_ = 0;
  std::int64_t total_ = 0;
};

}  // namespace

Result<std::unique_ptr<StoreTables>> open_tables_to_read(const std::string& url) {
  if (url.starts_with(kSqlite)) return sqlite::open_tables_to_read(url.substr(kSqlite.size()));
  return postgres::open_tables(url, false);
}

Result<std::unique_ptr<StoreTables>> open_tables_to_write(const std::string& url) {
  if (url.starts_with(kSqlite)) return sqlite::open_tables_to_write(url.substr(kSqlite.size()));
  return postgres::open_tables(url, true);
}

Result<std::vector<MovedTable>> move_store(StoreTables& from, StoreTables& to, const MoveOptions& options) {
  return Move(from, to, options).run();
}

}  // namespace rankloop::storage
