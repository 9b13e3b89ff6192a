// Counts brackets and dots before the parser may recurse over them.
#include "domain/toml_bounds.h"

#include <algorithm>

namespace rankloop {
namespace {

// Walks over the text as far as dots and brackets go: it knows texts and comments, and nothing else of TOML.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  std::optional<TomlExcess> excess() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        skip_text(c);
        continue;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      count(c);
      if (parts_ > kMaxTomlParts) return found("a name has more than 32 parts with dots between them");
      if (depth_ > kMaxTomlDepth)
        return found("lists and tables stand in each other more than 32 levels deep");
      ++at_;
    }
    return std::nullopt;
  }

 private:
  void count(char c) {
    switch (c) {
      case '.':
        ++parts_;
        break;
      case '[':
      case '{':
        ++depth_;
        parts_ = 1;
        break;
      case ']':
      case '}':
        if (depth_ > 0) --depth_;
        parts_ = 1;
        break;
      case '\n':
      case '=':
      case ',':
        parts_ = 1;
        break;
      default:
        break;
    }
  }

  // A text begins here with `quote`, or with three of them and then may have many lines.
  void skip_text(char quote) {
    const std::string thrice(3, quote);
    const bool many_lines = text_.substr(at_).starts_with(thrice);
    at_ += many_lines ? 3 : 1;
    for (; at_ < text_.size(); ++at_) {
      if (quote == '"' && text_[at_] == '\\') {
        ++at_;  // what follows belongs to it
      } else if (many_lines && text_.substr(at_).starts_with(thrice)) {
        // Up to two quotes before the closing ones belong to the text.
        for (int quotes = 0; quotes < 5 && at_ < text_.size() && text_[at_] == quote; ++quotes) ++at_;
        return;
      } else if (!many_lines && (text_[at_] == quote || text_[at_] == '\n')) {
        ++at_;
        return;
      }
    }
  }

  TomlExcess found(std::string message) const {
    const std::string_view before = text_.substr(0, at_);
    const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
    const std::size_t begin = before.rfind('\n');
    return {line, begin == std::string_view::npos ? at_ + 1 : at_ - begin, std::move(message)};
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t parts_ = 1;
};

}  // namespace

std::optional<TomlExcess> toml_excess(std::string_view text) {
  if (text.size() > kMaxTomlBytes) {
    return TomlExcess{1, 1,
                      "the file has " + std::to_string(text.size()) + " bytes; at most " +
                          std::to_string(kMaxTomlBytes) + " (1 MiB) are allowed"};
  }
  return Walk(text).excess();
}

}  // namespace rankloop
