// What the domain's histories say at this moment of a person or an item, by the code that ranks with them:
// what a ranking that began now would know.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "app/serve/histories.h"
#include "app/serve/item_names.h"
#include "app/serve/serving.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "storage/persons.h"

namespace rankloop::app {

// Of one history at one moment.
struct HistoryValue {
  const HistoryFeature* feature = nullptr;  // of the domain
  boost::json::value value;                 // a number, words, or names of items; null: absent
};

// What `request` says of who asks, once histories have told it (ml::KnownPast::tell), and what they say of an
// item, one of `known` for each of the domain (ml::KnownPast::append); empty: nothing is known of it.
std::vector<HistoryValue> values_of_person(ItemNames& names, const Values& request);
std::vector<HistoryValue> values_of_item(const Domain& domain, std::span<const float> known);

// Blocks. Thread-safe.
class HistoryValues {
 public:
  HistoryValues(std::shared_ptr<const Domain> domain, storage::Persons& persons, Histories& histories,
                Serving& serving, const Clock& clock)
      : domain_(std::move(domain)),
        persons_(persons),
        histories_(histories),
        serving_(serving),
        clock_(clock) {}

  // The histories of who asks, in the order of the file; none where the domain has none. kNotFound: nothing
  // is known of this person.
  Result<std::vector<HistoryValue>> of_person(const PersonKey& person);
  // The histories of items; those of what the person who asks did are absent. kNotFound: there is no such
  // item, or no more.
  Result<std::vector<HistoryValue>> of_item(const ItemName& item);

 private:
  const std::shared_ptr<const Domain> domain_;
  storage::Persons& persons_;
  Histories& histories_;
  Serving& serving_;
  const Clock& clock_;
};

// [{"name":"buy_rate","of":"item","own":false,"unit":"rate","means":"...","value":0.1}, ...]
boost::json::array to_json(const Domain& domain, std::span<const HistoryValue> histories);
// Likewise of all that the domain has, without values.
boost::json::array histories_json(const Domain& domain);

}  // namespace rankloop::app
