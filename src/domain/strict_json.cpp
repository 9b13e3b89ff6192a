// A parser's handler that keeps the bounds and refuses what JSON leaves open.
#include "domain/strict_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <exception>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value_stack.hpp>

namespace rankloop {
namespace {

namespace json = boost::json;

// Objects up to this many members look for a repeated key pair by pair: no allocation, and faster than
// sorting.
constexpr std::size_t kPairwiseMembers = 24;

// Builds the value and refuses what the grammar alone allows: repeated keys and numbers beyond a double.
class StrictHandler {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  StrictHandler(std::string_view text, json::storage_ptr storage, const JsonBounds& bounds)
      : text_(text), bounds_(bounds), stack_({}, buffer_, sizeof buffer_) {
    stack_.reset(std::move(storage));
  }

  json::value release() { return stack_.release(); }
  const std::string& reason() const { return reason_; }
  // The byte where a refusal of ours belongs; empty where the parser's own position is as good.
  std::optional<std::size_t> place() const { return place_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& ec) { return one_more(ec); }
  bool on_object_end(std::size_t members, json::error_code& ec) {
    if (members > bounds_.members) {
      return refuse("an object has " + std::to_string(members) + " members; allowed are up to " +
                        std::to_string(bounds_.members),
                    {}, ec);
    }
    if (!keys_differ(members, ec)) return false;
    keys_.resize(keys_.size() - members);
    if (keys_.empty()) key_bytes_.clear();
    stack_.push_object(members);
    return true;
  }
  bool on_array_begin(json::error_code& ec) { return one_more(ec); }
  bool on_array_end(std::size_t elements, json::error_code&) {
    stack_.push_array(elements);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    key_bytes_.append(part.data(), part.size());
    stack_.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t size, json::error_code&) {
    key_bytes_.append(part.data(), part.size());
    keys_.push_back({key_bytes_.size() - size, size, offset_of(part)});
    stack_.push_key(part);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code& ec) {
    stack_.push_string(part);
    return one_more(ec);
  }
  bool on_number_part(json::string_view part, json::error_code&) {
    number_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t number, json::string_view, json::error_code& ec) {
    number_.clear();
    stack_.push_int64(number);
    return one_more(ec);
  }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code& ec) {
    number_.clear();
    stack_.push_uint64(number);
    return one_more(ec);
  }
  // The parser's own conversion can be off in the last digit, which would break the round trip of a payload.
  bool on_double(double rough, json::string_view part, json::error_code& ec) {
    number_.append(part.data(), part.size());
    double number = 0;
    const auto [end, fault] = std::from_chars(number_.data(), number_.data() + number_.size(), number);
    if (fault == std::errc::result_out_of_range && std::abs(rough) < 1)
      number = 0;  // too small, not too large
    else if (fault != std::errc{} || !std::isfinite(number)) {
      return refuse("the number " + number_.substr(0, 40) + " is too large", offset_of(part), ec);
    }
    number_.clear();
    stack_.push_double(number);
    return one_more(ec);
  }
  bool on_bool(bool flag, json::error_code& ec) {
    stack_.push_bool(flag);
    return one_more(ec);
  }
  bool on_null(json::error_code& ec) {
    stack_.push_null();
    return one_more(ec);
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  struct Key {
    std::size_t begin;  // in key_bytes_
    std::size_t size;
    std::optional<std::size_t> offset;  // in the text; none when the key was unescaped elsewhere
  };

  std::string_view bytes_of(const Key& key) const {
    return std::string_view{key_bytes_}.substr(key.begin, key.size);
  }

  std::optional<std::size_t> offset_of(json::string_view part) const {
    const std::less<const char*> before;
    if (before(part.data(), text_.data()) || !before(part.data(), text_.data() + text_.size())) return {};
    return static_cast<std::size_t>(part.data() - text_.data());
  }

  bool one_more(json::error_code& ec) {
    if (++values_ <= bounds_.values) return true;
    return refuse("there are more than " + std::to_string(bounds_.values) + " values", {}, ec);
  }

  bool refuse(std::string reason, std::optional<std::size_t> place, json::error_code& ec) {
    reason_ = std::move(reason);
    place_ = place;
    ec = json::error::syntax;
    return false;
  }

  bool refuse_repeated(const Key& key, json::error_code& ec) {
    std::string quoted;
    append_json_string(quoted, bytes_of(key).substr(0, 80));
    return refuse("the key " + quoted + " appears twice in one object", key.offset, ec);
  }

  // The last `members` keys belong to the object that ends now.
  bool keys_differ(std::size_t members, json::error_code& ec) {
    const std::span<Key> keys = std::span{keys_}.last(members);
    if (members <= kPairwiseMembers) {
      for (std::size_t i = 1; i < members; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          if (keys[i].size == keys[j].size && bytes_of(keys[i]) == bytes_of(keys[j])) {
            return refuse_repeated(keys[i], ec);
          }
        }
      }
      return true;
    }
    const auto less = [this](const Key& a, const Key& b) {
      const int order = bytes_of(a).compare(bytes_of(b));
      return order < 0 || (order == 0 && a.begin < b.begin);
    };
    std::sort(keys.begin(), keys.end(), less);
    const auto same = [this](const Key& a, const Key& b) { return bytes_of(a) == bytes_of(b); };
    const auto found = std::adjacent_find(keys.begin(), keys.end(), same);
    return found == keys.end() || refuse_repeated(*std::next(found), ec);
  }

  std::string_view text_;
  const JsonBounds bounds_;
  std::size_t values_ = 0;
  unsigned char buffer_[2048];  // the stack's memory; a request fits
  json::value_stack stack_;
  std::vector<Key> keys_;  // of the objects that are open
  std::string key_bytes_;
  std::string number_;
  std::string reason_;
  std::optional<std::size_t> place_;
};

Error invalid_json(std::size_t offset, std::string_view reason) {
  std::string message = "not valid JSON at byte " + std::to_string(offset) + ": ";
  message += reason;
  return invalid_fields({{{"body"}, std::move(message), "json_invalid"}});
}

template <class Number>
void append_number(std::string& out, Number number) {
  if (!std::isfinite(number)) {  // JSON has no other word for it
    out += "null";
    return;
  }
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, end);
}

}  // namespace

Result<json::value> parse_strict_json(std::string_view text, json::storage_ptr storage,
                                      const JsonBounds& bounds) {
  try {
    json::parse_options options;
    options.max_depth = bounds.depth;
    json::basic_parser<StrictHandler> parser(options, text, std::move(storage), bounds);
    json::error_code ec;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
    StrictHandler& handler = parser.handler();
    if (ec && !handler.reason().empty())
      return invalid_json(handler.place().value_or(read), handler.reason());
    if (ec) return invalid_json(read, ec.message());
    if (read < text.size()) return invalid_json(read, "something follows after the value");
    return handler.release();
  } catch (const std::exception& fault) {  // out of memory, or a size beyond the library's own limits
    return Error{ErrorCode::kResourceExhausted, "the JSON is too large", fault.what()};
  }
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text, copied, i - copied);
    copied = i + 1;
    switch (byte) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
    }
  }
  out.append(text, copied, text.size() - copied);
  out += '"';
}

void append_json_number(std::string& out, double number) {
  append_number(out, number);
}
void append_json_number(std::string& out, float number) {
  append_number(out, number);
}

}  // namespace rankloop
