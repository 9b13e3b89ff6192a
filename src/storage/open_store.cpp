// One line per kind of store.
#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "storage/postgres/postgres_store.h"
#include "storage/sqlite/sqlite_store.h"
#include "storage/store.h"

namespace rankloop::storage {
namespace {

struct Kind {
  std::string_view scheme;
  Result<std::unique_ptr<Store>> (*open)(const std::string& rest, const StoreOptions& options,
                                         const Clock& clock, StoreListener& listener);
  std::chrono::milliseconds gather;
};

constexpr std::array kKinds = {
    Kind{"sqlite:", &sqlite::SqliteStore::open, std::chrono::milliseconds{0}},
    Kind{"postgresql://", &postgres::PostgresStore::open, postgres::PostgresStore::kGather},
};

}  // namespace

Result<std::unique_ptr<Store>> open_store(const std::string& url, const StoreOptions& options,
                                          const Clock& clock, StoreListener& listener) {
  for (const Kind& kind : kKinds) {
    if (url.starts_with(kind.scheme))
      return kind.open(url.substr(kind.scheme.size()), options, clock, listener);
  }
  return Error{ErrorCode::kInvalidArgument,
               "A store's address has the form sqlite:PATH or postgresql://USER@HOST/DATABASE"};
}

std::chrono::milliseconds worth_gathering(const std::string& url) {
  for (const Kind& kind : kKinds) {
    if (url.starts_with(kind.scheme)) return kind.gather;
  }
  return {};
}

}  // namespace rankloop::storage
