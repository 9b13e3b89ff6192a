// Reads a domain file: features, crosses, rules and wishes, over the fields that the schemas have.
#include <algorithm>
#include <array>
#include <exception>
#include <functional>
#include <set>

#include "domain/candidate_file.h"
#include "domain/cross_file.h"
#include "domain/domain.h"
#include "domain/feedback_file.h"
#include "domain/fingerprint.h"
#include "domain/history_file.h"
#include "domain/named_sides.h"
#include "domain/person_file.h"
#include "domain/rule_file.h"
#include "domain/schema_side.h"
#include "domain/session_file.h"
#include "domain/toml_bounds.h"
#include "domain/wish_file.h"

namespace rankloop {
namespace {

using Kind = KnownName::Kind;

constexpr std::size_t kMostInputs = 16'384;  // of a model

class DomainReader {
 public:
  explicit DomainReader(FileFaults& faults) : faults_(faults) {}

  // The domain; null when faults were found.
  std::shared_ptr<Domain> read(const toml::table& file) {
    TomlTable root(file, FilePlace{1, 1}, faults_);
    TomlTable domain = root.required_table("domain");
    read_domain_table(domain);
    TomlTable request = root.required_table("request");
    TomlTable item = root.required_table("item");
    read_sides(request, item);
    read_candidates(root);
    domain_->feedback = read_feedback_rules(root.tables("feedback"));
    read_histories(root);
    read_person(root);
    read_session(root);
    TomlTable model = root.required_table("model");
    read_features(model);
    for (TomlTable& table : root.tables("cross")) read_cross(table);
    for (TomlTable& table : root.tables("rule")) read_rule(table);
    domain_->wishes = read_wish_tables(root.tables("wish"), sides(), domain_->feedback, faults_);
    root.finish();
    return faults_.empty() ? build() : nullptr;
  }

 private:
  void read_domain_table(TomlTable& table) {
    domain_->name = table.required_text("name");
    if (!domain_->name.empty() && !is_identifier(domain_->name)) {
      table.fault("name", "the domain's name " + quoted(domain_->name) +
                              " should be a letter, then letters, digits "
                              "and underscores, at most 64 in all");
    }
    domain_->title = table.text("title").value_or(domain_->name);
    domain_->description = table.text("description").value_or("");
    table.finish();
  }

  std::string read_noun_word(TomlTable& table, std::string_view key,
                             const std::optional<std::string>& given) {
    const std::string word = given.value_or("");
    const auto inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    if (word.empty()) return word;
    if (!is_identifier(word) || !std::all_of(word.begin(), word.end(), inner)) {
      table.fault(key,
                  std::string{key} + " should be a lower-case word, as \"location\", not " + quoted(word));
      return {};
    }
    constexpr std::array<std::string_view, 3> kTaken = {"info", "result", "results"};  // /content/info ...
    const bool taken = std::find(kTaken.begin(), kTaken.end(), word) != kTaken.end() ||
                       std::find(nouns_.begin(), nouns_.end(), word) != nouns_.end();
    if (taken) table.fault(key, "the word " + quoted(word) + " is already used for something else");
    nouns_.push_back(word);
    return word;
  }

  Noun read_noun(TomlTable& table) {
    Noun noun;
    noun.one = read_noun_word(table, "noun", table.required_text("noun"));
    const auto plural = table.text("plural");
    noun.many = read_noun_word(table, "plural", plural || noun.one.empty() ? plural : noun.one + "s");
    noun.title = table.text("title").value_or(noun.one);
    return noun;
  }

