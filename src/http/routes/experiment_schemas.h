// The JSON Schemas of what is answered about experiments.
#pragma once

#include <string>

namespace rankloop::http {

extern const std::string kExperimentSchema;
extern const std::string kExperimentEventSchema;
extern const std::string kMetricSchema;
extern const std::string kSizeSchema;
extern const std::string kReportSchema;
extern const std::string kSegmentsSchema;

}  // namespace rankloop::http
