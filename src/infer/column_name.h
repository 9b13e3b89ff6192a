// What the name of a column says of what is in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rankloop::infer {

enum class Hint {
  kId,        // id, key, sku
  kCode,      // a number that is a name: zip, isbn, brand
  kCount,     // count, votes, pages: whole and never negative
  kAmount,    // price, weight, duration: never negative
  kTime,      // created, at, timestamp
  kVector,    // embedding
  kPlace,     // location, coordinates
  kTitle,     // title, name
  kWord,      // brand, colour, city: words that come again
  kText,      // description
  kTags,      // genres, amenities: sets of words
  kYear,      // year, season
  kListed,    // available, in stock: whether it may be shown
  kRequest,   // request, query, session, qid
  kPerson,    // user, customer
  kItem,      // item, product
  kPick,      // clicked, booked, rating
  kRating,    // rating, stars, grade
  kPosition,  // position, rank, slot
};

// The words of a name, in small letters: "movieId" and "MOVIE_ID" have "movie" and "id".
class NameWords {
 public:
  explicit NameWords(std::string_view name);
  bool say(Hint hint) const;
  bool have(std::string_view word) const;
  const std::vector<std::string>& all() const { return words_; }

 private:
  std::vector<std::string> words_;
};

// "movies" -> "movie", "companies" -> "company", "glass" stays.
std::string singular(std::string_view word);
std::string plural(std::string_view word);

}  // namespace rankloop::infer
