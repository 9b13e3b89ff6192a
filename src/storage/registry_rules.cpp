// Checks of verdicts and shares, and the words of the registry's history.
#include "storage/registry_rules.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <openssl/sha.h>

namespace rankloop::storage {
namespace {

constexpr double kRounding = 1e-9;  // shares like 0.1 + 0.2 + 0.7 are as good as 1

std::string name_of(ModelId id) {
  return "Model " + std::to_string(id.value);
}

}  // namespace

std::string number_text(double number) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

Status check_new_model(const NewModel& model, std::size_t max_artefact) {
  if (model.artefact.size() > max_artefact) return artefact_too_large(model.artefact.size(), max_artefact);
  return {};
}

ModelEventKind event_of(const NewModel& model) {
  if (model.promote) return ModelEventKind::kPromoted;
  if (model.verdict == Verdict::kReject) return ModelEventKind::kRejected;
  return model.verdict == Verdict::kInsufficientEvidence ? ModelEventKind::kInsufficientEvidence
                                                         : ModelEventKind::kTrained;
}

std::string_view stored(const std::optional<Verdict>& verdict) {
  return verdict ? name_of(*verdict) : std::string_view();
}

Status check_share(ModelId id, double share, double others) {
  if (!(share >= 0 && share < 1)) {
    return Error{ErrorCode::kInvalidArgument,
                 "A share of the traffic is at least 0 and below 1; asked was " + number_text(share)};
  }
  if (others + share <= 1 + kRounding) return {};
  return Error{ErrorCode::kFailedPrecondition, name_of(id) + " cannot have " + number_text(share) +
                                                   " of the traffic: other challengers have " +
                                                   number_text(others) + ", and all together can have 1"};
}

CircleRanges resized_share(const ModelRecord& model, double share, const CircleRanges& others) {
  // Shares that are rounded to points may miss a few at the end.
  const std::uint32_t free = kCirclePoints - size_of(others);
  return resized(model.ranges, std::min(circle_points(share), free), others, first_look(model.id.value))
      .value_or(model.ranges);
}

double share_of_champion(double share, double others) {
  return std::max(0.0, 1 - others - share);
}

std::string share_detail(double share) {
  return R"({"share":)" + number_text(share) + "}";
}
std::string shadow_detail(bool shadow) {
  return shadow ? R"({"shadow":true})" : R"({"shadow":false})";
}

std::string ended_by(ModelEventKind what, ModelId id) {
  return what == ModelEventKind::kRolledBack
             ? "The champion was rolled back to model " + std::to_string(id.value)
             : name_of(id) + " was promoted";
}

Error unknown_model(ModelId id) {
  return {ErrorCode::kNotFound, "No model has the number " + std::to_string(id.value)};
}

Error no_champion() {
  return {ErrorCode::kFailedPrecondition, "There is no champion whose traffic could be shared"};
}

Error champion_keeps_the_rest(ModelId id) {
  return {ErrorCode::kFailedPrecondition,
          name_of(id) + " is the champion: it has the traffic that the others leave"};
}

Error champion_casts_no_shadow(ModelId id) {
  return {ErrorCode::kFailedPrecondition, name_of(id) + " is the champion: it answers, not its shadow"};
}

Result<ModelId> champion_before(const std::vector<Tenure>& tenures) {
  std::vector<Tenure> line;
  for (const Tenure& tenure : tenures) {
    if (!tenure.rolled_back) {
      line.push_back(tenure);
      continue;
    }
    do {
      if (!line.empty()) line.pop_back();
    } while (!line.empty() && line.back().model != tenure.model);
    if (line.empty()) line.push_back(tenure);
  }
  for (std::size_t before = line.size(); before-- > 0;) {
    if (line[before].is_there && line[before].model != line.back().model) return line[before].model;
  }
  const std::string why = line.empty() ? "there is no champion"
                                       : "no model that is still there was champion before model " +
                                             std::to_string(line.back().model.value);
  return Error{ErrorCode::kFailedPrecondition, "Nothing to roll back to: " + why};
}

Status check_removable(const ModelRecord& model, const Result<ModelId>& before) {
  std::string why;
  if (model.champion) {
    why = "is the champion; promote another one first";
  } else if (model.share > 0) {
    why = "answers " + number_text(model.share) + " of the people; end its share first";
  } else if (model.shadow) {
    why = "ranks in the shadow; end that first";
  } else if (before && *before == model.id) {
    why = "is what a rollback goes back to; promote another one first";
  } else {
    return {};
  }
  return Error{ErrorCode::kFailedPrecondition, name_of(model.id) + " cannot be removed: it " + why};
}

Error held_by_experiment(ModelId id, ExperimentId experiment) {
  return {ErrorCode::kFailedPrecondition, name_of(id) + " cannot be removed: it is an arm of experiment " +
                                              std::to_string(experiment.value) + "; conclude that first"};
}

std::string removed_detail(const ModelRecord& model) {
  return R"({"family":")" + model.family + R"(","artefact":")" + model.artefact_hash + R"("})";
}

Error artefact_too_large(std::size_t bytes, std::size_t most) {
  return {ErrorCode::kFailedPrecondition, "The model's artefact has " + std::to_string(bytes) +
                                              " bytes; models.max_artefact allows " + std::to_string(most)};
}

}  // namespace rankloop::storage
