// Models, domain versions, event counts and kept answers.
#include <openssl/sha.h>

#include <array>

#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

ModelId insert_model(Database& database, const NewModel& model, const std::string& artefact_hash) {
  database.run("add_artefact", artefact_hash, Blob{model.artefact});
  if (model.promote) database.run("demote_all");
  database.run("add_model", model.family, model.feature_fingerprint, artefact_hash, model.metrics, model.lineage,
               model.domain_version, model.at, model.promote);
  const ModelId id{database.last_id()};
  const std::string_view what = model.promote ? "promoted" : "added";
  database.run("add_model_history", model.at, what, id, model.actor, model.reason);
  database.run("increase_counter", std::string_view("registry_version"));
  return id;
}

// The writer's thread alone counts, one by one, so memory and the stored counter stay in step.
void SqliteStore::registry_moved() { listener_.registry_changed(++registry_version_); }

void SqliteStore::add_model(NewModel model, Done<ModelId> done) {
  std::string hash = sha256_hex(model.artefact);
  submit<ModelId>(
      [model = std::move(model), hash = std::move(hash)](WriteTransaction& transaction) -> Result<ModelId> {
        return insert_model(transaction.database(), model, hash);
      },
      std::nullopt,
      [this](const Result<ModelId>& added) {
        if (added) registry_moved();
      },
      std::move(done));
}

void SqliteStore::adopt_domain(std::string name, std::string fingerprint, std::string source, WallTime at,
                               Done<int> done) {
  submit<int>(
      [name = std::move(name), fingerprint = std::move(fingerprint), source = std::move(source),
       at](WriteTransaction& transaction) -> Result<int> {
        Database& database = transaction.database();
        database.run("add_domain", name, fingerprint, source, at);
        return static_cast<int>(database.last_id());
      },
      std::nullopt, nullptr, std::move(done));
}

void SqliteStore::count_events(std::vector<EventCount> counts, Done<void> done) {
  submit<void>(
      [counts = std::move(counts)](WriteTransaction& transaction) -> Status {
        for (const EventCount& event : counts) {
          transaction.database().run("count_event", event.kind, event.minute, event.count);
        }
        return {};
      },
      std::nullopt, nullptr, std::move(done));
}

// The write is empty: what is kept with it is all there is.
void SqliteStore::keep_answer(std::string key, KeptAnswer answer, WallTime at, Done<void> done) {
  submit<void>(
      [key = std::move(key), answer = std::move(answer), at](WriteTransaction& transaction) -> Status {
        std::optional<Blob> task;
        if (answer.task) task = blob(*answer.task);
        transaction.database().run("keep_answer", key, Blob{answer.fingerprint}, answer.status, Blob{answer.body},
                                   task, at);
        return {};
      },
      std::nullopt, nullptr, std::move(done));
}

void SqliteStore::forget_answers(WallTime older_than, Done<std::int64_t> done) {
  submit<std::int64_t>(
      [older_than](WriteTransaction& transaction) -> Result<std::int64_t> {
        return transaction.database().run("forget_answers", older_than);
      },
      std::nullopt, nullptr, std::move(done));
}

}  // namespace rankloop::storage::sqlite
