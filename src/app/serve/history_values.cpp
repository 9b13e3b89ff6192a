// Looks at the folds once, for one subject.
#include "app/serve/history_values.h"

#include <charconv>
#include <cmath>

#include <boost/json/object.hpp>

#include "domain/field_value.h"
#include "domain/history_words.h"

namespace rankloop::app {
namespace {

constexpr ml::SessionKey kNoRequest = 0;  // that could name a session

template <class Number>
boost::json::value number_or_null(Number number) {
  return std::isnan(number) ? boost::json::value(nullptr) : boost::json::value(static_cast<double>(number));
}

// A list of items has their numbers as words.
boost::json::value listed(ItemNames& names, const HistoryFeature& feature, const Words& words) {
  if (!words) return nullptr;
  boost::json::array list;
  for (const std::string& word : *words) {
    ItemId item;
    std::from_chars(word.data(), word.data() + word.size(), item.value);
    list.push_back(feature.word ? boost::json::value(word) : names.value(item));
  }
  return list;
}

Values nothing_said(const Schema& requests) {
  return {.numbers = std::vector<double>(requests.columns().size(), kAbsent),
          .words = std::vector<Words>(requests.words().size()),
          .texts = {}};
}

std::string subject_of(const Domain& domain, const HistoryFeature& feature) {
  if (feature.of == HistoryOf::kPerson) return "person";
  if (feature.of == HistoryOf::kItem) return "item";
  return "item." + std::string{domain.candidates.words()[*feature.word]};
}

boost::json::object described(const Domain& domain, const HistoryFeature& feature) {
  return {{"name", feature.name},
          {"of", subject_of(domain, feature)},
          {"own", feature.own || feature.of_request()},
          {"unit", unit_of(feature)},
          {"means", meaning_of(domain, feature)}};
}

}  // namespace

std::vector<HistoryValue> values_of_person(ItemNames& names, const Values& request) {
  std::vector<HistoryValue> values;
  for (const HistoryFeature& feature : names.domain().histories) {
    if (!feature.of_request()) continue;
    values.push_back({&feature, feature.makes_words() ? listed(names, feature, request.words[feature.column])
                                                      : number_or_null(request.numbers[feature.column])});
  }
  return values;
}

std::vector<HistoryValue> values_of_item(const Domain& domain, std::span<const float> known) {
  std::vector<HistoryValue> values;
  for (std::size_t h = 0; h < domain.histories.size(); ++h) {
    if (domain.histories[h].of_request()) continue;
    values.push_back({&domain.histories[h], h < known.size() ? number_or_null(known[h]) : nullptr});
  }
  return values;
}

Result<std::vector<HistoryValue>> HistoryValues::of_person(const PersonKey& person) {
  if (const auto known = persons_.person(person); !known) return known.error();
  Values said = nothing_said(domain_->requests);
  if (!histories_.any()) return values_of_person(serving_.item_names(), said);
  const auto catalog = serving_.current()->catalog;
  const Status looked = histories_.look(person, [&](const KnownHistory& known) {
    ml::KnownPast(known.plan, known.fold, known.person, moment_of(clock_.wall()), kNoRequest, *catalog)
        .tell(said);
  });
  if (!looked) return looked.error();
  return values_of_person(serving_.item_names(), said);
}

Result<std::vector<HistoryValue>> HistoryValues::of_item(const ItemName& name) {
  ItemNames& names = serving_.item_names();
  const auto item = names.find(name);
  if (!item) return item.error();
  const auto catalog = serving_.current()->catalog;
  if (!catalog->find(*item)) return names.not_found(name);
  std::vector<float> values;
  if (!histories_.any()) return values_of_item(*domain_, values);
  const Status looked = histories_.look({}, [&](const KnownHistory& known) {
    ml::KnownPast(known.plan, known.fold, known.person, moment_of(clock_.wall()), kNoRequest, *catalog)
        .append(items_in(known.plan, *catalog)(*item), values);
  });
  if (!looked) return looked.error();
  return values_of_item(*domain_, values);
}

boost::json::array to_json(const Domain& domain, std::span<const HistoryValue> histories) {
  boost::json::array array;
  for (const HistoryValue& history : histories) {
    boost::json::object object = described(domain, *history.feature);
    object["value"] = history.value;
    array.push_back(std::move(object));
  }
  return array;
}

boost::json::array histories_json(const Domain& domain) {
  boost::json::array array;
  for (const HistoryFeature& feature : domain.histories) array.push_back(described(domain, feature));
  return array;
}

}  // namespace rankloop::app
