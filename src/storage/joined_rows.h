// Records that a statement answers in several rows: requests with their feedbacks, an inference with what was
// shown of it and what became of it.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "error/result.h"
#include "storage/rows.h"

namespace rankloop::storage {

// Where a record has its number and its feedback.
inline ShownRequest& told_of(ShownRequest& request) {
  return request;
}
inline RequestOutcome& told_of(RequestOutcome& request) {
  return request;
}
inline RequestOutcome& told_of(ArmRequest& request) {
  return request.request;
}

// A request's rows follow each other, one for each of its feedbacks: it is complete when another one's come.
// `kRequestOf` makes it of the first.
template <class Request, auto kRequestOf>
class RequestsWithFeedback {
 public:
  explicit RequestsWithFeedback(const std::function<bool(const Request&)>& visit) : visit_(visit) {}

  template <class Row>
  bool take(const Row& row) {
    if (!request_ || told_of(*request_).id.value != row.integer("inference_id")) {
      if (!finish()) return false;
      Result<Request> next = kRequestOf(row);
      if (!next) return unreadable(next.error());
      request_ = *std::move(next);
    }
    if (row.is_null("n")) return true;
    told_of(*request_).feedback.push_back(feedback_of(row));
    return true;
  }
  // False when the visitor wants no more.
  bool finish() {
    if (!request_) return true;
    const bool more = visit_(*request_);
    request_.reset();
    return more;
  }
  const Status& status() const { return status_; }

 private:
  // What was begun is not complete and is not shown.
  bool unreadable(const Error& error) {
    request_.reset();
    status_ = error;
    return false;
  }

  const std::function<bool(const Request&)>& visit_;
  std::optional<Request> request_;
  Status status_;
};

using ShownRequests = RequestsWithFeedback<ShownRequest, shown_request_of>;
using ArmRequests = RequestsWithFeedback<ArmRequest, arm_request_of>;
using RequestOutcomes = RequestsWithFeedback<RequestOutcome, request_outcome_of>;

// The rows of the statement "inference": itself, then what was shown, then what became of it.
class WholeInference {
 public:
  template <class Row>
  bool take(const Row& row) {
    enum Part : int { kItself = 1, kOutcome = 3 };
    const int part = row.small("part");
    if (part == kItself) {
      record_.emplace(inference_of(row));
    } else if (record_ && *record_ && part == kOutcome) {
      (*record_)->feedback.push_back(feedback_of(row));  // "none chosen" may stand there without a ranking
    } else if (record_ && *record_) {
      add((*record_)->exposures, exposure_of(row));
    }
    return record_ && *record_;
  }
  std::optional<Result<InferenceRecord>>& record() { return record_; }

 private:
  template <class Part>
  void add(std::vector<Part>& parts, const Result<Part>& part) {
    if (part) {
      parts.push_back(*part);
    } else {
      record_.emplace(part.error());
    }
  }

  std::optional<Result<InferenceRecord>> record_;
};

}  // namespace rankloop::storage
