#include "app/dataset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include <boost/json/parse.hpp>
#include <openssl/evp.h>

#include "domain/keyed_hash.h"
#include "ml/catalog.h"
#include "ml/feature_maker.h"
#include "ml/random_numbers.h"

namespace rankloop::app {
namespace {

struct Request {
  TestRequest about;
  bool randomised = false;
};

struct Row {
  std::uint32_t request = 0;  // index
  ItemId item;
  std::int64_t catalog_version = 0;
  ml::ShownAs shown;
  float label = 0;
  float weight = 1;
};

// What the choosers of one request did.
struct Outcome {
  std::map<ItemId, double> picks;  // by item: how many picked it; summed in this order
  double none = 0;
  double choosers = 1;
  bool known() const { return !picks.empty() || none > 0; }
};

Outcome outcome_of(const storage::ShownRequest& request) {
  Outcome outcome;
  double people = 0;
  bool counted = false;
  for (const storage::Feedback& feedback : request.feedback) {
    if (feedback.weight <= 0) continue;
    if (feedback.kind == "pick" && feedback.item) {
      double& picked = outcome.picks[*feedback.item];
      picked = std::max(picked, feedback.weight);  // the same pick again changes nothing
    } else if (feedback.kind == "none") {
      outcome.none = std::max(outcome.none, feedback.weight);
    }
    counted |= feedback.weight > 1;
  }
  for (const auto& [item, weight] : outcome.picks) people += weight;
  if (counted) outcome.choosers = people + outcome.none;
  return outcome;
}

std::uint64_t person_of(const storage::ShownRequest& request) {
  return request.user_key.empty() ? ml::mix_bits(static_cast<std::uint64_t>(request.id.value))
                                  : ml::hash_text(request.user_key);
}

class Gatherer {
 public:
  explicit Gatherer(const Domain& domain)
      : domain_(domain),
        layout_(ml::Catalog::empty({std::shared_ptr<void>{}, &domain})),
        features_(domain, layout_->item_columns()) {}

  void add(const storage::ShownRequest& shown, bool outcome_needed) {
    const Outcome outcome = outcome_of(shown);
    if (!outcome.known() && outcome_needed) {
      ++lineage_.without_outcome;
      return;
    }
    Result<Record> record = domain_.requests.read(shown.payload);
    if (!record) {
      ++lineage_.unreadable;
      return;
    }
    if (outcome.picks.empty()) ++lineage_.none_chosen;
    const auto index = static_cast<std::uint32_t>(requests_.size());
    requests_.push_back({{shown.id, person_of(shown), shown.ranking.model, std::move(record->columns)},
                         drawn_uniformly(shown.ranking.policy)});
    for (std::size_t i = 0; i < shown.ranking.items.size(); ++i) {
      const RankedItem& ranked = shown.ranking.items[i];
      const auto picked = outcome.picks.find(ranked.item);
      const double share =
          picked == outcome.picks.end() ? 0 : std::min(1.0, picked->second / outcome.choosers);
      rows_.push_back({index,
                       ranked.item,
                       shown.ranking.catalog_version,
                       {static_cast<std::int32_t>(i + 1), ranked.propensity, shown.ranking.model, 0},
                       static_cast<float>(share),
                       static_cast<float>(outcome.choosers)});
      versions_.try_emplace(ranked.item);
    }
  }

  // The values of every item that was shown, in every version.
  Status read_items(storage::Store& store) {
    Status fault;
    const Status read = store.each_item_version([&](const storage::ItemRecord& item) {
      const auto wanted = versions_.find(item.id);
      if (wanted == versions_.end() || item.deleted || !fault) return;
      const Result<Record> record = domain_.items.read(item.payload);
      if (!record) {
        fault = record.error();
        return;
      }
      wanted->second.push_back({item.version, layout_->pick_columns(record->columns)});
    });
    return read ? fault : read;
  }

  std::size_t requests() const { return requests_.size(); }
  Lineage& lineage() { return lineage_; }
  const std::vector<Request>& all_requests() const { return requests_; }

  // The rows of requests [first, last).
  DatasetPart part(std::size_t first, std::size_t last) const {
    DatasetPart part;
    ml::LabelledRows& rows = part.rows;
    rows.features = features_.width();
    const auto before = [](const Row& row, std::size_t request) { return row.request < request; };
    auto row = std::lower_bound(rows_.begin(), rows_.end(), first, before);
    const auto end = std::lower_bound(rows_.begin(), rows_.end(), last, before);
    rows.values.reserve(static_cast<std::size_t>(end - row) * rows.features);
    for (; row != end; ++row) {
      const Version* version = version_of(*row);
      if (version == nullptr) continue;  // a list imported with an item that never was
      const Request& request = requests_[row->request];
      features_.append(request.about.columns, version->values, rows.values);
      rows.labels.push_back(row->label);
      rows.weights.push_back(row->weight);
      rows.requests.push_back(request.about.id.value);
      rows.items.push_back(row->item);
      rows.shown.push_back(row->shown);
      rows.shown.back().item_version = version->version;
      part.randomised.push_back(request.randomised ? 1 : 0);
    }
    return part;
  }

 private:
  struct Version {
    std::int64_t version = 0;
    std::vector<float> values;
  };

  const Version* version_of(const Row& row) const {
    const std::vector<Version>& versions = versions_.at(row.item);
    const auto after =
        std::upper_bound(versions.begin(), versions.end(), row.catalog_version,
                         [](std::int64_t at, const Version& version) { return at < version.version; });
    return after == versions.begin() ? nullptr : &*std::prev(after);
  }

