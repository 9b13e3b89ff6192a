// The body of one request in a file without a name, piece by piece as it comes: it costs no memory, and is
// gone with the request, with the handler that reads it, or with the process.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "error/result.h"
#include "http/server_state.h"
#include "tables/unnamed_file.h"

namespace rankloop::http {

// I/O thread only; a pool writes the file, and removes it, which takes as long. The state must outlive it.
class StoredBody {
 public:
  // Where a body begins to be long, and how much of it is written at once. Bytes.
  static constexpr std::size_t kPiece = 256U << 10;

  explicit StoredBody(ServerState& state) : state_(state) {}
  StoredBody(const StoredBody&) = delete;
  StoredBody& operator=(const StoredBody&) = delete;
  ~StoredBody();

  // Returns once the piece is in the file. kResourceExhausted: other bodies take what there may be of them;
  // kUnavailable: the disk does not take it. The body is lost then.
  boost::asio::awaitable<Status> append(std::string piece);
  // All of it; after a piece.
  tables::Bytes bytes() const { return (*file_)->bytes(); }

 private:
  // Made by the pool; shared with a write that outlives a session whose server stops.
  using File = std::unique_ptr<tables::UnnamedFile>;

  ServerState& state_;
  std::shared_ptr<File> file_ = std::make_shared<File>();
  std::size_t taken_ = 0;  // of the budget
};

}  // namespace rankloop::http
