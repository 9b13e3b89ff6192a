// Draws the loop from its history, as lines or as JSON.
#include "cli/top/loop_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "cli/progress.h"
#include "cli/top/styled_line.h"
#include "domain/ledger_words.h"

namespace rankloop::cli {
namespace {

constexpr double kDriftWarns = 0.1;  // the usual reading of the population stability index
constexpr double kDriftAlarms = 0.25;

double step(double now, double before, double seconds) {
  return seconds > 0 ? std::max(0.0, now - before) / seconds : 0;
}

std::string in_milliseconds(const Buckets& buckets, double share) {
  const auto seconds = quantile(buckets, share);
  return seconds ? fmt::format("{:.3g} ms", *seconds * 1e3) : "-";
}

Colour colour_of(const std::string& verdict) {
  const std::optional<Verdict> said = parse_verdict(verdict);
  if (said == Verdict::kPromote) return Colour::kGreen;
  return said == Verdict::kReject ? Colour::kRed : Colour::kYellow;
}

std::string rate_of(const ModelState& model) {
  if (!model.rate) return "-";
  return fmt::format("{:.1f} % ({:.1f} to {:.1f})", 100 * *model.rate, 100 * model.rate_low,
                     100 * model.rate_high);
}

// The screen from top to bottom; the most important comes first, as the window may be low.
class Screen {
 public:
  Screen(const LoopHistory& history, ViewSize size, ViewStyle style)
      : history_(history), size_(size), style_(style) {}

  void head(const std::string& url, const std::string& fault) {
    StyledLine line;
    line.add("rankloop top", Colour::kBold).add("  " + url, Colour::kCyan);
    if (!history_.empty())
      line.add("  " + history_.now().domain + "  " + history_.now().version, Colour::kDim);
    put(line);
    if (!fault.empty()) put(StyledLine{}.add("No answer: " + fault + "; trying again", Colour::kRed));
  }

  void body() {
    champion();
    rates();
    latencies();
    tasks();
    blocks();
    drift();
    models();
    trainings();
  }

  std::vector<std::string> end() && {
    if (rest() > 0) lines_.emplace_back();
    put(StyledLine{}.add("q quits", Colour::kDim));
    return std::move(lines_);
  }

 private:
  int rest() const { return size_.rows - static_cast<int>(lines_.size()) - 1; }
  void put(const StyledLine& line) {
    if (static_cast<int>(lines_.size()) < size_.rows)
      lines_.push_back(line.text(size_.columns, style_.colour));
  }
  // A body's line; the last row of the screen is kept for the foot.
  void row(const StyledLine& line) {
    if (rest() > 0) put(line);
  }
  static StyledLine named(const std::string& name) {
    StyledLine line;
    line.add(name, Colour::kDim).to_column(kNameColumns);
    return line;
  }

  void champion() {
    StyledLine line = named("champion");
    const auto& models = history_.now().models;
    const auto found = std::ranges::find(models, "champion", &ModelState::role);
    if (found == models.end()) {
      row(line.add("none: a random order answers", Colour::kYellow));
    } else {
      row(line.add(fmt::format("{} {}", found->family, found->id), Colour::kGreen)
              .add("  picked " + rate_of(*found)));
    }
  }

  void rates() {
    struct Shown {
      const char* name;
      double LoopRates::* rate;
    };
    constexpr std::array<Shown, 4> kShown = {{{"requests", &LoopRates::requests},
                                              {"scored", &LoopRates::scored},
                                              {"shown", &LoopRates::shown},
                                              {"picked", &LoopRates::picked}}};
    for (const auto& [name, rate] : kShown) {
      std::vector<double> values;
      for (const LoopRates& rates : history_.rates()) values.push_back(rates.*rate);
      StyledLine line = named(name);
      line.add(values.empty() ? "     -  " : fmt::format("{:6.1f}/s ", values.back()))
          .add(sparkline(values, std::clamp(size_.columns - kNameColumns - 10, 0, kMostBlocks),
                         style_.unicode),
               Colour::kCyan);
      row(line);
    }
  }

  void latencies() {
    StyledLine line = named("p50, p99");
    for (const auto& [name, buckets] :
         {std::pair{"task", history_.total()}, std::pair{"wait", history_.wait()},
          std::pair{"score", history_.score()}}) {
      line.add(
          fmt::format("{} {}, {}   ", name, in_milliseconds(buckets, 0.5), in_milliseconds(buckets, 0.99)));
    }
    row(line);
  }