  // The name of the id's field, or a table of its name, its type and the column that it has elsewhere.
  void read_item_id(TomlTable& item) {
    std::string& field = domain_->item_id_field;
    field = domain_->item.one + "_id";
    const toml::node* id = item.node("id");
    if (id != nullptr && id->is_table()) {
      TomlTable table(*id->as_table(), id->source().begin, faults_);
      field = table.text("field").value_or(field);
      read_id_type(table);
      id_column_ = read_column(table);
      table.finish();
    } else {
      field = item.text("id").value_or(field);
    }
    if (!domain_->item.one.empty() && !is_identifier(field)) {
      item.fault("id", "id should be a letter, then letters, digits and underscores, not " + quoted(field));
    }
  }

  void read_id_type(TomlTable& table) {
    const std::string type = table.text("type").value_or("int");
    if (type == "string") domain_->item_id_type = ItemIdType::kText;
    if (type != "string" && type != "int")
      table.fault("type", "type should be \"int\" or \"string\", not " + quoted(type));
  }

  void read_sides(TomlTable& request, TomlTable& item) {
    domain_->request = read_noun(request);
    domain_->item = read_noun(item);
    read_item_id(item);
    const std::array<std::string, 3> of_request = {domain_->request.one + "_id", "user_key", "candidates"};
    const std::array<std::string, 2> of_item = {domain_->item_id_field, "score"};
    requests_ = read_schema_side(request, of_request, faults_);
    std::vector<std::string> taken;
    if (!id_column_.empty()) taken.push_back(id_column_);
    items_ = read_schema_side(item, of_item, faults_, std::move(taken));
    for (const Field& field : items_.fields) {
      if (field.preset_now)
        item.fault("field",
                   "only a request's field has the default now, and " + quoted(field.name) + " is an item's");
    }
    request.finish();
    item.finish();
  }

  void read_candidates(TomlTable& root) {
    candidates_ = without_candidate_fields(items_);
    if (root.node("candidate") == nullptr) return;
    TomlTable table = root.required_table("candidate");
    const std::array<std::string, 3> reserved = {domain_->item_id_field, "score", "id"};
    candidates_ = read_candidate_side(table, items_, reserved, faults_);
    table.finish();
  }

  void read_histories(TomlTable& root) {
    histories_ =
        read_history_tables(root.tables("history"), requests_, side(Side::kItem), input_names_, faults_);
    check_history_kinds(histories_, domain_->feedback, faults_);
  }

  void read_person(TomlTable& root) {
    if (root.node("person") == nullptr) return;
    TomlTable table = root.required_table("person");
    if (!table.absent()) person_fields_ = read_person_fields(table, requests_);
  }

  void read_session(TomlTable& root) {
    if (root.node("session") == nullptr) return;
    TomlTable table = root.required_table("session");
    if (!table.absent()) session_key_ = read_session_key(table, requests_, person_fields_);
  }

  // What features, crosses and rules speak of.
  Sides sides() const { return {requests_, candidates_.items}; }
  const SchemaSide& side(Side which) const { return sides().of(which); }

  // Whether a feature may be made of it.
  bool is_input(FilePlace at, const NamedColumn& wanted) {
    const KnownName* known = side(wanted.side).find(wanted.name);
    const bool other = known != nullptr && (known->kind == Kind::kWord || known->kind == Kind::kWords ||
                                            known->kind == Kind::kVector);
    return other || is_number(at, wanted, sides(), faults_);
  }

  // The names on both sides, for suggestions.
  std::vector<std::string_view> all_numbers() const {
    std::vector<std::string_view> names = requests_.numbers();
    const std::vector<std::string_view> more = candidates_.items.numbers();
    names.insert(names.end(), more.begin(), more.end());
    return names;
  }

