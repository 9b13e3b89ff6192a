// The handlers of the domain file, and their table.
#include "http/routes/domain.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>

#include "domain/domain_change_json.h"
#include "domain/fingerprint.h"
#include "domain/json_writer.h"
#include "domain/toml_bounds.h"
#include "http/domain_examples.h"
#include "http/routes/blocking_text.h"
#include "http/routes/examples.h"
#include "http/routes/inputs.h"
#include "http/routes/schemas.h"
#include "http/routes/table_inputs.h"
#include "infer/infer_domain.h"
#include "infer/inferred_json.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

constexpr std::size_t kMostFaults = 100;
constexpr const char* kToml = "application/toml";

const TextInput kIfMatch{
    .name = "If-Match",
    .help =
        "The fingerprint of the domain that was changed, as GET /domain answers it; when "
        "another one is served by now: 412",
    .least = 1,
    .most = 100};
const TextInput kFile{.name = "file",
                      .help = "What the file is called; the domain and its items are named by it",
                      .least = 1,
                      .most = 255,
                      .preset = "items.csv"};
const TextInput kIdColumn{.name = "id_column",
                          .help = "The column of the items' ids, where it is another one"};
const FlagInput kNumberRows{.name = "number_rows", .help = "No column has the ids: rows are to be numbered"};
const FlagInput kPart{.name = "part", .help = "The body is the beginning of a larger table"};
const TextInput kCorrections{
    .name = "corrections",
    .help =
        "What is known better, as JSON: [{\"column\": \"price\", \"name\": \"cost\", \"type\": \"float\", "
        "\"ignored\": false, \"required\": false, \"closed\": false, \"feature\": true}], of each column "
        "only "
        "what is to be other",
    .most = 12'000};

void write_text_or_null(JsonWriter& json, std::string_view name, const std::string& text) {
  json.key(name);
  if (text.empty())
    json.null();
  else
    json.text(text);
}

std::string state_json(const Domain& domain, const DomainState& state) {
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("name").text(domain.name).key("title").text(domain.title);
  json.key("fingerprint").word(text_fingerprint(domain.source));
  write_text_or_null(json, "file", state.file);
  json.key("in_use").flag(state.in_use);
  write_text_or_null(json, "refusal", state.refusal);
  write_text_or_null(json, "fault", state.fault);
  json.key("text").text(domain.source).end_object();
  return out;
}

awaitable<Response> get_domain(Services& services, Request&) {
  const auto state = co_await blocking_result<DomainState>(
      services.reads, [&control = services.domain_control] { return control.state(); });
  co_return state ? json_response(state_json(services.domain, *state)) : error_response(state.error());
}

void write_faults(JsonWriter& json, const std::vector<DomainFault>& faults) {
  json.begin_array();
  for (std::size_t i = 0; i < std::min(faults.size(), kMostFaults); ++i) {
    json.begin_object().key("line").integer(faults[i].line).key("column").integer(faults[i].column);
    json.key("message").text(faults[i].message).end_object();
  }
  json.end_array();
}

std::string diff_json(const Domain& served, const DomainCheck& check, bool in_use) {
  const auto changes =
      check.domain ? domain_changes(served, *check.domain) : std::vector<rankloop::DomainChange>{};
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("good").flag(check.domain != nullptr).key("faults");
  write_faults(json, check.faults);
  json.key("in_use").flag(in_use);
  json.key("taken_over").flag(check.domain != nullptr && (!in_use || only_adds(changes))).key("changes");
  write_changes(json, changes);
  json.end_object();
  return out;
}

awaitable<Response> diff_domain(Services& services, Request& request) {
  const auto text = std::make_shared<const std::string>(std::move(request.body));
  co_return text_response(co_await blocking_result<std::string>(
      services.lists,
      [&served = services.domain, &control = services.domain_control, text]() -> Result<std::string> {
        const auto state = control.state();
        if (!state) return state.error();
        return diff_json(served, read_domain(*text, "the body"), state->in_use);
      }));
}

// 422: where each fault stands.
Error refusal_of(const DomainCheck& check) {
  Error error{ErrorCode::kInvalidArgument, "the domain file is not good"};
  for (const DomainFault& fault : check.faults) {
    if (error.faults.size() == kMostFaults) break;
    error.faults.push_back({{"body", "line", std::to_string(fault.line), std::to_string(fault.column)},
                            fault.message,
                            "domain_file"});
  }
  return error;
}

Status take_domain(DomainControl& control, const Domain& served, const std::string& text,
                   const std::string& actor) {
  DomainCheck check = read_domain(text, "the body");
  if (!check.domain) return refusal_of(check);
  return text == served.source ? Status{} : control.change(std::move(check.domain), actor);
}

std::string_view unquoted(std::string_view tag) {
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
  return tag;
}

// Answered before the change is made: the answer is under way in what the change replaces.
awaitable<Response> put_domain(Services& services, Request& request) {
  const std::string_view wanted = unquoted(request.header(kIfMatch.name));
  if (wanted.empty()) {
    Error missing{ErrorCode::kInvalidArgument, "If-Match is missing"};
    missing.faults.push_back({{"header", std::string{kIfMatch.name}}, "Field required", "missing"});
    co_return error_response(missing);
  }
  if (wanted != text_fingerprint(services.domain.source)) {
    co_return detail_response(412,
                              "another domain is served by now: read it by GET /domain, and change that one");
  }
  const auto text = std::make_shared<const std::string>(std::move(request.body));
  const Status taken = co_await blocking_result<void>(
      services.lists,
      [&control = services.domain_control, &served = services.domain, text,
       actor = std::string{request.actor}] { return take_domain(control, served, *text, actor); });
  if (!taken) co_return error_response(taken.error());
  co_return json_response(R"({"fingerprint":")" + text_fingerprint(*text) + R"("})", 202);
}

std::string inferred_json(const infer::Inferred& inferred) {
  boost::json::object object = infer::to_object(inferred);
  object["text"] = inferred.text;
  return boost::json::serialize(object);
}

bool is_json_lines(std::string_view content_type) {
  return content_type.starts_with("application/x-ndjson") || content_type.starts_with("application/jsonl");
}

awaitable<Response> infer_domain(Services& services, Request& request) {
  QueryReader query{request};
  const std::string file = query.read(kFile);
  infer::Options options{.text = text_options(services, request, query),
                         .separator = read_separator(query),
                         .part = query.read(kPart),
                         .lines = is_json_lines(request.header("Content-Type"))};
  const std::string id_column = query.read(kIdColumn);
  if (!id_column.empty() || query.read(kNumberRows)) options.id_column = id_column;
  auto corrections = infer::read_corrections(query.read(kCorrections));
  if (!corrections) query.fault(kCorrections.name, corrections.error().message, "value_error");
  if (const Status status = query.status(); !status) co_return error_response(status.error());
  options.corrections = *std::move(corrections);
  const tables::Bytes body = request.take_body();
  co_return text_response(co_await blocking_result<std::string>(
      services.lists, [body, file, options = std::move(options)]() -> Result<std::string> {
        const auto inferred = infer::infer_domain({{file, body}, std::nullopt, std::nullopt}, options);
        if (!inferred) return inferred.error();
        return inferred_json(*inferred);
      }));
}

const char kTomlBody[] = R"({"type":"string","format":"binary","description":"A domain file"})";
const char kStateSchema[] =
    R"({"type":"object","required":["name","title","fingerprint","file","in_use","refusal","fault","text"],)"
    R"("properties":{"name":{"type":"string"},"title":{"type":"string"},)"
    R"("fingerprint":{"type":"string","description":"Of the text, for If-Match"},)"
    R"("file":{"type":["string","null"],"description":"Where the next start reads it from; null: it is built in"},)"
    R"("in_use":{"type":"boolean","description":"The store has items, requests or models: it may only be added to"},)"
    R"("refusal":{"type":["string","null"],"description":"Why it cannot be changed from here"},)"
    R"("fault":{"type":["string","null"],"description":"Why the last change was taken back"},)"
    R"("text":{"type":"string"}}})";
const char kDiffSchema[] =
    R"({"type":"object","required":["good","faults","in_use","taken_over","changes"],"properties":{)"
    R"("good":{"type":"boolean"},"faults":{"type":"array","items":{"type":"object",)"
    R"("required":["line","column","message"],"properties":{"line":{"type":"integer"},)"
    R"("column":{"type":"integer"},"message":{"type":"string"}}}},"in_use":{"type":"boolean"},)"
    R"("taken_over":{"type":"boolean","description":"PUT /domain would take it"},)"
    R"("changes":{"type":"array","items":{"type":"object","required":["what","means","additive"],)"
    R"("properties":{"what":{"type":"string"},"means":{"type":"string"},)"
    R"("additive":{"type":"boolean","description":"false: a store in use refuses it"}}}}}})";
const char kTakenSchema[] =
    R"({"type":"object","required":["fingerprint"],"properties":{"fingerprint":{"type":"string",)"
    R"("description":"What GET /domain answers once the change is made"}}})";
const char kInferredSchema[] =
    R"({"type":"object","required":["name","id_column","number_rows","items","columns","doubts","text"],)"
    R"("properties":{"name":{"type":"string"},"id_column":{"type":"string","description":"Empty: none"},)"
    R"("number_rows":{"type":"boolean","description":"What the import of this table needs"},)"
    R"("items":{"type":"object","required":["rows","bad_rows","whole_file","separator","encoding"],)"
    R"("properties":{"rows":{"type":"integer"},"bad_rows":{"type":"integer"},"whole_file":{"type":"boolean"},)"
    R"("separator":{"type":"string"},"encoding":{"type":"string"}}},)"
    R"("history":{"type":"null"},"requests":{"type":"null"},"columns":{"type":"array","items":{"type":"object",)"
    R"("required":["table","column","role","field","type","seen","feature","required","values","doubts"],)"
    R"("properties":{"table":{"type":"string"},"column":{"type":"string"},"role":{"type":"string"},)"
    R"("field":{"type":"string"},"type":{"type":"string"},"seen":{"type":"string"},)"
    R"("feature":{"type":"boolean"},"required":{"type":"boolean"},)"
    R"("values":{"type":"array","items":{"type":"string"}},)"
    R"("doubts":{"type":"array","items":{"type":"string"}}}}},)"
    R"("doubts":{"type":"array","items":{"type":"string"}},"text":{"type":"string"}}})";

Route get_route(Services& services) {
  return {.method = Method::kGet,
          .path = "/domain",
          .handle = bind_handler(services, get_domain),
          .operation = "get_domain",
          .tag = "domain",
          .summary = "The domain file that is served",
          .answers = {{200, "The file, and whether it can be changed", kStateSchema}}};
}

Route diff_route(Services& services) {
  return {.method = Method::kPost,
          .path = "/domain:diff",
          .handle = bind_handler(services, diff_domain),
          .operation = "diff_domain",
          .tag = "domain",
          .summary = "What another domain file would mean for this store",
          .description = "Changes nothing. A file with faults has no changes.",
          .body_schema = kTomlBody,
          .body_types = {kToml},
          .body_examples = {services.domain.source},
          .answers = {{200, "The faults, or the changes", kDiffSchema}},
          .max_body = kMaxTomlBytes};
}

Route put_route(Services& services) {
  Parameter if_match = in_header(kIfMatch);
  if_match.required = true;
  return {.method = Method::kPut,
          .path = "/domain",
          .handle = bind_handler(services, put_domain),
          .operation = "put_domain",
          .tag = "domain",
          .summary = "Serve another domain from now on",
          .description =
              "A store in use takes what adds to its domain; one without items, requests and models takes "
              "any. The "
              "file is kept for the next start, then what is under way is answered and the server goes on "
              "with the "
              "new domain: for about a second new connections wait. Should it not open, the old one goes on, "
              "and GET "
              "/domain says why.",
          .parameters = {std::move(if_match)},
          .body_schema = kTomlBody,
          .body_types = {kToml},
          .body_examples = {services.domain.source},
          .answers = {{202, "Kept; the change is under way", kTakenSchema},
                      {409, "Not on this server, or not to this domain", schema_of("Error")},
                      {412, "Another domain is served by now", schema_of("Error")}},
          .max_body = kMaxTomlBytes};
}

Route infer_route(Services& services) {
  const std::vector<std::string> examples = import_examples(services.domain, example_item(services));
  return {
      .method = Method::kPost,
      .path = "/domain:infer",
      .handle = bind_handler(services, infer_domain),
      .operation = "infer_domain",
      .tag = "domain",
      .summary = "A first domain file for a table of items, or for lines of JSON",
      .description =
          "Looks at the first 20,000 rows. Nothing is kept. The body may be packed by gzip or zstd.",
      .parameters = {in_query(kFile), in_query(kIdColumn), in_query(kNumberRows), in_query(kCorrections),
                     in_query(kSeparator), in_query(kEncoding), in_query(kPart)},
      .body_schema = R"({"type":"string","format":"binary"})",
      .body_types = {"text/csv", "text/tab-separated-values", "application/x-ndjson", "application/jsonl"},
      .body_examples = examples,
      .answers = {{200, "The file, and what was seen in each column", kInferredSchema}},
      .max_body = services.max_import,
      .stores_body = true};
}

}  // namespace

std::vector<Route> domain_routes(Services& services) {
  std::vector<Route> routes;
  routes.push_back(get_route(services));
  routes.push_back(put_route(services));
  routes.push_back(diff_route(services));
  routes.push_back(infer_route(services));
  return routes;
}

}  // namespace rankloop::http
