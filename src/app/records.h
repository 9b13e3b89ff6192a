// The records that cross the use cases on their way between a front end and the store, under the names that
// front ends use: they stand on app/ and know no store.
#pragma once

#include "storage/experiments.h"
#include "storage/persons.h"
#include "storage/records.h"

namespace rankloop::app {

using storage::ExperimentEvent;
using storage::ExperimentRecord;
using storage::Exposure;
using storage::KeptAnswer;
using storage::ModelEvent;
using storage::ModelRecord;
using storage::PersonRecord;
using storage::RecordedAnswer;
using storage::RequestRecord;
using storage::StartedInference;
using storage::TaskFilter;
using storage::TaskRecord;

}  // namespace rankloop::app
