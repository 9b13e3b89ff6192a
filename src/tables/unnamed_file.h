// A file without a name: nobody else sees it, and it is gone when nobody has it open any more, however the
// process ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "error/result.h"
#include "tables/byte_source.h"

namespace rankloop::tables {

// Written by one thread at a time. kUnavailable: there is no room for it, or no such folder; the detail says
// where.
class UnnamedFile {
 public:
  // On the file system that `folder` is of.
  static Result<std::unique_ptr<UnnamedFile>> make(const std::string& folder);

  Status append(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  // What is in it by now. Keeps the file.
  Bytes bytes() const { return Bytes{file_, size_}; }

 private:
  UnnamedFile(std::string folder, std::shared_ptr<const FileDescriptor> file)
      : folder_(std::move(folder)), file_(std::move(file)) {}

  const std::string folder_;
  const std::shared_ptr<const FileDescriptor> file_;
  std::uint64_t size_ = 0;
};

}  // namespace rankloop::tables
