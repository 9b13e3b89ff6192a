// Schemas of experiments, their history, sizes, reports and segments.
#include "http/routes/experiment_schemas.h"

namespace rankloop::http {
namespace {

const std::string kMoment = R"({"type":"string","format":"date-time"})";
const std::string kMomentOrNull = R"({"type":["string","null"],"format":"date-time"})";
const std::string kPair = R"({"type":["array","null"],"items":{"type":"number"},"minItems":2,"maxItems":2})";
const std::string kNumberOrNull = R"({"type":["number","null"]})";

const std::string kArmMean =
    R"({"type":"object","required":["arm","requests","people","mean","interval"],"properties":{)"
    R"("arm":{"type":"string"},"requests":{"type":"integer"},"people":{"type":"integer"},)"
    R"("mean":)" +
    kNumberOrNull + R"(,"interval":)" + kPair + "}}";
const std::string kEffectMembers = R"("difference":)" + kNumberOrNull + R"(,"interval":)" + kPair +
                                   R"(,"band":)" + kPair + R"(,"lift":)" + kNumberOrNull +
                                   R"(,"lift_interval":)" + kPair;
const std::string kComparison =
    R"({"type":"object","required":["arm","control","difference","interval","band","lift","lift_interval","p",)"
    R"("p_adjusted","cuped","guardrail"],"properties":{"arm":{"type":"string"},"control":{"type":"string"},)" +
    kEffectMembers +
    R"(,"p":{"type":"number"},"p_adjusted":{"type":"number"},"cuped":{"type":["object","null"],)"
    R"("required":["difference","interval","band","lift","lift_interval","variance_reduction"],"properties":{)" +
    kEffectMembers + R"(,"variance_reduction":)" + kNumberOrNull +
    R"(}},"guardrail":{"type":["string","null"],"enum":["holds","broken","unsure",null]}}})";
const std::string kMetricMembers =
    R"("metric":{"type":"string"},"primary":{"type":"boolean"},"less_is_better":{"type":"boolean"},"bound":)" +
    kNumberOrNull + R"(,"arms":{"type":"array","items":)" + kArmMean +
    R"(},"comparisons":{"type":"array","items":)" + kComparison + "}";
const std::string kRatio =
    R"({"type":"object","required":["arms","chi_squared","p","p_sequential","alarm"],"properties":{)"
    R"("arms":{"type":"array","items":{"type":"object","required":["arm","expected","counted"],"properties":{)"
    R"("arm":{"type":"string"},"expected":{"type":"number"},"counted":{"type":"integer"}}}},)"
    R"("chi_squared":{"type":"number"},"p":{"type":"number"},"p_sequential":{"type":"number"},)"
    R"("alarm":{"type":"boolean"}}})";
const std::string kPreferred =
    R"({"type":["object","null"],"description":"Which arm picks of lists of both are more for",)"
    R"("required":["way","merged","arms","ties","sign_test_p","preferred"],"properties":{)"
    R"("way":{"type":"string","enum":["team_draft","probabilistic"]},"merged":{"type":"integer",)"
    R"("description":"Lists of both arms; one model alone made the others"},"arms":{"type":"array","items":{)"
    R"("type":"object","required":["arm","wins","people","credit"],"properties":{"arm":{"type":"string"},)"
    R"("wins":{"type":"integer"},"people":{"type":"integer"},"credit":{"type":"number"}}}},)"
    R"("ties":{"type":"integer"},"sign_test_p":{"type":"number","description":"At one moment, over people"},)"
    R"("preferred":{"type":["string","null"],"description":"The arm that the always-valid band is for"}}})";
const std::string kBands =
    R"({"type":"array","items":{"type":"object","required":["at","requests","arms"],"properties":{"at":)" +
    kMoment +
    R"(,"requests":{"type":"integer"},"arms":{"type":"array","items":{"type":"object",)"
    R"("required":["arm","difference","band"],"properties":{"arm":{"type":"string"},"difference":)" +
    kNumberOrNull + R"(,"band":)" + kPair + "}}}}}}";

}  // namespace

const std::string kExperimentSchema =
    R"({"type":"object","required":["experiment_id","name","method","interleaving","unit","state","arms","primary","guardrails",)"
    R"("smallest_effect","planned_people","ramp","exposure","created","started","ramped","ended","conclusion",)"
    R"("winner"],"properties":{"experiment_id":{"type":"integer"},"name":{"type":"string"},)"
    R"("method":{"type":"string","enum":["split","interleaving"]},)"
    R"("interleaving":{"type":["string","null"],"enum":["team_draft","probabilistic",null]},)"
    R"("unit":{"type":"string","enum":["person","request"]},)"
    R"("state":{"type":"string","enum":["draft","running","stopped","concluded"]},)"
    R"("arms":{"type":"array","items":{"type":"object","required":["name","model_id","share"],"properties":{)"
    R"("name":{"type":"string"},"model_id":{"type":["integer","string"]},"share":{"type":"number"}}}},)"
    R"("primary":{"type":"string"},"guardrails":{"type":"array","items":{"type":"object",)"
    R"("required":["metric","bound"],"properties":{"metric":{"type":"string"},"bound":{"type":"number"}}}},)"
    R"("smallest_effect":{"type":"number"},"planned_people":{"type":"integer"},"ramp":{"type":["object","null"],"required":["steps","hold_seconds","people"],)"
    R"("properties":{"steps":{"type":"array","items":{"type":"number"}},"hold_seconds":{"type":"integer"},)"
    R"("people":{"type":"integer"}}},"exposure":{"type":"number"},"created":)" +
    kMoment + R"(,"started":)" + kMomentOrNull + R"(,"ramped":)" + kMomentOrNull + R"(,"ended":)" +
    kMomentOrNull + R"(,"conclusion":{"type":["string","null"]},"winner":{"type":["string","null"]}}})";

const std::string kExperimentEventSchema =
    R"({"type":"object","required":["id","at","what","experiment_id","actor","remark","reason","detail"],)"
    R"("properties":{"id":{"type":"integer"},"at":)" +
    kMoment +
    R"(,"what":{"type":"string"},"experiment_id":{"type":"integer"},"actor":{"type":"string"},)"
    R"("remark":{"type":["string","null"]},"reason":{"type":"string"},"detail":{"type":["object","null"]}}})";

const std::string kMetricSchema =
    R"({"type":"object","required":["metric","rate","less_is_better","of_an_arm"],"properties":{)"
    R"("metric":{"type":"string"},"rate":{"type":"boolean","description":"0 or 1 of each list"},)"
    R"("less_is_better":{"type":"boolean"},"of_an_arm":{"type":"boolean",)"
    R"("description":"Whether interleaved arms have it"}}})";
const std::string kSizeSchema =
    R"({"type":"object","required":["people_per_arm","people","power","alpha"],"properties":{)"
    R"("people_per_arm":{"type":"integer"},"people":{"type":"integer"},"power":{"type":"number"},)"
    R"("alpha":{"type":"number"}}})";

const std::string kReportSchema =
    R"({"type":"object","required":["experiment_id","requests","people","planned_people","complete",)"
    R"("sample_ratio","interleaving","metrics","bands","answered_by"],"properties":{"experiment_id":{"type":"integer"},)"
    R"("requests":{"type":"integer"},"people":{"type":"integer"},"planned_people":{"type":"integer"},)"
    R"("complete":{"type":"boolean"},"sample_ratio":)" +
    kRatio + R"(,"interleaving":)" + kPreferred +
    R"(,"metrics":{"type":"array","items":{"type":"object","required":["metric","primary","less_is_better",)"
    R"("bound","arms","comparisons"],"properties":{)" +
    kMetricMembers + R"(}}},"bands":)" + kBands +
    R"(,"answered_by":{"type":"array","items":{"type":"object","required":["arm","model_id","requests"],)"
    R"("properties":{"arm":{"type":"string"},"model_id":{"type":"integer"},"requests":{"type":"integer"}}}}}})";

const std::string kSegmentsSchema =
    R"({"type":"object","required":["experiment_id","field","segments"],"properties":{)"
    R"("experiment_id":{"type":"integer"},"field":{"type":"string"},"segments":{"type":"array","items":{)"
    R"("type":"object","required":["value","requests","metric","arms","comparisons"],"properties":{)"
    R"("value":{"type":"string"},"requests":{"type":"integer"},)" +
    kMetricMembers + "}}}}}";

}  // namespace rankloop::http
