// The words that a model tells apart, and one numbering of all of them for families that keep something for
// each word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/schema.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

class ByteReader;
class ByteWriter;

// Of one feature: its most frequent words of the training rows. What is left is one and the same unknown word
// to the model; nothing being given is another.
class Vocabulary {
 public:
  static constexpr std::size_t kLeastRows = 3;     // in fewer a word is not learned
  static constexpr std::size_t kMostWords = 2000;  // the most frequent ones
  static constexpr std::size_t kMostBytes = 4096;  // a longer word is not learned

  // Words that differ.
  explicit Vocabulary(std::vector<std::string> words);
  // Of a column of codes of the rows (several parts with one dictionary).
  static Vocabulary fit(std::span<const LabelledRows* const> parts, std::size_t column);

  const std::vector<std::string>& words() const { return words_; }
  bool differ() const { return places_.size() == words_.size(); }
  std::uint32_t size() const { return absent() + 1; }
  std::uint32_t unknown() const { return static_cast<std::uint32_t>(words_.size()); }
  std::uint32_t absent() const { return unknown() + 1; }
  std::uint32_t place(std::string_view word) const;  // below words().size(), or unknown()

 private:
  std::vector<std::string> words_;
  std::map<std::string, std::uint32_t, std::less<>> places_;
};

// Those of all features of words, in the order of FeatureSpace, one after another. Immutable; thread-safe.
class Vocabularies {
 public:
  Vocabularies() = default;
  explicit Vocabularies(std::vector<Vocabulary> vocabularies);
  static Vocabularies fit(std::span<const LabelledRows* const> parts);

  std::size_t columns() const { return vocabularies_.size(); }
  std::uint32_t size() const { return size_; }  // places of all
  const Vocabulary& of(std::size_t column) const { return vocabularies_[column]; }
  std::uint32_t first_of(std::size_t column) const { return first_[column]; }  // its first place
  // The column that a place belongs to.
  std::size_t column_of(std::uint32_t place) const;

  // Appends the places of a request's words. An unknown word has one place, however many there are.
  void append(std::size_t column, const Words& words, std::vector<std::uint32_t>& places) const;

  // Places by the codes of a dictionary, as it is now.
  class Translation {
   public:
    Translation(const Vocabularies& vocabularies, const Dictionary& dictionary);
    // Appends the places of a row's codes.
    void append(std::size_t column, std::span<const std::int32_t> codes,
                std::vector<std::uint32_t>& places) const;

   private:
    struct Column {
      std::vector<std::uint32_t> places;  // by code
      std::uint32_t unknown = 0;
      std::uint32_t absent = 0;
    };
    std::vector<Column> columns_;
  };

  void write(ByteWriter& writer) const;
  // Not ok() when what it reads is no vocabularies of so many columns.
  static Vocabularies read(ByteReader& reader, std::size_t columns, bool& sound);

 private:
  std::vector<Vocabulary> vocabularies_;
  std::vector<std::uint32_t> first_;  // place of each
  std::uint32_t size_ = 0;
};

// The places of the words of the first `count` rows, in the order of their columns.
class PlacesOfRows {
 public:
  PlacesOfRows(const Vocabularies& vocabularies, const FeatureRows& rows, std::size_t count);
  std::span<const std::uint32_t> at(std::size_t row) const {
    return std::span{places_}.subspan(ends_[row], ends_[row + 1] - ends_[row]);
  }
  // Takes away what all rows of a request have: it tells none of them from the others. `requests`: of each
  // row.
  void forget_shared(std::span<const std::int64_t> requests);

 private:
  std::vector<std::size_t> ends_{0};  // [rows + 1]
  std::vector<std::uint32_t> places_;
};

}  // namespace rankloop::ml
