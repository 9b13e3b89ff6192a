// What a training on the command line leaves behind: the model's folder, and the scores of the rows it was
// judged on.
#pragma once

#include <string>
#include <string_view>

#include "error/result.h"
#include "ml/labelled_rows.h"
#include "ml/model.h"

namespace rankloop::cli {

// A model's folder: the artefact as it travels, and a name that says what is in it. An earlier model there is
// replaced at once. kUnavailable: it cannot be written.
Status write_model(const std::string& folder, std::string_view artefact);

// The rows a model was judged on, as `rankloop evaluate` and `rankloop compare` read them. kUnavailable.
Status write_scores(const std::string& file, const ml::Model& model, const ml::LabelledRows& rows);

}  // namespace rankloop::cli
