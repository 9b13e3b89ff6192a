// What holds for models in every store: their verdicts, their shares of the traffic and the words of their
// history.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/ids.h"
#include "error/result.h"
#include "storage/records.h"

namespace rankloop::storage {

std::string sha256_hex(std::string_view bytes);
// kInvalidArgument: no such verdict.
Status check_verdict(const NewModel& model);
// What the history says of a model that is added.
std::string_view event_of(const NewModel& model);

// A model's new share beside what all other challengers have together. kInvalidArgument: outside [0, 1), or
// less is left.
Status check_share(ModelId id, double share, double others);
double share_of_champion(double share, double others);
// Details of the history's rows, as JSON.
std::string share_detail(double share);
std::string shadow_detail(bool shadow);
// Why the others' shares, and its own shadow, ended: `what` made `id` the champion ("promoted",
// "rolled_back").
std::string ended_by(std::string_view what, ModelId id);

Error unknown_model(ModelId id);
// kFailedPrecondition: there is none.
Error no_champion();
Error champion_keeps_the_rest(ModelId id);
Error champion_casts_no_shadow(ModelId id);

// The model that a rollback makes the champion, from the history's rows (rolled back, model) in their order:
// a promotion adds a reign, a rollback takes the last one off again. kFailedPrecondition: there was none
// before.
Result<ModelId> champion_before(const std::vector<std::pair<bool, ModelId>>& reigns);

}  // namespace rankloop::storage
