// Writes the steps to standard output.
#include "cli/quickstart/told_steps.h"

#include <iostream>
#include <string_view>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "cli/inferred_report.h"
#include "cli/serve.h"
#include "tables/header.h"

namespace rankloop::cli {
namespace {

boost::json::object to_json(const ItemMatches& items) {
  return {{"rows", items.rows},
          {"unknown_items", items.unknown},
          {"unknown_examples", boost::json::array(items.examples.begin(), items.examples.end())}};
}

void say_left_out(std::size_t count, std::string_view what) {
  if (count > 0) std::cout << "  left out: " << count << (count == 1 ? " row " : " rows ") << what << '\n';
}

void say_unknown(const ItemMatches& items, const std::string& plural) {
  if (items.unknown == 0) return;
  std::cout << "  " << items.unknown << " of " << items.rows << " rows name no item of the " << plural
            << ", as " << tables::listed(items.examples) << '\n';
}

}  // namespace

void ToldSteps::json(std::string_view step, boost::json::object members) const {
  boost::json::object object{{"step", step}};
  for (auto& member : members) object[member.key()] = std::move(member.value());
  std::cout << boost::json::serialize(object) << std::endl;
}

void ToldSteps::domain(const NewCatalog& catalog) const {
  const std::string& file = catalog.settings.domain;
  if (options_.json) {
    const InferredFiles files{options_.items, options_.history, file, catalog.settings.data_dir,
                              options_.table};
    boost::json::object found = boost::json::parse(to_json(catalog.inferred, files)).as_object();
    for (const std::string_view other : {"next", "out"}) found.erase(other);
    found["domain_file"] = file;
    found["data_dir"] = catalog.settings.data_dir;
    found["inferred"] = !catalog.domain_given;
    return json("domain", std::move(found));
  }
  if (!catalog.domain_given) tell_findings(catalog.inferred, std::cout);
  std::cout << "\nthe domain file is " << file << '\n' << std::flush;
}

void ToldSteps::items(const NewCatalog& catalog, const ItemsIn& items) const {
  const std::string& plural = catalog.domain->item.many;
  if (options_.json) {
    boost::json::object report = app::to_json(items.report);
    report["there_before"] = items.there_before;
    report["bad_rows_file"] = items.bad_rows_file;
    return json("items", std::move(report));
  }
  if (items.there_before) {
    std::cout << "the " << plural << " are there already\n" << std::flush;
    return;
  }
  std::cout << items.report.rows << ' ' << plural << " imported"
            << fmt::format(" in {:.1f} s\n", items.report.seconds);
  tell_bad_rows(items.report.bad, items.bad_rows_file);
  std::cout << std::flush;
}

void ToldSteps::history(const NewCatalog& catalog, const HistoryIn& history) const {
  if (options_.json) {
    boost::json::object report = to_json(history.items);
    report["kind"] = history.events ? "events" : "lists";
    report["requests"] = history.imported.requests;
    report["repeated"] = history.imported.repeated;
    report["unreadable_rows"] = history.log.unreadable;
    report["not_picked_rows"] = history.log.not_picked;
    report["momentless_rows"] = history.log.momentless;
    report["older_rows"] = history.log.older;
    report["bad"] = app::to_json(history.bad);
    report["bad_untold"] = history.bad_untold;
    report["bad_rows_file"] = history.bad_rows_file;
    report["facts"] = history.facts;
    report["facts_refused"] = history.facts_refused;
    return json("history", std::move(report));
  }
  std::cout << history.imported.requests << " requests imported";
  if (history.imported.repeated > 0) std::cout << ", " << history.imported.repeated << " were there already";
  if (history.events)
    std::cout << "; each is what somebody picked, among " << app::kOthers << " others drawn by chance";
  std::cout << '\n';
  say_unknown(history.items, catalog.domain->item.many);
  say_left_out(history.log.unreadable, "that cannot be read");
  say_left_out(history.log.not_picked, "that say that nothing was picked");
  say_left_out(history.log.momentless, "without a moment that can be read");
  say_left_out(history.log.older, "that are older than what a training looks at (training.window)");
  say_left_out(history.facts_refused, "of the table of requests that cannot be read");
  tell_bad_rows(history.bad, history.bad_rows_file);
  if (history.bad_untold > 0) std::cout << "  " << history.bad_untold << " more are not kept there\n";
  std::cout << std::flush;
}

void ToldSteps::models(const std::optional<Contest>& contest) const {
  const std::string nothing =
      "there is no history to learn from (--history LOG): the order is random until what is shown and picked "
      "over the API has been learned from";
  if (options_.json) {
    return json("models", contest
                              ? cli::to_json(*contest)
                              : boost::json::object{{"families", boost::json::array{}}, {"reason", nothing}});
  }
  if (!contest) {
    std::cout << nothing << '\n' << std::flush;
    return;
  }
  if (!contest->ranks.empty()) std::cout << '\n' << to_table(*contest) << '\n';
  if (contest->champion.value != 0) {
    std::cout << contest->ranks.front().family << ' ' << contest->champion.value
              << " answers from now on: " << contest->reason << '\n';
  } else {
    std::cout << contest->reason << "; the order is random\n";
  }
  std::cout << std::flush;
}

void ToldSteps::ready(const server::ReadyInfo& info) const {
  if (options_.json) return json("ready", {{"url", info.url}, {"items", info.items}, {"model", info.model}});
  std::cout << '\n' << std::flush;
  greet(info);
}

void ToldSteps::end(const NewCatalog& catalog) const {
  if (options_.json) return json("end", {{"next", serve_command(catalog)}});
  std::cout << "\nnext:\n  " << serve_command(catalog) << '\n' << std::flush;
}

std::string serve_command(const NewCatalog& catalog) {
  return in_shell({"rankloop", "serve", "--data-dir", catalog.settings.data_dir});
}

}  // namespace rankloop::cli
