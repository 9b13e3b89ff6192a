// A person's key is checked as in a request.
#include "http/routes/person_path.h"

#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "app/serve/request_envelope.h"
#include "http/described_inputs.h"
#include "http/routes/inputs.h"

namespace rankloop::http {

Result<PersonKey> person_in_path(const Request& request) {
  const std::string& key = request.path_values.front();
  if (auto wrong = fault_of(app::kUserKey, key)) {
    return invalid_fields(
        {{{"path", std::string{app::kUserKey.name}}, std::move(wrong->message), std::string{wrong->type}}});
  }
  return key;
}

Parameter person_parameter() {
  boost::json::object schema;
  add_text(schema, app::kUserKey);
  schema["examples"] = boost::json::array{"person-17"};
  return {std::string{app::kUserKey.name}, "path", boost::json::serialize(schema), "The person's own id",
          true};
}

}  // namespace rankloop::http
