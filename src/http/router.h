// Which routes a path has: a hash for paths without placeholders, a tree of segments for the others. A
// literal segment wins over a placeholder.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/route.h"

namespace rankloop::http {

// The routes of one path, one per method.
struct PathRoutes {
  std::array<const Route*, 5> by_method{};  // indexed by Method; null: not allowed
  std::string allow;                        // the Allow header: "GET, HEAD, OPTIONS"
  const Route* of(Method method) const { return by_method[static_cast<std::size_t>(method)]; }
};

// Immutable after construction.
class Router {
 public:
  Router();
  // Throws std::logic_error when two routes have the same method and path.
  explicit Router(std::vector<Route> routes);
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  struct Match {
    const PathRoutes* routes = nullptr;  // null: there is no such path
    bool malformed = false;              // an escape in the path is broken
    std::string path;                    // decoded, without a trailing slash
    std::vector<std::string> values;     // one per placeholder
  };
  // `path` as sent: with escapes, begins with a slash.
  Match find(std::string_view path) const;

 private:
  struct Node;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  void add(const Route& route);

  std::deque<Route> routes_;
  std::deque<PathRoutes> paths_;
  std::unique_ptr<Node> root_;
  std::unordered_map<std::string, const PathRoutes*, Hash, std::equal_to<>> literal_;
};

}  // namespace rankloop::http
