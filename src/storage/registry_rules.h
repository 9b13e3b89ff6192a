// What holds for models in every store: their verdicts, their shares of the traffic and the words of their
// history.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.h"
#include "error/result.h"
#include "storage/records.h"

namespace rankloop::storage {

// As JSON has it.
std::string number_text(double number);
std::string sha256_hex(std::string_view bytes);
// kFailedPrecondition: more bytes than `max_artefact`.
Status check_new_model(const NewModel& model, std::size_t max_artefact);
// What the history says of a model that is added.
ModelEventKind event_of(const NewModel& model);
// The text that stands for a verdict, or for none.
std::string_view stored(const std::optional<Verdict>& verdict);

// A model's new share beside what all other challengers have together. kInvalidArgument: outside [0, 1);
// kFailedPrecondition: less is left.
Status check_share(ModelId id, double share, double others);
// The hashes that a challenger has with a new share, beside those of all others.
CircleRanges resized_share(const ModelRecord& model, double share, const CircleRanges& others);
double share_of_champion(double share, double others);
// Details of the history's rows, as JSON.
std::string share_detail(double share);
std::string shadow_detail(bool shadow);
// Why the others' shares, and its own shadow, ended: `what` (promoted, rolled back) made `id` the champion.
std::string ended_by(ModelEventKind what, ModelId id);

Error unknown_model(ModelId id);
// kFailedPrecondition: there is none.
Error no_champion();
Error champion_keeps_the_rest(ModelId id);
Error champion_casts_no_shadow(ModelId id);

// A row of the history that made a champion.
struct Tenure {
  bool rolled_back = false;  // else promoted
  ModelId model;
  bool is_there = true;  // not removed since
};

// The model that a rollback makes the champion, from the history's rows in their order: a promotion adds a
// tenure, a rollback takes the last ones off again, down to the model that it went back to. Removed models
// are passed over. kFailedPrecondition: there was none before.
Result<ModelId> champion_before(const std::vector<Tenure>& tenures);

// Whether a model may be removed: it answers nobody, and no rollback would need it next. `before`: what
// champion_before() says. kFailedPrecondition with the reason.
Status check_removable(const ModelRecord& model, const Result<ModelId>& before);
// kFailedPrecondition: an arm of this experiment is, or would be, answered by it.
Error held_by_experiment(ModelId id, ExperimentId experiment);
// What the history keeps of a model that is removed, as JSON.
std::string removed_detail(const ModelRecord& model);

// The artefact of a model has more bytes than `most`. kFailedPrecondition; names the setting.
Error artefact_too_large(std::size_t bytes, std::size_t most);

// What a change of the registry did, before it is committed.
struct ChangedModel {
  ModelId id;
  bool changed = false;
  std::optional<ModelRecord> removed{};  // as it was
};

}  // namespace rankloop::storage
