// The words in names of columns, and lists of words that people use for things.
#include "infer/column_name.h"

#include <algorithm>
#include <array>
#include <span>

namespace rankloop::infer {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::array<std::string_view, 12> kIds = {"id",  "ids", "key",  "sku",  "isbn",       "asin",
                                                   "ean", "upc", "uuid", "guid", "identifier", "gtin"};
constexpr std::array<std::string_view, 34> kCodes = {
    "id",      "code",   "zip",         "zipcode", "postal",   "postcode", "plz",        "isbn",    "ean",
    "upc",     "gtin",   "sku",         "asin",    "phone",    "tel",      "telephone",  "iata",    "barcode",
    "brand",   "type",   "class",       "group",   "category", "genre",    "department", "cluster", "country",
    "carrier", "origin", "destination", "region",  "channel",  "segment",  "market"};
constexpr std::array<std::string_view, 27> kCounts = {
    "count",     "counts",    "num",      "number", "qty",    "quantity", "votes",     "reviews",  "views",
    "likes",     "plays",     "total",    "seats",  "rooms",  "pages",    "downloads", "sold",     "bedrooms",
    "bathrooms", "cylinders", "servings", "guests", "nights", "children", "people",    "comments", "ratings"};
constexpr std::array<std::string_view, 29> kAmounts = {
    "price",   "cost",     "fare",         "amount",     "budget",    "salary",   "revenue",  "fee",
    "rent",    "income",   "weight",       "length",     "height",    "width",    "duration", "minutes",
    "seconds", "distance", "area",         "horsepower", "mileage",   "calories", "size",     "hours",
    "runtime", "power",    "displacement", "gross",      "popularity"};
constexpr std::array<std::string_view, 21> kTimes = {
    "time",    "timestamp", "ts",    "at",    "date",   "datetime",  "created",
    "updated", "modified",  "epoch", "when",  "added",  "published", "released",
    "release", "seen",      "since", "until", "moment", "posted",    "unixtime"};
constexpr std::array<std::string_view, 8> kVectors = {"vector",     "vec",    "embedding", "emb",
                                                      "embeddings", "latent", "factors",   "look"};
constexpr std::array<std::string_view, 13> kPlaces = {"place", "location", "loc",    "geo",    "coordinates",
                                                      "coord", "coords",   "latlon", "latlng", "position",
                                                      "point", "gps",      "home"};
constexpr std::array<std::string_view, 5> kTitles = {"title", "name", "headline", "subject", "address"};
constexpr std::array<std::string_view, 40> kWords = {
    "brand",     "category", "type",         "genre",         "color",        "colour", "city",
    "country",   "state",    "region",       "author",        "artist",       "maker",  "make",
    "publisher", "language", "lang",         "currency",      "status",       "class",  "department",
    "cuisine",   "district", "neighborhood", "neighbourhood", "manufacturer", "origin", "gender",
    "material",  "style",    "family",       "company",       "employer",     "source", "section",
    "provider",  "album",    "director",     "course",        "band"};
constexpr std::array<std::string_view, 17> kTexts = {
    "description",  "text",         "abstract", "summary", "body",    "content",
    "review",       "comment",      "overview", "plot",    "bio",     "story",
    "instructions", "requirements", "snippet",  "details", "synopsis"};
constexpr std::array<std::string_view, 20> kTags = {
    "tags",       "genres", "keywords", "ingredients", "amenities", "labels", "topics",
    "categories", "skills", "cuisines", "themes",      "features",  "colors", "languages",
    "authors",    "actors", "cast",     "artists",     "directors", "writers"};
constexpr std::array<std::string_view, 3> kYears = {"year", "season", "vintage"};
constexpr std::array<std::string_view, 7> kListed = {"available", "stock",   "active", "published",
                                                     "listed",    "enabled", "open"};
constexpr std::array<std::string_view, 16> kRequests = {
    "request", "query",  "search", "session", "impression", "qid",   "case", "visit",
    "order",   "basket", "list",   "group",   "srch",       "slate", "page", "req"};
constexpr std::array<std::string_view, 13> kPersons = {
    "user",   "customer", "visitor",  "member",   "person",    "guest", "account",
    "client", "reader",   "listener", "traveler", "traveller", "viewer"};
constexpr std::array<std::string_view, 7> kItems = {"item", "product", "sku", "article",
                                                    "alt",  "prop",    "doc"};
constexpr std::array<std::string_view, 28> kPicks = {
    "pick",      "picked",   "picks",      "click",     "clicked",   "clicks",  "chosen",
    "choice",    "selected", "purchase",   "purchased", "bought",    "booked",  "booking",
    "label",     "target",   "conversion", "converted", "liked",     "rating",  "stars",
    "relevance", "grade",    "played",     "plays",     "purchases", "watched", "applied"};
constexpr std::array<std::string_view, 6> kRatings = {"rating", "stars",     "grade",
                                                      "score",  "relevance", "mark"};
constexpr std::array<std::string_view, 5> kPositions = {"position", "pos", "rank", "slot", "place"};

Words words_of(Hint hint) {
  static constexpr std::array<Words, 19> kAll = {
      kIds,  kCodes, kCounts, kAmounts,  kTimes,   kVectors, kPlaces, kTitles,  kWords,    kTexts,
      kTags, kYears, kListed, kRequests, kPersons, kItems,   kPicks,  kRatings, kPositions};
  return kAll[static_cast<std::size_t>(hint)];
}

bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Whether a word ends before the character at `i` of a name: "movie|Id", "ISBN|13", "HTTP|Server".
bool splits(std::string_view name, std::size_t i) {
  const char before = name[i - 1];
  const char c = name[i];
  if (is_capital(c) && is_small(before)) return true;
  if (is_digit(c) != is_digit(before)) return true;
  return is_capital(c) && is_capital(before) && i + 1 < name.size() && is_small(name[i + 1]);
}

}  // namespace

