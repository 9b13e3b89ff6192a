// What an evaluation that gives no answer needs, in plain words.
#pragma once

#include "app/learn/ledger_evaluation.h"

namespace rankloop::app {

// Adds what the ledger itself has against an answer to the report, and the next steps where there is none.
void finish(LedgerEvaluation& evaluation, const EvaluationRequest& request, const EvaluationOptions& options);

}  // namespace rankloop::app