  std::optional<NamedColumn> resolve_feature(const PlacedText& feature) {
    constexpr std::string_view kItem = "item.";
    constexpr std::string_view kRequest = "request.";
    const std::string& name = feature.text;
    if (name.starts_with(kItem)) return NamedColumn{Side::kItem, name.substr(kItem.size())};
    if (name.starts_with(kRequest)) return NamedColumn{Side::kRequest, name.substr(kRequest.size())};
    const bool of_request = requests_.find(name) != nullptr;
    const bool of_item = side(Side::kItem).find(name) != nullptr;
    if (of_request && of_item) {
      faults_.add(feature.at,
                  "both sides have " + quoted(name) + "; write request." + name + " or item." + name);
      return std::nullopt;
    }
    if (!of_request && !of_item) {
      faults_.add(feature.at, "there is no field " + quoted(name) + suggestion(name, all_numbers()));
      return std::nullopt;
    }
    return NamedColumn{of_item ? Side::kItem : Side::kRequest, name};
  }

  void read_features(TomlTable& table) {
    const std::vector<PlacedText> names = table.texts("features");
    table.finish();
    if (names.empty() && table.absent()) return;
    if (names.empty()) return faults_.add(table.at("features"), "features should list what the model sees");
    if (names.size() > TomlTable::kMostTables) {
      return faults_.add(names[TomlTable::kMostTables].at, "more than 512 features; this is one too many");
    }
    std::size_t inputs = 0;
    for (const PlacedText& each : names) {
      const auto column = resolve_feature(each);
      if (!column || !is_input(each.at, *column)) continue;
      const auto same = [&](const NamedColumn& other) {
        return other.side == column->side && other.name == column->name;
      };
      if (std::any_of(features_.begin(), features_.end(), same)) {
        faults_.add(each.at, "the feature " + quoted(each.text) + " is listed twice");
        continue;
      }
      features_.push_back(*column);
      const KnownName& known = *side(column->side).find(column->name);
      inputs += known.kind == Kind::kVector ? known.size : 1;
      domain_->features.push_back({each.text, column->side, 0, kind_of(known), known.size});
      input_names_.insert(each.text);
    }
    if (inputs > kMostInputs) {
      faults_.add(table.at("features"), "features should be at most " + std::to_string(kMostInputs) +
                                            " numbers and words, those of vectors with them, not " +
                                            std::to_string(inputs));
    }
  }

  static FeatureKind kind_of(const KnownName& known) {
    if (known.kind == Kind::kWord) return FeatureKind::kCode;
    if (known.kind == Kind::kWords) return FeatureKind::kCodes;
    return known.kind == Kind::kVector ? FeatureKind::kVector : FeatureKind::kNumber;
  }

  void read_cross(TomlTable& table) {
    std::optional<CrossTable> cross = read_cross_table(table, sides(), input_names_, faults_);
    table.finish();
    if (!cross) return;
    input_names_.insert(cross->cross.name);
    crosses_.push_back(*std::move(cross));
  }

  void read_rule(TomlTable& table) {
    std::optional<Rule> rule = read_rule_table(table, sides());
    table.finish();
    if (rule) domain_->rules.push_back(*std::move(rule));
  }

  // The texts of one side whose words crosses match, each once.
  std::vector<std::string> matched(std::string CrossTable::* side) const {
    std::set<std::string> names;
    for (const CrossTable& table : crosses_) {
      if (is_of_texts(table.cross.op)) names.insert(table.*side);
    }
    return {names.begin(), names.end()};
  }

  // What histories say of who asks.
  ToldNames told() const {
    ToldNames told;
    for (const HistoryTable& table : histories_) {
      const HistoryFeature& feature = table.feature;
      if (feature.of_request()) (feature.makes_words() ? told.words : told.numbers).push_back(feature.name);
    }
    return told;
  }

  void place_histories() {
    for (HistoryTable& table : histories_) {
      HistoryFeature& feature = table.feature;
      if (!table.field.empty()) feature.word = domain_->candidates.word(table.field);
      if (feature.of_request()) {
        const Schema& requests = domain_->requests;
        feature.column =
            (feature.makes_words() ? requests.word(feature.name) : requests.column(feature.name)).value_or(0);
      } else {
        domain_->crosses.push_back({.name = feature.name,
                                    .op = CrossOp::kHistory,
                                    .item_column = feature.word.value_or(0),
                                    .history = domain_->histories.size()});
      }
      domain_->histories.push_back(std::move(feature));
    }
  }

