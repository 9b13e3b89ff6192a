// How a handler's own write keeps its answer under the request's Idempotency-Key.
#pragma once

#include <optional>
#include <utility>

#include "app/records.h"
#include "http/message.h"

namespace rankloop::http {

// True for an answer that a key keeps when it is an error: 4xx but 429. Others may be tried again.
inline bool kept_error(const Error& error) {
  const int status = status_of(error.code);
  return status >= 400 && status < 500 && status != 429;
}

// `answer` makes the body and status of a success from the write's outcome.
template <class T, class Answer>
std::optional<app::RecordedAnswer<T>> keep_for(const std::optional<IdempotencyKey>& key, Answer answer) {
  if (!key) return std::nullopt;
  app::RecordedAnswer<T> keep;
  keep.key = key->key;
  keep.fingerprint = key->fingerprint;
  keep.answer = [fingerprint = keep.fingerprint, refusals = key->keeps_refusals,
                 by_write = key->kept_by_write,
                 answer = std::move(answer)](const Result<T>& outcome) -> std::optional<app::KeptAnswer> {
    app::KeptAnswer kept;
    kept.fingerprint = fingerprint;
    if (outcome) {
      answer(*outcome, kept);
    } else if (refusals && kept_error(outcome.error())) {
      Response response = error_response(outcome.error());
      kept.status = response.status;
      kept.body = std::move(response.body);
    } else {
      return std::nullopt;
    }
    by_write->store(true);
    return kept;
  };
  return keep;
}

// The answer of such a write, marked as kept when the write has kept it.
template <class T>
Response kept_response(const Request& request, const Result<T>& outcome, std::string body, int status = 200) {
  Response response = outcome ? json_response(std::move(body), status) : error_response(outcome.error());
  response.answer_kept = request.idempotency && request.idempotency->kept_by_write->load();
  return response;
}

}  // namespace rankloop::http
