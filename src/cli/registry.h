// The registry of models as commands reach it: through the running server, or in a store that no server uses.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <boost/json/value.hpp>

#include "config/settings.h"
#include "domain/ids.h"
#include "error/result.h"

namespace rankloop::cli {

struct RegistryPlace {
  std::string config_file;
  std::map<std::string, std::string> settings;
  std::string url;  // empty: the server of the data directory if one runs, else the store itself
};

// --url, --config and --data-dir.
void add_server_options(CLI::App& command, RegistryPlace& place);

// The address of the server that a command asks when no store will do: the one named, the one that serves the
// data directory, or the usual one.
std::string server_to_ask(const RegistryPlace& place, const config::Settings& settings);

// Answers are the API's: see GET /models in docs. Blocks.
class Registry {
 public:
  virtual ~Registry() = default;
  virtual Result<boost::json::value> list() = 0;
  virtual Result<boost::json::value> show(ModelId id) = 0;
  virtual Result<boost::json::value> history() = 0;
  virtual Result<boost::json::value> promote(ModelId id, const std::string& reason) = 0;
  virtual Result<boost::json::value> rollback(const std::string& reason) = 0;
  virtual Result<boost::json::value> share(ModelId id, double share, const std::string& reason) = 0;
  virtual Result<boost::json::value> shadow(ModelId id, bool on, const std::string& reason) = 0;
  virtual Result<boost::json::value> remove(ModelId id, const std::string& reason) = 0;
  virtual Result<boost::json::value> add(std::string artefact) = 0;
  virtual Result<std::string> artefact(ModelId id) = 0;
};

// A stopped store that is only to be read is left as it is.
enum class RegistryUse { kRead, kChange };

// Errors as Application::build, or of the connection. kNotFound: there is neither a server nor a store; none
// is made.
Result<std::unique_ptr<Registry>> open_registry(const RegistryPlace& place, RegistryUse use);

}  // namespace rankloop::cli
