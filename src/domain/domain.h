// The domain: what is ranked, who asks, and with which features, as a TOML file declares it
// (domain/locations.toml is the default and is built into the binary). Immutable and shared; no I/O.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/feedback.h"
#include "domain/history_feature.h"
#include "domain/ids.h"
#include "domain/rule.h"
#include "domain/schema.h"
#include "domain/wish.h"
#include "error/result.h"

namespace rankloop {

enum class FeatureKind {
  kNumber,
  kCode,    // one word of a vocabulary
  kCodes,   // a set of them
  kVector,  // numbers of a fixed length
};

// One thing that the model sees. `column` indexes the numbers of its side's schema (of a vector the first of
// `size` that stand together), or its words.
struct Feature {
  std::string name;
  Side side = Side::kItem;
  std::size_t column = 0;
  FeatureKind kind = FeatureKind::kNumber;
  std::size_t size = 1;  // 1 but for a vector

  bool has_words() const { return kind == FeatureKind::kCode || kind == FeatureKind::kCodes; }
};

enum class CrossOp {
  // Of one number of each side.
  kAnd,         // 1 when both are non-zero, else 0
  kProduct,     // request x item
  kDifference,  // request - item
  kRatio,       // request / item, 0 where the item's is 0
  kCompare,     // 1 when `request <comparison> item` holds, else 0
  kDays,        // from the item's moment to the request's
  // Of the words of each side, Q and I.
  kSame,      // 1 when both are the same set, else 0
  kContains,  // 1 when they have a word in common, else 0
  kOverlap,   // how many they have in common
  kJaccard,   // |Q and I| / |Q or I|; 0 where both are empty
  kCoverage,  // |Q and I| / |Q|; 0 where Q is empty
  // Of a vector of each side.
  kDot,
  kCosine,    // 0 where one of them has no length
  kDistance,  // Euclid's
  // Of a place of each side.
  kDistanceKm,  // along the great circle of a sphere
  // Of the words of a text of each side, Q and I.
  kMatch,  // BM25: how much they say of what is asked, against the other items' texts
  kFound,  // the different words of Q that stand in I / all different ones of Q; 0 where Q has none
  // Of one word of each side: no number but a word, the pair of both.
  kPair,
  // Of what happened before; no [[cross]] but a [[history]] of the item.
  kHistory,
};
inline constexpr char kBetweenPair = '\0';  // request's word, this, item's word: words are without it
// As the domain file writes them, but for comparisons, which are written as symbols.
std::span<const std::string_view> cross_op_names();
std::optional<CrossOp> parse_cross_op(std::string_view name);
std::string_view name_of(CrossOp op);
bool is_of_words(CrossOp op);
bool is_of_vectors(CrossOp op);  // or places: of several numbers of each side
bool is_of_texts(CrossOp op);

// A number (of a pair: a word) made of something of the request and something of the item. Absent where one
// of these is.
struct Cross {
  std::string name;
  CrossOp op = CrossOp::kProduct;
  Comparison comparison = Comparison::kLessEqual;
  std::size_t request_column = 0;  // of the request's numbers, words or texts; of a vector or place the first
  std::size_t item_column = 0;     // likewise of the item's
  std::size_t size = 1;            // how many numbers of each side: of a vector, 2 of a place
  double request_unit = 1;         // in days, where it is a moment
  double item_unit = 1;            // likewise
  double k1 = 1.2;                 // of a match: how soon a word that comes again says nothing more
  double b = 0.75;                 // of a match: how much a long text is held against it
  std::size_t history = 0;         // of a history: its place in Domain::histories
};
// Of one number of each side.
double cross_value(const Cross& cross, double request, double item);

struct Noun {
  std::string one;    // "location": /content/location/{id}, location_id
  std::string many;   // "locations": /content/locations
  std::string title;  // "Place to stay"
};

struct NamedSides;  // domain/named_sides.h

// The numbers and words of the item's side, of which features, crosses and rules speak, are those of
// `candidates`: an item's fields stand there first, then those that only a request gives.
struct Domain {
  std::string name;  // "locations"
  std::string title;
  std::string description;
  Noun item;
  Noun request;               // "user", "users"
  std::string item_id_field;  // "location_id"
  ItemIdType item_id_type = ItemIdType::kNumber;
  Schema items;  // as they are stored
  Schema requests;
  Schema person;            // what may be stored of who asks: some of the request's fields, often none
  Schema candidate_fields;  // what a request may say of a candidate, all of it optional
  Schema candidates;        // items as they are ranked: with what a request may say of them, without checks
  std::vector<Feature> features;  // in the order of the model's input, 30 for the default domain
  std::vector<Cross> crosses;
  std::vector<Rule> rules;
  std::vector<FeedbackRule> feedback = {pick_rule()};  // a pick first
  std::vector<HistoryFeature> histories;  // those that are no values of the request are crosses too
  std::optional<std::size_t> session{};   // which of requests.words() names a session; none: a gap ends it
  std::vector<Wish> wishes;               // in the file's order
  // What wishes of requests may name.
  std::shared_ptr<const NamedSides> named;
  bool built_in = false;            // the default domain of the binary, the only one that is seeded
  std::string source;               // the file's text, as stored with the domain version
  std::string fingerprint;          // SHA-256 of what matters for stored data (fields, derived, checks), hex
  std::string feature_fingerprint;  // of features and crosses only: a model of another one is not loaded

  // What is ranked on of a side.
  const Schema& ranked(Side side) const { return side == Side::kItem ? candidates : requests; }
  // Null: there is none of this name.
  const Wish* wish(std::string_view wanted) const;
  // What is derived of a candidate and not of the item alone.
  std::span<const DerivedField> candidate_derived() const {
    return candidates.derived().subspan(items.derived().size());
  }
};

// One fault of a domain file.
struct DomainFault {
  int line = 0;         // 1-based
  int column = 0;       // 1-based
  std::string message;  // what is wrong, which value, what is allowed
};

struct DomainCheck {
  std::shared_ptr<const Domain> domain;  // null when there are faults
  std::vector<DomainFault> faults;       // every one of them, in file order
};

// Reads a domain from the text of its file. `file_name` is for messages only. Never throws.
DomainCheck read_domain(std::string_view text, std::string_view file_name);

// The domain built into the binary.
std::shared_ptr<const Domain> default_domain();

// What is different in `wanted`, in the order of the file. Texts for people are not compared.
struct DomainChange {
  std::string what;      // "item field price was (...), is (...)"
  std::string means;     // what it does to a store in use; empty: nothing
  bool additive = true;  // false: a store in use refuses it
};
std::vector<DomainChange> domain_changes(const Domain& stored, const Domain& wanted);

// What a start with `wanted` on a store made with `stored` may do: an additive change (new optional fields
// with defaults, new features, crosses, rules, checks that are looser, help texts) is taken over; any other
// is refused with an explanation (kFailedPrecondition) that names every change which is not additive.
Status check_domain_change(const Domain& stored, const Domain& wanted);

}  // namespace rankloop
