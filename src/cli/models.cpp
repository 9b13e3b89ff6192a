// The command models with its commands.
#include "cli/models.h"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include <boost/json/serialize.hpp>
#include <unistd.h>

#include "cli/registry.h"
#include "domain/ledger_words.h"

namespace rankloop::cli {
namespace {

struct ModelsOptions {
  RegistryPlace place;
  std::int64_t id = 0;
  double share = 0;
  bool on = true;
  std::string reason;
  std::string file;
  bool json = false;
  bool yes = false;  // to what would be asked
};

using Answer = Result<boost::json::value>;
using Command = std::function<Answer(Registry&, const ModelsOptions&)>;
using Print = std::function<void(const boost::json::value&)>;

std::string text_of(const boost::json::value& value) {
  return value.is_string() ? std::string{value.get_string()} : boost::json::serialize(value);
}

// A number of an object, by a path such as metrics.test.auc, with four digits; "-" when it is not there.
std::string number_at(const boost::json::value& value, std::initializer_list<std::string_view> path) {
  const boost::json::value* at = &value;
  for (const std::string_view name : path) {
    at = at->is_object() ? at->get_object().if_contains(name) : nullptr;
    if (at == nullptr) return "-";
  }
  if (!at->is_number()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", at->to_number<double>());
  return text;
}

std::string role_of(const boost::json::object& model) {
  if (model.at("champion").as_bool()) return "champion";
  if (model.at("shadow").as_bool()) return "shadow";
  return model.at("share").to_number<double>() > 0 ? "challenger" : "";
}

void print_list(const boost::json::value& models) {
  std::printf("%5s  %-10s  %-10s  %6s  %-21s  %8s  %8s  %8s  %7s  %-24s\n", "model", "family", "role",
              "share", "verdict", "auc", "ndcg@10", "shown", "picked", "created");
  for (const boost::json::value& entry : models.as_array()) {
    const boost::json::object& model = entry.as_object();
    const boost::json::object& counts = model.at("counts").as_object();
    const std::string verdict = model.at("verdict").is_null() ? "" : text_of(model.at("verdict"));
    std::printf("%5s  %-10s  %-10s  %5.0f%%  %-21s  %8s  %8s  %8s  %6s%%  %-24s\n",
                text_of(model.at("model_id")).c_str(), text_of(model.at("family")).c_str(),
                role_of(model).c_str(), 100 * model.at("share").to_number<double>(), verdict.c_str(),
                number_at(entry, {"metrics", "test", "auc"}).c_str(),
                number_at(entry, {"metrics", "test", "ndcg@10"}).c_str(), text_of(counts.at("shown")).c_str(),
                counts.at("pick_rate").is_null()
                    ? "-"
                    : std::to_string(std::lround(100 * counts.at("pick_rate").to_number<double>())).c_str(),
                text_of(model.at("created")).c_str());
  }
}

void print_history(const boost::json::value& events) {
  for (const boost::json::value& entry : events.as_array()) {
    const boost::json::object& event = entry.as_object();
    const std::string remark = event.at("remark").is_null() ? "" : " (" + text_of(event.at("remark")) + ")";
    std::printf("%s  %-21s  model %-5s  %s%s: %s\n", text_of(event.at("at")).c_str(),
                text_of(event.at("what")).c_str(), text_of(event.at("model_id")).c_str(),
                text_of(event.at("actor")).c_str(), remark.c_str(), text_of(event.at("reason")).c_str());
  }
}

void print_indented(const boost::json::value& value, int depth) {
  const std::string margin(static_cast<std::size_t>(2 * depth), ' ');
  for (const auto& [name, member] : value.as_object()) {
    if (name == "snapshot") continue;  // long; --json has it
    std::cout << margin << name << ": ";
    if (member.is_object()) {
      std::cout << '\n';
      print_indented(member, depth + 1);
    } else {
      std::cout << text_of(member) << '\n';
    }
  }
}

void print_record(const boost::json::value& model) {
  const boost::json::object& object = model.as_object();
  const std::string role = role_of(object);
  std::cout << "model " << text_of(object.at("model_id")) << " (" << text_of(object.at("family"))
            << ") is now " << (role.empty() ? "neither champion nor challenger" : role) << '\n';
}

int run(const ModelsOptions& options, RegistryUse use, const Command& command, const Print& print) {
  const auto registry = open_registry(options.place, use);
  if (!registry) return complain(registry.error());
  const Answer answer = command(**registry, options);
  if (!answer) return complain(answer.error());
  if (options.json) {
    std::cout << boost::json::serialize(*answer) << '\n';
  } else {
    print(*answer);
  }
  return 0;
}

// What the gate has said of a model that is to be the champion; empty when nothing speaks against it.
std::string objections(const boost::json::object& model) {
  if (model.at("champion").as_bool()) return "";
  if (model.at("verdict").is_null()) return "it was never judged by the gate\n";
  const std::string verdict = text_of(model.at("verdict"));
  std::string told;
  bool failed = parse_verdict(verdict) != Verdict::kPromote;
  if (const boost::json::object* gate = model.at("gate").if_object()) {
    for (const boost::json::value& guardrail : gate->at("guardrails").as_array())
      failed = failed || text_of(guardrail.at("state")) == "failed";
    for (const boost::json::value& reason : gate->at("reasons").as_array())
      told += "  " + text_of(reason) + "\n";
  }
  return failed ? "the gate's verdict is " + verdict + "\n" + told : "";
}

// Whoever sits at a terminal is asked; a script has to say --yes beforehand.
Status agreed(const ModelsOptions& options, const std::string& question, const std::string& not_done,
              const std::string& to_do) {
  if (options.yes) return {};
  if (::isatty(STDIN_FILENO) != 1) {
    return Error{ErrorCode::kFailedPrecondition, not_done + "; say --yes to " + to_do};
  }
  std::cerr << question << " [y/N] " << std::flush;
  std::string said;
  if (std::getline(std::cin, said) && (said == "y" || said == "yes")) return {};
  return Error{ErrorCode::kAborted, not_done};
}

Answer promote(Registry& registry, const ModelsOptions& options) {
  const Answer model = registry.show({options.id});
  if (!model) return model;
  const std::string against = objections(model->as_object());
  if (!against.empty()) {
    std::cerr << "model " << options.id << ": " << against;
    const Status sure = agreed(options, "Make it the champion all the same?",
                               "model " + std::to_string(options.id) + " was not promoted",
                               "make it the champion all the same");
    if (!sure) return sure.error();
  }
  return registry.promote({options.id}, options.reason);
}

Answer remove(Registry& registry, const ModelsOptions& options) {
  const std::string name = "model " + std::to_string(options.id);
  const Status sure =
      agreed(options, "Remove " + name + " for good?", name + " was not removed", "remove it for good");
  if (!sure) return sure.error();
  return registry.remove({options.id}, options.reason);
}

void print_removed(const boost::json::value& model) {
  const boost::json::object& object = model.as_object();
  std::cout << "model " << text_of(object.at("model_id")) << " (" << text_of(object.at("family"))
            << ") is removed; its history stays\n";
}

Answer import_file(Registry& registry, const ModelsOptions& options) {
  std::ifstream in{options.file, std::ios::binary};
  if (!in) return Error{ErrorCode::kNotFound, "cannot read '" + options.file + "'"};
  std::stringstream bytes;
  bytes << in.rdbuf();
  return registry.add(std::move(bytes).str());
}

Answer export_file(Registry& registry, const ModelsOptions& options) {
  const auto bytes = registry.artefact({options.id});
  if (!bytes) return bytes.error();
  std::ofstream out{options.file, std::ios::binary | std::ios::trunc};
  out << *bytes;
  out.flush();
  if (!out) return Error{ErrorCode::kUnavailable, "cannot write '" + options.file + "'"};
  return boost::json::value{{"model_id", options.id}, {"file", options.file}, {"bytes", bytes->size()}};
}

class Commands {
 public:
  Commands(CLI::App& parent, CommandResult& result) : parent_(parent), result_(result) {}

  // A subcommand with the options that all of them have.
  CLI::App* add(const std::string& name, RegistryUse use, const std::string& help, const std::string& example,
                Command command, Print print) {
    CLI::App* sub = parent_.add_subcommand(name, help);
    sub->footer("Example:\n  rankloop models " + example);
    add_server_options(*sub, options_->place);
    sub->add_option_function<std::string>(
           "--domain",
           [options = options_](const std::string& text) { options->place.settings["domain"] = text; },
           "Domain file, when no server runs")
        ->type_name("FILE");
    sub->add_flag("--json", options_->json, "The API's answer as JSON");
    sub->callback([options = options_, use, &result = result_, command = std::move(command),
                   print = std::move(print)] { result.exit_code = run(*options, use, command, print); });
    return sub;
  }
  void id(CLI::App* sub) {
    sub->add_option("model", options_->id, "The model's number")->type_name("MODEL")->required();
  }
  void reason(CLI::App* sub) { sub->add_option("--reason", options_->reason, "Why; kept in the history"); }
  ModelsOptions& options() { return *options_; }

 private:
  CLI::App& parent_;
  CommandResult& result_;
  std::shared_ptr<ModelsOptions> options_ = std::make_shared<ModelsOptions>();
};

void add_changes(Commands& commands) {
  CLI::App* champion = commands.add("promote", RegistryUse::kChange, "Make a model the champion",
                                    "promote 3 --reason 'better on weekends'", promote, print_record);
  commands.id(champion);
  commands.reason(champion);
  champion->add_flag("--yes", commands.options().yes,
                     "Also when the gate has spoken against it; asks nothing");
  CLI::App* rollback = commands.add(
      "rollback", RegistryUse::kChange, "Go back to the champion before this one",
      "rollback --data-dir /var/lib/rankloop",
      [](Registry& registry, const ModelsOptions& o) { return registry.rollback(o.reason); }, print_record);
  commands.reason(rollback);
  CLI::App* share = commands.add(
      "share", RegistryUse::kChange, "Give a challenger a share of the people; the champion keeps the rest",
      "share 4 0.1",
      [](Registry& registry, const ModelsOptions& o) { return registry.share({o.id}, o.share, o.reason); },
      print_record);
  commands.id(share);
  share->add_option("share", commands.options().share, "Between 0 and 1")->required();
  commands.reason(share);
  CLI::App* shadow = commands.add(
      "shadow", RegistryUse::kChange,
      "Let a challenger rank beside whatever answers, unseen; 'false' ends it", "shadow 4 true",
      [](Registry& registry, const ModelsOptions& o) { return registry.shadow({o.id}, o.on, o.reason); },
      print_record);
  commands.id(shadow);
  shadow->add_option("on", commands.options().on, "Whether it ranks along")
      ->type_name("{true,false}")
      ->capture_default_str();
  commands.reason(shadow);
  CLI::App* gone =
      commands.add("remove", RegistryUse::kChange, "Remove a model that answers nobody, for good",
                   "remove 3 --yes --reason 'an experiment'", remove, print_removed);
  commands.id(gone);
  commands.reason(gone);
  gone->add_flag("--yes", commands.options().yes, "Asks nothing");
}

}  // namespace

void add_models(CLI::App& app, CommandResult& result) {
  CLI::App* parent =
      app.add_subcommand("models", "The registry: look, promote, roll back, share traffic, remove");
  parent->require_subcommand(1);
  parent->footer(
      "Examples:\n"
      "  rankloop models list\n"
      "  rankloop models promote 3 --reason 'better on weekends'\n"
      "  rankloop models rollback --data-dir /var/lib/rankloop\n"
      "  rankloop models export 3 --out model-3.rankloop");
  Commands commands(*parent, result);
  commands.add(
      "list", RegistryUse::kRead, "Every model with its role, verdict and picks", "list --json",
      [](Registry& registry, const ModelsOptions&) { return registry.list(); }, print_list);
  CLI::App* show = commands.add(
      "show", RegistryUse::kRead, "All there is to know of one model", "show 3",
      [](Registry& registry, const ModelsOptions& o) { return registry.show({o.id}); },
      [](const boost::json::value& model) { print_indented(model, 0); });
  commands.id(show);
  commands.add(
      "history", RegistryUse::kRead, "Who or what changed the registry, when and why", "history",
      [](Registry& registry, const ModelsOptions&) { return registry.history(); }, print_history);
  add_changes(commands);
  CLI::App* add = commands.add(
      "import", RegistryUse::kChange, "Add a model from a file; it answers nothing until it is promoted",
      "import model/model.rankloop", import_file, [](const boost::json::value& added) {
        std::cout << "imported as model " << text_of(added.at("model_id")) << '\n';
      });
  add->add_option("file", commands.options().file, "A file of 'models export' or 'train'")
      ->type_name("FILE")
      ->required();
  CLI::App* save = commands.add(
      "export", RegistryUse::kRead, "Write a model to a file", "export 3 --out model-3.rankloop", export_file,
      [](const boost::json::value& saved) {
        std::cout << text_of(saved.at("file")) << ": " << text_of(saved.at("bytes")) << " bytes\n";
      });
  commands.id(save);
  save->add_option("--out", commands.options().file, "The file to write")->type_name("FILE")->required();
}

}  // namespace rankloop::cli
