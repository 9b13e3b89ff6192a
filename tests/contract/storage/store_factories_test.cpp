// The stores that the contract holds for.
#include <array>
#include <cstdlib>
#include <filesystem>

#include "contract/storage/store_contract.h"

namespace rankloop::storage {
namespace {

class SqlitePlace final : public StorePlace {
 public:
  SqlitePlace() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rankloop-store-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~SqlitePlace() override { std::filesystem::remove_all(folder_); }
  std::string url() const override { return "sqlite:" + (folder_ / "rankloop.db").string(); }

 private:
  std::filesystem::path folder_;
};

}  // namespace

std::vector<StoreFactory> store_factories() {
  return {{"Sqlite", [] { return std::unique_ptr<StorePlace>(std::make_unique<SqlitePlace>()); }}};
}

}  // namespace rankloop::storage
