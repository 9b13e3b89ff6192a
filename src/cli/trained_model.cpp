// Writes a model beside its place and moves it there, and scores as rows of text.
#include "cli/trained_model.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <vector>

#include "domain/strict_json.h"
#include "ml/train.h"

namespace rankloop::cli {

Status write_model(const std::string& folder, std::string_view artefact) {
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  const std::filesystem::path target = std::filesystem::path{folder} / "model.rankloop";
  const std::filesystem::path draft = target.string() + ".new";
  {
    std::ofstream out{draft, std::ios::binary | std::ios::trunc};
    out << artefact;
    out.flush();
    if (!out) return Error{ErrorCode::kUnavailable, "cannot write '" + draft.string() + "'"};
  }
  std::filesystem::rename(draft, target, fault);
  if (fault)
    return Error{ErrorCode::kUnavailable, "cannot write '" + target.string() + "': " + fault.message()};
  return {};
}

Status write_scores(const std::string& file, const ml::Model& model, const ml::LabelledRows& rows) {
  const std::vector<float> scores = ml::score_rows(model, rows);
  std::string text = "request\tlabel\tweight\tscore\n";
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    text += std::to_string(rows.requests.empty() ? static_cast<std::int64_t>(r) : rows.requests[r]) + '\t';
    append_json_number(text, rows.labels[r]);
    text += '\t';
    append_json_number(text, rows.weights.empty() ? 1.0F : rows.weights[r]);
    text += '\t';
    append_json_number(text, scores[r]);
    text += '\n';
  }
  std::ofstream out{file, std::ios::binary | std::ios::trunc};
  out << text;
  out.close();
  return out ? Status{} : Error{ErrorCode::kUnavailable, "cannot write '" + file + "'"};
}

}  // namespace rankloop::cli