  void tasks() {
    const ServerFigures& state = history_.now();
    StyledLine line = named("tasks");
    line.add(fmt::format("{} waiting", state.waiting));
    if (state.oldest) {
      line.add(", oldest " + human_duration(*state.oldest),
               state.oldest->count() > kOldTask ? Colour::kRed : Colour::kPlain);
    }
    line.add(fmt::format(", {} running, ", state.running))
        .add(fmt::format("{:.0f} failed", state.counts.failed),
             state.counts.failed > 0 ? Colour::kRed : Colour::kPlain);
    if (!state.training.empty()) line.add("; a training since " + state.training, Colour::kCyan);
    row(line);
  }

  void blocks() {
    const ServerFigures& state = history_.now();
    StyledLine line = named("promotion");
    if (state.trainings.empty()) {
      row(line.add("nothing was trained yet"));
      return;
    }
    if (state.blocks.empty()) row(line.add("the newest model was promoted", Colour::kGreen));
    for (const std::string& reason : state.blocks) {
      row(line.add(reason, Colour::kYellow));
      line = named("");
    }
  }

  void drift() {
    const auto& drift = history_.now().drift;
    StyledLine line = named("drift");
    if (!drift) {
      row(line.add("-"));
      return;
    }
    const double index = drift->stability_index;
    row(line.add(fmt::format("{} {:.3f}", drift->feature, index), index > kDriftAlarms  ? Colour::kRed
                                                                  : index > kDriftWarns ? Colour::kYellow
                                                                                        : Colour::kGreen));
  }

  void models() {
    const auto& models = history_.now().models;
    if (models.empty()) return;
    row(StyledLine{});
    row(StyledLine{}.add(fmt::format("{:>5}  {:<10}  {:<10} {:>6} {:>8} {:>8}  {}", "model", "family", "role",
                                     "share", "shown", "picked", "rate (95 % interval)"),
                         Colour::kBold));
    // Who answers comes first, then the newest.
    std::vector<const ModelState*> sorted;
    for (const ModelState& model : models) sorted.push_back(&model);
    std::ranges::sort(sorted, [](const ModelState* a, const ModelState* b) {
      return std::pair{!a->role.empty(), a->id} > std::pair{!b->role.empty(), b->id};
    });
    const auto most = static_cast<std::size_t>(std::max(rest() / 2, 1));
    for (std::size_t i = 0; i < std::min(most, sorted.size()); ++i) {
      const ModelState& model = *sorted[i];
      row(StyledLine{}.add(
          fmt::format("{:>5}  {:<10}  {:<10} {:>4.0f} % {:>8} {:>8}  {}", model.id, model.family, model.role,
                      100 * model.share, model.shown, model.picked, rate_of(model)),
          model.role == "champion" ? Colour::kGreen : Colour::kPlain));
    }
  }

  void trainings() {
    if (history_.now().trainings.empty()) return;
    row(StyledLine{});
    row(StyledLine{}.add("last trainings", Colour::kBold));
    for (const TrainingState& training : history_.now().trainings) {
      row(StyledLine{}
              .add(training.at.substr(0, 19) + "  ", Colour::kDim)
              .add(fmt::format("model {} ", training.model_id))
              .add(training.verdict, colour_of(training.verdict))
              .add("  " + training.reason, Colour::kDim));
    }
  }

  static constexpr int kNameColumns = 11;
  static constexpr int kMostBlocks = 60;
  static constexpr std::int64_t kOldTask = 10;  // seconds

