// Writes JSON into a string: the commas, colons and quotes between what it is told. For answers that are made
// often; where that does not matter, Boost.JSON makes values.
//
//   JsonWriter{out}.begin_object().key("task_id").word(id).key("score").number(score).end_object();
//
// The caller nests rightly. Names and words go in as they are: they have nothing to escape. Borrows the
// string and appends to it. Used by one thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "domain/strict_json.h"

namespace rankloop {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  // The name of the member whose value is told next.
  JsonWriter& key(std::string_view name) {
    quote(name);
    out_ += ':';
    between_ = false;
    return *this;
  }

  JsonWriter& integer(std::int64_t value) {
    char digits[20];  // of the longest, with its sign
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    return json({digits, end});
  }
  JsonWriter& number(double value) {
    separate();
    append_json_number(out_, value);
    return *this;
  }
  JsonWriter& number(float value) {
    separate();
    append_json_number(out_, value);
    return *this;
  }
  JsonWriter& flag(bool value) { return json(value ? "true" : "false"); }
  JsonWriter& null() { return json("null"); }
  // A text of any characters.
  JsonWriter& text(std::string_view value) {
    separate();
    append_json_string(out_, value);
    return *this;
  }
  // A text that has nothing to escape: an id, a state, a time.
  JsonWriter& word(std::string_view value) {
    quote(value);
    return *this;
  }
  // A value that is JSON already.
  JsonWriter& json(std::string_view value) {
    separate();
    out_ += value;
    return *this;
  }
  // The members of an object that is JSON already, among those of the object that is open.
  JsonWriter& members(std::string_view object) {
    return object.size() > 2 ? json(object.substr(1, object.size() - 2)) : *this;
  }

 private:
  void separate() {
    if (between_) out_ += ',';
    between_ = true;
  }
  void quote(std::string_view plain) {
    separate();
    out_ += '"';
    out_ += plain;
    out_ += '"';
  }
  JsonWriter& open(char bracket) {
    separate();
    out_ += bracket;
    between_ = false;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    between_ = true;
    return *this;
  }

  std::string& out_;
  bool between_ = false;  // a value stands before: the next one is parted from it
};

}  // namespace rankloop
