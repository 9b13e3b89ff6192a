// The registry over HTTP or in a store of its own.
#include "cli/registry.h"

#include <chrono>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include "app/learn/model_json.h"
#include "cli/serve.h"
#include "client/http_client.h"
#include "server/data_directory.h"
#include "server/offline.h"
#include "storage/written.h"

namespace rankloop::cli {
namespace {

constexpr std::chrono::seconds kDeadline{60};
const std::string kActor = "cli";

std::string path_of(ModelId id, std::string_view what = {}) {
  return "/models/" + std::to_string(id.value) + std::string{what};
}

class ServerRegistry final : public Registry {
 public:
  explicit ServerRegistry(client::HttpClient server) : server_(std::move(server)) {}

  Result<boost::json::value> list() override { return ask("GET", "/models"); }
  Result<boost::json::value> show(ModelId id) override { return ask("GET", path_of(id)); }
  Result<boost::json::value> history() override { return ask("GET", "/models/history?limit=1000"); }
  Result<boost::json::value> promote(ModelId id, const std::string& reason) override {
    return change(path_of(id, "/promote"), {{"reason", reason}});
  }
  Result<boost::json::value> rollback(const std::string& reason) override {
    return change("/models/rollback", {{"reason", reason}});
  }
  Result<boost::json::value> share(ModelId id, double share, const std::string& reason) override {
    return change(path_of(id, "/share"), {{"share", share}, {"reason", reason}});
  }
  Result<boost::json::value> shadow(ModelId id, bool on, const std::string& reason) override {
    return change(path_of(id, "/shadow"), {{"shadow", on}, {"reason", reason}});
  }
  Result<boost::json::value> remove(ModelId id, const std::string& reason) override {
    return ask("DELETE",
               path_of(id, reason.empty()
                               ? ""
                               : "?reason=" + boost::urls::encode(reason, boost::urls::unreserved_chars)));
  }
  Result<boost::json::value> add(std::string artefact) override {
    return ask("POST", "/models", "application/octet-stream", artefact);
  }
  Result<std::string> artefact(ModelId id) override { return fetch("GET", path_of(id, "/artefact"), {}, {}); }

 private:
  Result<boost::json::value> change(const std::string& path, boost::json::object body) {
    body["actor"] = kActor;
    return ask("POST", path, "application/json", boost::json::serialize(body));
  }

  Result<boost::json::value> ask(std::string_view method, const std::string& path, std::string_view type = {},
                                 std::string_view body = {}) {
    const Result<std::string> text = fetch(method, path, type, body);
    if (!text) return text.error();
    return boost::json::parse(*text);
  }

  Result<std::string> fetch(std::string_view method, const std::string& path, std::string_view type,
                            std::string_view body) {
    auto answer =
        server_.ask({.method = method, .path = path, .content_type = type, .body = body}, kDeadline);
    if (!answer) return answer.error();
    if (answer->status / 100 == 2) return std::move(answer->body);
    return Error{ErrorCode::kFailedPrecondition,
                 "the server answered " + std::to_string(answer->status) + ": " + answer->body};
  }

  client::HttpClient server_;
};

class StoredRegistry final : public Registry {
 public:
  // `models` are of `store`, which it keeps open.
  StoredRegistry(std::shared_ptr<void> store, app::Models& models)
      : store_(std::move(store)), models_(models) {}

