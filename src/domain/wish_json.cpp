// Makes tables of JSON, so that wishes have one reader.
#include "domain/wish_json.h"

#include <algorithm>
#include <utility>

#include <boost/json/serialize.hpp>

#include "domain/named_sides.h"
#include "domain/strict_json.h"
#include "domain/wish_file.h"

namespace rankloop {
namespace {

void put(toml::table& table, std::string_view key, const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::string:
      table.insert_or_assign(key, std::string{value.get_string()});
      return;
    case boost::json::kind::bool_:
      table.insert_or_assign(key, value.get_bool());
      return;
    case boost::json::kind::int64:
      table.insert_or_assign(key, value.get_int64());
      return;
    case boost::json::kind::uint64:
    case boost::json::kind::double_:
      table.insert_or_assign(key, value.to_number<double>());
      return;
    case boost::json::kind::array: {
      toml::array texts;
      for (const boost::json::value& each : value.get_array()) {
        if (each.is_string())
          texts.push_back(std::string{each.get_string()});
        else
          texts.push_back(toml::table{});  // no text, which is what it is refused for
      }
      table.insert_or_assign(key, std::move(texts));
      return;
    }
    case boost::json::kind::object:
    case boost::json::kind::null:
      table.insert_or_assign(key, toml::table{});
  }
}

toml::table table_of(const boost::json::object& given) {
  toml::table table;
  for (const auto& member : given) put(table, {member.key().data(), member.key().size()}, member.value());
  return table;
}

class RequestReader {
 public:
  RequestReader(std::string_view name, const Domain& domain) : name_(name), domain_(domain) {}

  Result<RequestWishes> read(const boost::json::value& given) {
    const auto* list = given.if_array();
    if (list == nullptr) {
      fault({}, "Input should be a valid list", "list_type");
    } else if (list->size() > kMostRequestWishes) {
      fault({}, name_ + " has " + std::to_string(list->size()) + " entries; allowed are up to 16",
            "too_long");
    } else {
      for (std::size_t i = 0; i < list->size(); ++i) read_one((*list)[i], std::to_string(i));
    }
    if (const std::size_t bytes = kept_text(wishes_.wishes).size(); bytes > kMostRequestWishBytes)
      fault({}, name_ + " has " + std::to_string(bytes) + " bytes; allowed are up to 4096", "too_long");
    if (!faults_.empty()) return invalid_fields(std::move(faults_));
    return std::move(wishes_);
  }

 private:
  void fault(std::vector<std::string> below, std::string message, std::string type = "value_error") {
    below.insert(below.begin(), {"body", name_});
    faults_.push_back({std::move(below), std::move(message), std::move(type)});
  }

  void read_one(const boost::json::value& given, const std::string& place) {
    const auto* object = given.if_object();
    if (object == nullptr) return fault({place}, "Input should be a valid dictionary", "dict_type");
    const toml::table parsed = table_of(*object);
    FileFaults found;
    TomlTable table(parsed, {}, found);
    if (table.has("off")) {
      read_off(table);
    } else if (auto wish = read_wish(table, domain_.named->sides(), domain_.feedback)) {
      place_named(*std::move(wish), table);
    }
    for (DomainFault& each : std::move(found).in_file_order()) fault({place}, std::move(each.message));
  }

  void place_named(Wish wish, TomlTable& table) {
    const bool taken = domain_.wish(wish.name) != nullptr ||
                       std::ranges::find(wishes_.wishes, wish.name, &Wish::name) != wishes_.wishes.end();
    if (taken) return table.fault("name", "the name " + quoted(wish.name) + " is already another wish's");
    place(wish, domain_.requests, domain_.candidates);
    wishes_.wishes.push_back(std::move(wish));
  }

  void read_off(TomlTable& table) {
    const std::string name = table.required_text("name");
    const auto off = table.flag("off");
    table.finish();
    if (off == false) table.fault("off", "off should be true, or left out");
    std::vector<std::string_view> names;
    for (const Wish& wish : domain_.wishes) names.push_back(wish.name);
    if (!name.empty() && domain_.wish(name) == nullptr)
      table.fault("name", "the domain has no wish " + quoted(name) + suggestion(name, names));
    wishes_.off.push_back(name);
  }

  const std::string name_;
  const Domain& domain_;
  RequestWishes wishes_;
  std::vector<FieldFault> faults_;
};

}  // namespace

std::vector<Wish> RequestWishes::beside(std::span<const Wish> of_domain) const {
  std::vector<Wish> all;
  for (const Wish& wish : of_domain) {
    if (std::ranges::find(off, wish.name) == off.end()) all.push_back(wish);
  }
  all.insert(all.end(), wishes.begin(), wishes.end());
  return all;
}

Result<RequestWishes> read_request_wishes(const boost::json::value& given, std::string_view name,
                                          const Domain& domain) {
  return RequestReader(name, domain).read(given);
}

std::string to_kept_text(const boost::json::value& given) {
  return boost::json::serialize(given);
}

Result<RequestWishes> read_kept_request_wishes(std::string_view text, const Domain& domain) {
  const auto given = parse_strict_json(text);
  if (!given) return Error(ErrorCode::kDataLoss, "the wishes of a request cannot be read");
  auto wishes = read_request_wishes(*given, "wishes", domain);
  if (!wishes) return Error(ErrorCode::kDataLoss, "the wishes of a request are none of this domain");
  return wishes;
}

Result<std::vector<Wish>> read_kept_wishes(std::string_view text, const Domain& domain) {
  std::vector<Wish> wishes;
  const auto given = parse_strict_json(text);
  if (!given || !given->is_array()) return Error(ErrorCode::kDataLoss, "the wishes of a ranking are damaged");
  for (const boost::json::value& each : given->get_array()) {
    const toml::table parsed = each.is_object() ? table_of(each.get_object()) : toml::table{};
    FileFaults found;
    TomlTable table(parsed, {}, found);
    auto wish = read_wish(table, domain.named->sides(), domain.feedback);
    if (!wish) {
      const std::vector<DomainFault> faults = std::move(found).in_file_order();
      return Error(ErrorCode::kFailedPrecondition, "a wish of then is none of this domain: " +
                                                       (faults.empty() ? "" : faults.front().message));
    }
    place(*wish, domain.requests, domain.candidates);
    wishes.push_back(*std::move(wish));
  }
  return wishes;
}

}  // namespace rankloop