  const Domain& domain_;
  const std::shared_ptr<const ml::Catalog> layout_;
  const ml::FeatureMaker features_;
  std::vector<Request> requests_;
  std::vector<Row> rows_;
  std::unordered_map<ItemId, std::vector<Version>, KeyedHash> versions_;
  Lineage lineage_;
};

class Sha256 {
 public:
  Sha256() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

  template <class T>
  void add(const std::vector<T>& numbers) {
    EVP_DigestUpdate(context_.get(), numbers.data(), numbers.size() * sizeof(T));
  }
  std::string hex() {
    std::array<unsigned char, 32> digest{};
    EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
    std::string text;
    for (const unsigned char byte : digest) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

std::string hash_of(const Dataset& dataset) {
  Sha256 hash;
  for (const DatasetPart* part : {&dataset.train, &dataset.validation, &dataset.test}) {
    hash.add(part->rows.values);
    hash.add(part->rows.labels);
    hash.add(part->rows.weights);
    hash.add(part->rows.requests);
    hash.add(part->rows.items);
    static_assert(sizeof(ml::ShownAs) == 24, "no byte of it is padding");
    hash.add(part->rows.shown);
    hash.add(part->randomised);
  }
  return hash.hex();
}

std::size_t share_of(double share, std::size_t count) {
  return static_cast<std::size_t>(std::lround(share * static_cast<double>(count)));
}

Error cancelled() {
  return {ErrorCode::kAborted, "training was cancelled"};
}

}  // namespace

Result<Dataset> read_dataset(storage::Store& store, const Domain& domain, const DatasetOptions& options,
                             const std::stop_token& stop) {
  InferenceId after;
  if (options.window > 0) {
    const Result<InferenceId> first = store.nth_newest_outcome(options.window);
    if (!first) return first.error();
    after.value = std::max<std::int64_t>(first->value - 1, 0);
  }
  Gatherer gatherer(domain);
  const Status read = store.each_shown(after, [&](const storage::ShownRequest& request) {
    gatherer.add(request, true);
    return !stop.stop_requested();
  });
  if (!read) return read.error();
  if (stop.stop_requested()) return cancelled();
  if (const Status items = gatherer.read_items(store); !items) return items.error();
  if (stop.stop_requested()) return cancelled();

  const std::size_t requests = gatherer.requests();
  const std::size_t test = requests - share_of(options.test_share, requests);
  const std::size_t validation = test - share_of(options.validation_share, test);
  Dataset dataset;
  dataset.train = gatherer.part(0, validation);
  dataset.validation = gatherer.part(validation, test);
  dataset.test = gatherer.part(test, requests);
  for (std::size_t r = test; r < requests; ++r) {
    dataset.test_requests.push_back(gatherer.all_requests()[r].about);
  }
  Lineage& lineage = dataset.lineage = gatherer.lineage();
  lineage.requests = static_cast<std::int64_t>(requests);
  lineage.train_requests = static_cast<std::int64_t>(validation);
  lineage.validation_requests = static_cast<std::int64_t>(test - validation);
  lineage.test_requests = static_cast<std::int64_t>(requests - test);
  lineage.rows = static_cast<std::int64_t>(dataset.train.rows.rows() + dataset.validation.rows.rows() +
                                           dataset.test.rows.rows());
  if (requests > 0) {
    lineage.first = gatherer.all_requests().front().about.id;
    lineage.last = gatherer.all_requests().back().about.id;
    if (test > 0) lineage.trained_until = gatherer.all_requests()[test - 1].about.id;
  }
  lineage.hash = hash_of(dataset);
  return dataset;
}

Result<ml::LabelledRows> read_recent_rows(storage::Store& store, const Domain& domain,
                                          std::int64_t requests) {
  const InferenceId after{std::max<std::int64_t>(store.counts().inferences - requests, 0)};
  Gatherer gatherer(domain);
  const Status read = store.each_shown(after, [&](const storage::ShownRequest& request) {
    gatherer.add(request, false);
    return true;
  });
  if (!read) return read.error();
  if (const Status items = gatherer.read_items(store); !items) return items.error();
  return gatherer.part(0, gatherer.requests()).rows;
}

std::string to_json(const Lineage& lineage) {
  std::string json = R"({"source":"ledger")";
  const auto add = [&](std::string_view name, std::int64_t number) {
    json += ",\"";
    json += name;
    json += "\":" + std::to_string(number);
  };
  add("first", lineage.first.value);
  add("trained_until", lineage.trained_until.value);
  add("last", lineage.last.value);
  add("requests", lineage.requests);
  add("none_chosen", lineage.none_chosen);
  add("without_outcome", lineage.without_outcome);
  add("unreadable", lineage.unreadable);
  add("rows", lineage.rows);
  add("train_requests", lineage.train_requests);
  add("validation_requests", lineage.validation_requests);
  add("test_requests", lineage.test_requests);
  json += R"(,"hash":")" + lineage.hash + '"';
  return json;
}

InferenceId request_in_lineage(const std::string& json, std::string_view name) {
  boost::system::error_code fault;
  const boost::json::value lineage = boost::json::parse(json, fault);
  if (fault || !lineage.is_object()) return {};
  const boost::json::value* number = lineage.get_object().if_contains(name);
  return {number != nullptr && number->is_int64() ? number->get_int64() : 0};
}

}  // namespace rankloop::app
