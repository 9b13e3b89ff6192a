// The handlers of pages and assets, and their content policy.
#include "http/routes/docs.h"

#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <openssl/evp.h>

#include "embedded_assets.h"
#include "http/accept_encoding.h"
#include "http/gzip.h"
#include "http/message.h"

namespace rankloop::http {

namespace {

using boost::asio::awaitable;

// A page or asset in memory, for as long as the server runs. `gzip` is empty for small ones; `plain` of what
// is built in compressed is made when it is first asked for, once.
struct Asset {
  std::string content_type;
  std::string plain;
  std::string packed;  // what `gzip` views where it was compressed here
  std::string_view gzip;
  std::string etag;
  std::string cache_control;
  std::string policy;  // Content-Security-Policy; pages only
};

constexpr std::string_view kPagePolicy =
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
// Both viewers write styles into the page; Redoc searches in a worker that it makes from a blob.
constexpr std::string_view kViewerPolicy =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

std::string etag_of(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string tag = "\"";
  for (std::size_t i = 0; i < 8; ++i) {
    tag += kHex[digest[i] >> 4U];
    tag += kHex[digest[i] & 15U];
  }
  return tag += '"';
}

std::string content_type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

// The tag of the compressed bytes: "abc" becomes "abc-gzip".
std::string gzip_tag(const std::string& tag) {
  return tag.substr(0, tag.size() - 1) + "-gzip\"";
}

Response asset_response(const Request& request, Asset& asset) {
  const bool packed = !asset.gzip.empty() && takes_gzip(request.header("Accept-Encoding"));
  const std::string tag = packed ? gzip_tag(asset.etag) : asset.etag;
  Response response;
  response.content_type = asset.content_type;
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Cache-Control", asset.cache_control);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  if (!asset.policy.empty()) response.headers.emplace_back("Content-Security-Policy", asset.policy);
  if (!asset.gzip.empty()) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (names_tag(request.header("If-None-Match"), tag)) {
    response.status = 304;
    return response;
  }
  if (packed) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.lasting_body = asset.gzip;
    return response;
  }
  if (asset.plain.empty()) asset.plain = gunzip(asset.gzip);
  response.lasting_body = asset.plain;
  return response;
}

Route page_route(std::string path, Handler handle) {
  return {.method = Method::kGet,
          .path = std::move(path),
          .handle = std::move(handle),
          .role = Role::kNone,
          .hidden = true};
}

Route asset_route(std::string path, std::shared_ptr<Asset> asset) {
  return page_route(std::move(path), [kept = std::move(asset)](Request& request) -> awaitable<Response> {
    co_return asset_response(request, *kept);
  });
}

// Pages are asked for anew, what is named after its content is kept for good.
std::string_view cache_control_of(std::string_view name) {
  if (name.ends_with(".html")) return "no-cache";
  return name.starts_with("assets/dashboard/") ? "public, max-age=31536000, immutable"
                                               : "public, max-age=3600";
}

// A file of build/web by its name without .gz.
std::optional<Asset> find_asset(std::string_view name) {
  for (const EmbeddedFile& file : embedded_assets()) {
    const bool compressed = file.path.ends_with(".gz");
    if (file.path.substr(0, file.path.size() - (compressed ? 3 : 0)) != name) continue;
    Asset asset;
    asset.content_type = content_type_of(name);
    asset.etag = etag_of(file.bytes);
    asset.cache_control = cache_control_of(name);
    if (compressed) {
      asset.gzip = file.bytes;
    } else {
      asset.plain = file.bytes;
    }
    return asset;
  }
  return std::nullopt;
}

// JSON to a client that accepts nothing else.
bool wants_json(const Request& request) {
  const std::string_view accept = request.header("Accept");
  return accept.find("application/json") != std::string_view::npos &&
         accept.find("text/html") == std::string_view::npos && accept.find("*/*") == std::string_view::npos;
}

Route start_route(const std::string& version) {
  auto page = find_asset("index.html");
  if (page) page->policy = kPagePolicy;
  const auto kept = std::make_shared<std::optional<Asset>>(std::move(page));
  const std::string name = R"({"name":"rankloop","version":")" + version + R"("})";
  return page_route("/", [kept, name](Request& request) -> awaitable<Response> {
    Response response = *kept && !wants_json(request) ? asset_response(request, **kept) : json_response(name);
    response.headers.emplace_back("Vary", "Accept");
    co_return response;
  });
}

}  // namespace

void add_docs_routes(std::vector<Route>& routes, std::string openapi, std::string version) {
  routes.push_back(start_route(version));

  Asset description;
  description.content_type = "application/json";
  description.etag = etag_of(openapi);
  description.cache_control = "no-cache";
  description.plain = std::move(openapi);
  const auto kept = std::make_shared<Asset>(std::move(description));
  kept->packed = gzip(kept->plain);
  kept->gzip = kept->packed;
  routes.push_back(asset_route("/openapi.json", kept));

  for (const char* viewer : {"docs", "redoc"}) {
    auto page = find_asset(std::string(viewer) + ".html");
    if (!page) continue;
    page->policy = kViewerPolicy;
    routes.push_back(asset_route("/" + std::string(viewer), std::make_shared<Asset>(*std::move(page))));
  }
  constexpr std::string_view kAssets = "assets/";
  for (const EmbeddedFile& file : embedded_assets()) {
    if (!file.path.starts_with(kAssets)) continue;
    std::string_view name = file.path;
    if (name.ends_with(".gz")) name.remove_suffix(3);
    routes.push_back(asset_route("/docs/" + std::string(name), std::make_shared<Asset>(*find_asset(name))));
  }
}

}  // namespace rankloop::http
