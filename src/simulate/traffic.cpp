// Starts the guests and gathers what became of their journeys.
#include "simulate/traffic.h"

#include <algorithm>

#include <boost/json/value.hpp>
#include <sys/resource.h>

#include "client/http_client.h"
#include "domain/strict_json.h"
#include "simulate/guest_loop.h"

namespace rankloop::simulate {
namespace {

constexpr std::chrono::seconds kCatalogDeadline{30};
constexpr std::size_t kPage = 1000;
constexpr std::size_t kBoundGuests = 4000;  // for the shares of a random and of the true order ...
constexpr std::size_t kBoundScores =
    50'000'000;  // ... but no more places scored than a fraction of a second takes

Error bad_option(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Status check(const TrafficOptions& options) {
  if (options.guests < 1 || options.guests > 100'000) return bad_option("guests must be from 1 to 100000");
  if (options.first_journey < 0) return bad_option("the first journey must be 0 or more");
  if (options.journeys < 0) return bad_option("journeys must be 0 (until stopped) or more");
  if (options.limit < 1 || options.limit > 1000)
    return bad_option("the limit of results must be from 1 to 1000");
  const auto visible = [](char c) { return c > ' ' && c < 0x7f; };
  if (!std::all_of(options.token.begin(), options.token.end(), visible)) {
    return bad_option("the token must be of visible ASCII characters, without blanks");  // it is not shown
  }
  if (!(options.rate >= 0 && options.rate <= 100'000)) return bad_option("the rate must be from 0 to 100000");
  const Choosing& choosing = options.choosing;
  if (!(choosing.decision >= 0 && choosing.decision <= 1))
    return bad_option("the decision must be from 0 to 1");
  if (!(choosing.position_bias >= 0)) return bad_option("the position bias must be 0 or more");
  if (!(options.tmin.count() >= 0 && options.tmin <= options.tmax && options.tmax <= std::chrono::hours{1})) {
    return bad_option("the waits must be 0 <= tmin <= tmax <= 3600 s");
  }
  return {};
}

// A socket for each guest may be more than the shell's soft limit allows.
void allow_sockets(int guests) {
  rlimit limit{};
  const auto wanted = static_cast<rlim_t>(guests) + 64;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

Result<std::size_t> append_page(const std::string& body, std::vector<Place>& places) {
  const auto page = parse_strict_json(body);
  if (!page) return page.error();
  const boost::json::array* items = page->if_array();
  if (items == nullptr) return bad_option("the catalog is no list of places to stay");
  for (const boost::json::value& item : *items) {
    const boost::json::object* object = item.if_object();
    if (object == nullptr) return bad_option("the catalog is no list of places to stay");
    auto place = read_place(*object);
    if (!place) return std::move(place).error();
    places.push_back(*place);
  }
  return items->size();
}

Error refused(int status) {
  std::string message = "GET /content/locations answered " + std::to_string(status);
  if (status == 401) {
    message += " (the server asks for its auth.token; give --token or RANKLOOP_AUTH_TOKEN)";
  } else {
    message += " (traffic can be simulated for the default domain only)";
  }
  return {ErrorCode::kUnavailable, std::move(message)};
}

Result<std::vector<Place>> fetch_places(const TrafficOptions& options) {
  Result<client::HttpClient> server = client::HttpClient::of(options.url, options.token);
  if (!server) return server.error();
  std::vector<Place> places;
  while (true) {
    const std::string path =
        "/content/locations?limit=" + std::to_string(kPage) + "&offset=" + std::to_string(places.size());
    auto page = server->ask({.path = path}, kCatalogDeadline);
    if (!page) return std::move(page).error();
    if (page->status != 200) return refused(page->status);
    const auto added = append_page(page->body, places);
    if (!added) return added.error();
    if (*added < kPage) return places;
  }
}

void measure_bounds(const TrafficOptions& options, std::span<const Place> places, TrafficReport& report) {
  const auto limit = static_cast<std::size_t>(options.limit);
  const std::size_t guests = std::min(kBoundGuests, kBoundScores / std::max<std::size_t>(1, places.size()));
  const auto share = [&](const Show& show) {
    return measure_value_share(places, options.profile, options.choosing, guests, options.seed, show,
                               static_cast<std::uint64_t>(options.first_journey))
        .mean();
  };
  report.value_share_random = share(show_random(places, limit));
  report.value_share_oracle = share(show_oracle(places, limit));
}

}  // namespace

Result<TrafficReport> run_traffic(const TrafficOptions& options, const TrafficObserver& observer,
                                  std::stop_token stop) {
  if (const Status checked = check(options); !checked) return checked.error();
  const auto endpoint = resolve(options.url);
  if (!endpoint) return endpoint.error();
  const auto places = fetch_places(options);
  if (!places) return places.error();
  allow_sockets(options.guests);
  GuestLoop loop{options, *endpoint, *places, observer};
  auto report = loop.run(stop);
  // After the run, so that it takes nothing from a server on the same machine.
  if (report && options.bounds) measure_bounds(options, *places, *report);
  return report;
}

}  // namespace rankloop::simulate
