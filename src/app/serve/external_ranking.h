// Rankings that a program of somebody else makes (a worker of Python's Celery): what it is asked, and what
// its answer becomes. How the question travels, and who holds the task meanwhile, is the worker's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "app/serve/inference.h"
#include "app/serve/serving.h"
#include "domain/domain.h"
#include "error/result.h"
#include "storage/records.h"

namespace rankloop::app {

// One attempt at a task, while it is with the other program.
struct ExternalQuestion {
  std::shared_ptr<InferenceRun> run;
  Values values;
  boost::json::object request;  // with the derived fields that are not stored
  std::shared_ptr<const ServedModels> serving;
  std::shared_ptr<const ml::Catalog> from;  // see candidates.h
  std::vector<ItemId> items;                // to be ranked, ascending; none: there is nothing to ask
  std::vector<LeftOut> left_out;
  std::shared_ptr<const WishesInForce> wishes;  // null: nothing is blocked

  const storage::ClaimedTask& task() const { return run->task; }
};

// Thread-safe.
class ExternalRanking {
 public:
  // `best`: items that a ranking keeps.
  ExternalRanking(std::shared_ptr<const Domain> domain, int domain_version, int best, Serving& serving,
                  Inference& inference)
      : domain_(std::move(domain)),
        domain_version_(domain_version),
        best_(best),
        serving_(serving),
        inference_(inference) {}

  // What to ask for the attempt that begins. kInvalidArgument, kDataLoss: the stored request cannot be read.
  Result<std::shared_ptr<const ExternalQuestion>> question(std::shared_ptr<InferenceRun> run) const;
  // {"task_id", "request", "items", "limit"}, and "candidate_fields" where the request says something of
  // its candidates: their fields by id
  std::string arguments(const ExternalQuestion& question) const;
  // Checks the answer (external_answer.h) and commits it, with what the shadows say. kInvalidArgument: it is
  // no ranking of these items; nothing is committed.
  Status answer(const ExternalQuestion& question, const boost::json::value& answer) const;
  // Commits an empty ranking: there was nothing to ask.
  void answer_nothing(const ExternalQuestion& question) const { commit(question, {}); }

 private:
  void commit(const ExternalQuestion& question, std::vector<RankedItem> items) const;

  const std::shared_ptr<const Domain> domain_;
  const int domain_version_;
  const int best_;
  Serving& serving_;
  Inference& inference_;
};

}  // namespace rankloop::app