  // Before the schemas take the fields.
  std::shared_ptr<const NamedSides> named_sides() const {
    auto named = std::make_shared<NamedSides>();
    named->requests.names = requests_.names;
    named->items.names = candidates_.items.names;
    return named;
  }

  std::shared_ptr<Domain> build() {
    domain_->named = named_sides();
    domain_->requests = Schema(std::move(requests_.fields), std::move(requests_.derived),
                               std::move(requests_.checks), matched(&CrossTable::request), told());
    domain_->items = Schema(std::move(items_.fields), std::move(items_.derived), std::move(items_.checks));
    domain_->person = person_schema(domain_->requests, person_fields_);
    domain_->candidate_fields = Schema(std::move(candidates_.given), {}, {});
    domain_->candidates = Schema(std::move(candidates_.items.fields), std::move(candidates_.items.derived),
                                 {}, matched(&CrossTable::item));
    const auto column = [&](Side which, const std::string& name) {
      return domain_->ranked(which).column(name).value_or(0);
    };
    for (std::size_t i = 0; i < features_.size(); ++i) {
      const auto& [which, name] = features_[i];
      Feature& feature = domain_->features[i];
      const std::string first = feature.kind == FeatureKind::kVector ? name + "[0]" : name;
      feature.column =
          feature.has_words() ? domain_->ranked(which).word(name).value_or(0) : column(which, first);
    }
    for (CrossTable& table : crosses_)
      domain_->crosses.push_back(placed(table, domain_->requests, domain_->candidates));
    place_histories();
    if (!session_key_.empty()) domain_->session = domain_->requests.word(session_key_);
    for (Rule& rule : domain_->rules) place(rule.must, domain_->requests, domain_->candidates);
    for (Wish& wish : domain_->wishes) place(wish, domain_->requests, domain_->candidates);
    domain_->fingerprint = store_fingerprint(*domain_);
    domain_->feature_fingerprint = feature_fingerprint(*domain_);
    return std::move(domain_);
  }

  FileFaults& faults_;
  std::shared_ptr<Domain> domain_ = std::make_shared<Domain>();
  SchemaSide requests_;
  std::string id_column_;  // by which imports find the item's id; empty: by its name
  SchemaSide items_;
  CandidateSide candidates_;
  std::vector<std::string> person_fields_;
  std::string session_key_;  // empty: there is none
  std::vector<std::string> nouns_;
  std::vector<NamedColumn> features_;               // in step with domain_->features
  std::set<std::string, std::less<>> input_names_;  // of features and crosses
  std::vector<CrossTable> crosses_;
  std::vector<HistoryTable> histories_;
};

std::shared_ptr<Domain> read_file(std::string_view text, std::string_view file_name, FileFaults& faults) {
  if (auto excess = toml_excess(text)) {
    faults.add(
        {static_cast<toml::source_index>(excess->line), static_cast<toml::source_index>(excess->column)},
        std::move(excess->message));
    return nullptr;
  }
  try {
    const toml::table file = toml::parse(text, file_name);
    std::shared_ptr<Domain> domain = DomainReader(faults).read(file);
    if (domain) domain->source = text;
    return domain;
  } catch (const toml::parse_error& fault) {
    faults.add(fault.source().begin, std::string{fault.description()});
  } catch (const std::exception& fault) {  // out of memory
    faults.add({1, 1}, std::string{"the file cannot be read: "} + fault.what());
  }
  return nullptr;
}

}  // namespace

DomainCheck read_domain(std::string_view text, std::string_view file_name) {
  FileFaults faults;
  DomainCheck check;
  check.domain = read_file(text, file_name, faults);
  check.faults = std::move(faults).in_file_order();
  if (!check.faults.empty()) check.domain = nullptr;
  return check;
}

}  // namespace rankloop
