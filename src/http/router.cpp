// Builds the tree of segments and walks it.
#include "http/router.h"

#include <iterator>
#include <stdexcept>

#include "http/target.h"

namespace rankloop::http {

struct Router::Node {
  std::unordered_map<std::string, std::unique_ptr<Node>, Hash, std::equal_to<>> literal;
  std::unique_ptr<Node> placeholder;
  PathRoutes* routes = nullptr;
};

namespace {

// "/a/b/" and "/a/b" are the segments {"a", "b"}; "/" has none.
std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  path.remove_prefix(1);
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  while (!path.empty()) {
    const auto end = path.find('/');
    segments.push_back(path.substr(0, end));
    if (end == std::string_view::npos) return segments;
    path.remove_prefix(end + 1);
    if (path.empty()) segments.emplace_back();
  }
  return segments;
}

std::string_view without_trailing_slash(std::string_view path) {
  return path.size() > 2 && path.back() == '/' ? path.substr(0, path.size() - 1) : path;
}

std::string allowed_methods(const PathRoutes& routes) {
  std::string allow;
  for (Method method : {Method::kGet, Method::kPost, Method::kPut, Method::kPatch, Method::kDelete}) {
    if (routes.of(method) == nullptr) continue;
    allow += name_of(method);
    allow += method == Method::kGet ? ", HEAD, " : ", ";
  }
  return allow + "OPTIONS";
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

Router::Router(std::vector<Route> routes)
    : routes_(std::make_move_iterator(routes.begin()), std::make_move_iterator(routes.end())),
      root_(std::make_unique<Node>()) {
  for (const Route& route : routes_) add(route);
  for (PathRoutes& path : paths_) path.allow = allowed_methods(path);
}

void Router::add(const Route& route) {
  Node* node = root_.get();
  bool literal = true;
  for (std::string_view segment : segments_of(route.path)) {
    const bool placeholder = !segment.empty() && segment.front() == '{';
    std::unique_ptr<Node>& next = placeholder ? node->placeholder : node->literal[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
    literal = literal && !placeholder;
  }
  if (node->routes == nullptr) node->routes = &paths_.emplace_back();
  const Route*& slot = node->routes->by_method[static_cast<std::size_t>(route.method)];
  if (slot != nullptr) {
    throw std::logic_error("two routes for " + std::string(name_of(route.method)) + " " + route.path);
  }
  slot = &route;
  if (literal) literal_[std::string(without_trailing_slash(route.path))] = node->routes;
}

Router::Match Router::find(std::string_view path) const {
  Match match;
  if (const auto found = literal_.find(without_trailing_slash(path)); found != literal_.end()) {
    match.routes = found->second;
    match.path = without_trailing_slash(path);
    return match;
  }
  const Node* node = root_.get();
  for (std::string_view raw : segments_of(path)) {
    auto segment = percent_decode(raw);
    if (!segment) {
      match.malformed = true;
      return match;
    }
    // Two slashes in a row and a NUL name nothing that could be there.
    if (node == nullptr || segment->empty() || segment->find('\0') != std::string::npos) {
      node = nullptr;
      continue;
    }
    match.path += '/';
    match.path += *segment;
    if (const auto next = node->literal.find(*segment); next != node->literal.end()) {
      node = next->second.get();
    } else {
      node = node->placeholder.get();
      match.values.push_back(std::move(*segment));
    }
  }
  if (node != nullptr) match.routes = node->routes;
  return match;
}

}  // namespace rankloop::http