NameWords::NameWords(std::string_view name) {
  std::string word;
  const auto end = [&] {
    if (!word.empty()) words_.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool inner = is_small(c) || is_capital(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
    if (!inner || (i > 0 && splits(name, i))) end();
    if (inner) word += is_capital(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  end();
}

bool NameWords::have(std::string_view word) const {
  return std::find(words_.begin(), words_.end(), word) != words_.end();
}

bool NameWords::say(Hint hint) const {
  const Words known = words_of(hint);
  return std::any_of(words_.begin(), words_.end(), [&](const std::string& word) {
    // "userid", "itemid": two words that people write as one.
    const std::string_view first =
        word.ends_with("id") ? std::string_view{word}.substr(0, word.size() - 2) : "";
    return std::find(known.begin(), known.end(), word) != known.end() ||
           (first.size() > 2 && hint >= Hint::kRequest &&
            std::find(known.begin(), known.end(), first) != known.end()) ||
           (first.size() > 2 && (hint == Hint::kId || hint == Hint::kCode) &&
            NameWords(first).say(Hint::kItem));
  });
}

std::string singular(std::string_view word) {
  std::string one{word};
  const auto cut = [&](std::size_t bytes) { one.resize(one.size() - bytes); };
  if (one.size() > 4 && one.ends_with("ies") && !one.ends_with("ovies") && !one.ends_with("ookies")) {
    cut(3);
    one += 'y';
  } else if (one.ends_with("sses") || one.ends_with("xes") || one.ends_with("ches") ||
             one.ends_with("shes")) {
    cut(2);
  } else if (one.size() > 2 && one.ends_with('s') && !one.ends_with("ss") && !one.ends_with("us") &&
             !one.ends_with("ews") && !one.ends_with("eries")) {
    cut(1);
  }
  return one;
}

std::string plural(std::string_view word) {
  std::string many{word};
  if (many.ends_with("ews")) return many + "_items";
  if (many.size() > 1 && many.ends_with('y') &&
      std::string_view{"aeiou"}.find(many[many.size() - 2]) == std::string_view::npos) {
    many.back() = 'i';
    return many + "es";
  }
  const bool hisses =
      many.ends_with('s') || many.ends_with('x') || many.ends_with("ch") || many.ends_with("sh");
  return many + (hisses ? "es" : "s");
}

}  // namespace rankloop::infer
