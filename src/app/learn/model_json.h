// The registry as JSON, the same for the API and for commands that read the store themselves.
#pragma once

#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "app/learn/models.h"

namespace rankloop::app {

enum class Detail {
  kBrief,  // what a list shows
  kFull,   // with lineage, the gate's evidence and the artefact's hash
};

boost::json::object to_object(const ModelView& view, Detail detail);
boost::json::object to_object(const storage::ModelEvent& event);
// Null when the gate has not judged it.
boost::json::value verdict_json(const std::optional<Verdict>& verdict);
std::string record_json(const storage::ModelRecord& record);  // brief, without counts

}  // namespace rankloop::app