  const LoopHistory& history_;
  const ViewSize size_;
  const ViewStyle style_;
  std::vector<std::string> lines_;
};

boost::json::value quantiles(const Buckets& buckets) {
  boost::json::object object;
  for (const auto& [name, share] : {std::pair{"p50", 0.5}, std::pair{"p99", 0.99}}) {
    const auto value = quantile(buckets, share);
    object[name] = value ? boost::json::value(*value) : boost::json::value(nullptr);
  }
  return object;
}

boost::json::object model_json(const ModelState& model) {
  boost::json::object object{{"model_id", model.id}, {"family", model.family}, {"role", model.role},
                             {"share", model.share}, {"shown", model.shown},   {"picked", model.picked}};
  object["pick_rate"] = model.rate ? boost::json::value(*model.rate) : boost::json::value(nullptr);
  object["pick_rate_ci"] = model.rate
                               ? boost::json::value(boost::json::array{model.rate_low, model.rate_high})
                               : boost::json::value(nullptr);
  object["verdict"] = model.verdict.empty() ? boost::json::value(nullptr) : boost::json::value(model.verdict);
  return object;
}

}  // namespace

void LoopHistory::add(ServerFigures state) {
  if (now_) {
    const double seconds = std::chrono::duration<double>(state.at - now_->at).count();
    const LoopCounts& a = now_->counts;
    const LoopCounts& b = state.counts;
    rates_.push_back({step(b.requests, a.requests, seconds), step(b.scored, a.scored, seconds),
                      step(b.shown, a.shown, seconds), step(b.picked, a.picked, seconds)});
    if (rates_.size() > kKept) rates_.pop_front();
  }
  before_ = std::move(now_);
  now_ = std::move(state);
}

Buckets LoopHistory::recent(Buckets ServerFigures::* histogram) const {
  const Buckets& all = (*now_).*histogram;
  if (!before_) return all;
  Buckets between = since(all, (*before_).*histogram);
  return between.empty() || between.rbegin()->second <= 0 ? all : between;
}

std::vector<std::string> screen_lines(const LoopHistory& history, const std::string& url,
                                      const std::string& fault, ViewSize size, ViewStyle style) {
  Screen screen{history, size, style};
  screen.head(url, fault);
  if (!history.empty()) screen.body();
  return std::move(screen).end();
}

std::string plain_line(const LoopHistory& history) {
  const ServerFigures& state = history.now();
  const auto champion = std::ranges::find(state.models, "champion", &ModelState::role);
  const LoopRates rates = history.rates().empty() ? LoopRates{} : history.rates().back();
  return fmt::format(
      "{}: {:.1f} requests/s, {:.1f} scored/s, {:.1f} shown/s, {:.1f} picked/s; task p50 {}, p99 {}; {} "
      "waiting, "
      "{} running, {:.0f} failed{}",
      champion == state.models.end() ? "random order" : fmt::format("{} {}", champion->family, champion->id),
      rates.requests, rates.scored, rates.shown, rates.picked, in_milliseconds(history.total(), 0.5),
      in_milliseconds(history.total(), 0.99), state.waiting, state.running, state.counts.failed,
      state.drift ? fmt::format("; drift {} {:.3f}", state.drift->feature, state.drift->stability_index)
                  : "");
}

std::string to_json(const LoopHistory& history, const std::string& url) {
  const ServerFigures& state = history.now();
  const auto champion = std::ranges::find(state.models, "champion", &ModelState::role);
  const LoopRates rates = history.rates().empty() ? LoopRates{} : history.rates().back();
  boost::json::object object{{"url", url}, {"version", state.version}, {"domain", state.domain}};
  object["champion"] = champion == state.models.end() ? boost::json::value(nullptr) : model_json(*champion);
  object["per_second"] = {{"requests", rates.requests},
                          {"scored", rates.scored},
                          {"shown", rates.shown},
                          {"picked", rates.picked}};
  object["seconds"] = {{"task", quantiles(history.total())},
                       {"wait", quantiles(history.wait())},
                       {"score", quantiles(history.score())}};
  boost::json::object tasks{{"waiting", state.waiting},
                            {"running", state.running},
                            {"failed", static_cast<std::int64_t>(state.counts.failed)}};
  tasks["oldest_seconds"] =
      state.oldest ? boost::json::value(state.oldest->count()) : boost::json::value(nullptr);
  object["tasks"] = std::move(tasks);
  object["training_since"] =
      state.training.empty() ? boost::json::value(nullptr) : boost::json::value(state.training);
  boost::json::array models;
  for (const ModelState& model : state.models) models.push_back(model_json(model));
  object["models"] = std::move(models);
  boost::json::array trainings;
  for (const TrainingState& training : state.trainings) {
    trainings.push_back({{"at", training.at},
                         {"model_id", training.model_id},
                         {"verdict", training.verdict},
                         {"reason", training.reason}});
  }
  object["trainings"] = std::move(trainings);
  object["drift"] = state.drift ? boost::json::value{{"feature", state.drift->feature},
                                                     {"stability_index", state.drift->stability_index}}
                                : boost::json::value(nullptr);
  object["blocks"] = boost::json::array(state.blocks.begin(), state.blocks.end());
  return boost::json::serialize(object);
}

std::string sparkline(const std::vector<double>& values, int columns, bool unicode) {
  static constexpr std::array<const char*, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr std::array<const char*, 8> kAscii = {"_", ".", "-", "=", "+", "*", "%", "#"};
  const auto shown = std::min(values.size(), static_cast<std::size_t>(std::max(columns, 0)));
  const auto first = values.end() - static_cast<std::ptrdiff_t>(shown);
  const double greatest = shown == 0 ? 0 : *std::max_element(first, values.end());
  std::string text;
  for (auto value = first; value != values.end(); ++value) {
    const double height = greatest > 0 ? std::clamp(*value / greatest, 0.0, 1.0) : 0;
    text += (unicode ? kBlocks : kAscii)[static_cast<std::size_t>(std::lround(height * 7))];
  }
  return text;
}

}  // namespace rankloop::cli
