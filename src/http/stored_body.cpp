// Writes bodies into files, on a pool.
#include "http/stored_body.h"

#include <utility>

#include "http/await.h"

namespace rankloop::http {

StoredBody::~StoredBody() {
  state_.stored_bodies.give_back(taken_);
  if (state_.body_pool != nullptr) state_.body_pool->submit([file = std::move(file_)] {});
}

boost::asio::awaitable<Status> StoredBody::append(std::string piece) {
  if (!state_.stored_bodies.take(piece.size()))
    co_return Error(ErrorCode::kResourceExhausted, "too many request bodies are under way");
  taken_ += piece.size();
  const auto shared = std::make_shared<const std::string>(std::move(piece));
  co_return co_await blocking_result<void>(
      *state_.body_pool, [file = file_, shared, folder = state_.options.body_folder]() -> Status {
        if (*file == nullptr) {
          auto made = tables::UnnamedFile::make(folder);
          if (!made) return made.error();
          *file = *std::move(made);
        }
        return (*file)->append(*shared);
      });
}

}  // namespace rankloop::http