  Result<boost::json::value> list() override {
    const auto models = registry().list();
    if (!models) return models.error();
    boost::json::array array;
    for (const app::ModelView& model : *models) array.push_back(app::to_object(model, app::Detail::kBrief));
    return boost::json::value(std::move(array));
  }
  Result<boost::json::value> show(ModelId id) override {
    const auto model = registry().get(id);
    if (!model) return model.error();
    return boost::json::value(app::to_object(*model, app::Detail::kFull));
  }
  Result<boost::json::value> history() override {
    const auto events = registry().history(std::nullopt, 1000);
    if (!events) return events.error();
    boost::json::array array;
    for (const storage::ModelEvent& event : *events) array.push_back(app::to_object(event));
    return boost::json::value(std::move(array));
  }
  Result<boost::json::value> promote(ModelId id, const std::string& reason) override {
    return changed(
        [&](auto done) { registry().promote(id, {kActor, reason}, std::nullopt, std::move(done)); });
  }
  Result<boost::json::value> rollback(const std::string& reason) override {
    return changed([&](auto done) { registry().rollback({kActor, reason}, std::nullopt, std::move(done)); });
  }
  Result<boost::json::value> share(ModelId id, double share, const std::string& reason) override {
    return changed(
        [&](auto done) { registry().share(id, share, {kActor, reason}, std::nullopt, std::move(done)); });
  }
  Result<boost::json::value> shadow(ModelId id, bool on, const std::string& reason) override {
    return changed(
        [&](auto done) { registry().shadow(id, on, {kActor, reason}, std::nullopt, std::move(done)); });
  }
  Result<boost::json::value> remove(ModelId id, const std::string& reason) override {
    return changed(
        [&](auto done) { registry().remove(id, {kActor, reason}, std::nullopt, std::move(done)); });
  }
  Result<boost::json::value> add(std::string artefact) override {
    const auto id = storage::written<ModelId>(
        [&](auto done) { registry().import(std::move(artefact), {kActor, "imported"}, std::move(done)); });
    if (!id) return id.error();
    return boost::json::value{{"model_id", id->value}};
  }
  Result<std::string> artefact(ModelId id) override {
    const auto bytes = registry().artefact(id);
    if (!bytes) return bytes.error();
    return **bytes;
  }

 private:
  app::Models& registry() { return models_; }

  template <class Begin>
  static Result<boost::json::value> changed(const Begin& begin) {
    const auto record = storage::written<storage::ModelRecord>(begin);
    if (!record) return record.error();
    return boost::json::parse(app::record_json(*record));
  }

  const std::shared_ptr<void> store_;
  app::Models& models_;
};

template <class Opened>
std::unique_ptr<Registry> stored_registry(Opened store, app::Models& models) {
  return std::make_unique<StoredRegistry>(std::shared_ptr<void>{std::move(store)}, models);
}

}  // namespace

void add_server_options(CLI::App& command, RegistryPlace& place) {
  command
      .add_option("--url", place.url, "The server (default: the one that serves the data directory, if any)")
      ->type_name("URL");
  command.add_option("--config", place.config_file, "Settings file")->type_name("FILE");
  command
      .add_option_function<std::string>(
          "--data-dir", [&place](const std::string& text) { place.settings["data_dir"] = text; },
          "Folder of the embedded store")
      ->type_name("DIR");
}

std::string server_to_ask(const RegistryPlace& place, const config::Settings& settings) {
  if (!place.url.empty()) return place.url;
  auto running = server::address_of_running_server(settings.data_dir);
  return running ? *std::move(running) : std::string{"http://127.0.0.1:4789"};
}

Result<std::unique_ptr<Registry>> open_registry(const RegistryPlace& place, RegistryUse use) {
  const auto settings = read_settings(place.config_file, place.settings);
  if (!settings) return settings.error();
  std::string url = place.url;
  if (url.empty()) {
    if (const auto running = server::address_of_running_server(settings->data_dir)) url = *running;
  }
  if (!url.empty()) {
    auto server = client::HttpClient::of(url, settings->auth_token);
    if (!server) return server.error();
    return std::unique_ptr<Registry>{std::make_unique<ServerRegistry>(*std::move(server))};
  }
  if (Status there = server::check_store_is_there(*settings); !there) return there.error();
  if (use == RegistryUse::kRead && settings->store.empty()) {
    auto store = server::StoreToRead::open(*settings);
    if (!store) return store.error();
    app::Models& models = (*store)->models();
    return stored_registry(*std::move(store), models);
  }
  config::Settings as_it_is = *settings;
  as_it_is.empty = true;  // what the first start would add is nobody's wish here
  auto offline = server::open_offline(as_it_is);
  if (!offline) return offline.error();
  app::Models& models = (*offline)->workspace.app().models;
  return stored_registry(*std::move(offline), models);
}

}  // namespace rankloop::cli
