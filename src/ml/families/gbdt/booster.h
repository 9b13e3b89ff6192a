// XGBoost's handles, each owned by one type, over its C interface (Chen and Guestrin, KDD 2016). Every
// failure of the library becomes kInternal with the library's own words in Error::detail.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "error/result.h"
#include "ml/families/gbdt/trees.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

struct FreeMatrix {
  void operator()(void* handle) const noexcept;
};
struct FreeBooster {
  void operator()(void* handle) const noexcept;
};

// Rows as a training sees them: one byte a value, the number of its bin in its column. Not thread-safe.
class BinnedMatrix {
 public:
  // The most bins of a column. 64 hold as much as 256 do for the rankings of the simulator, and the sums of
  // 30 columns' bins stay in the cache: a training takes three quarters of the time.
  static constexpr int kBins = 64;

  // Reads the rows of all parts (of one width), portion by portion, and keeps none of them. `words`: by
  // column, whether its values are numbers of words, each with a bin of its own (two bytes a value if there
  // are more than 256). kAborted: a stop was requested.
  static Result<BinnedMatrix> make(std::span<const LabelledRows* const> parts, const std::vector<bool>& words,
                                   int threads, const std::stop_token& stop);

  void* handle() const { return handle_.get(); }

 private:
  explicit BinnedMatrix(void* handle) : handle_(handle) {}

  std::unique_ptr<void, FreeMatrix> handle_;
};

// Trees and what trains them. Const functions are safe from any thread, the others are not.
class Booster {
 public:
  using Parameters = std::span<const std::pair<std::string_view, std::string>>;

  // Ready to be trained; the matrix must outlive it.
  static Result<Booster> start(const BinnedMatrix& matrix, Parameters parameters);
  // The library reads what write_trees() makes of them, so only values that were checked.
  static Result<Booster> load(const Trees& trees);

  // A tree that follows the rows' first and second derivatives by their margins; both are left as they were.
  Status add_tree(const BinnedMatrix& matrix, std::span<float> first, std::span<float> second);
  // The margins, the sum of the trees so far, of the matrix given to start().
  Status margins(const BinnedMatrix& matrix, std::vector<float>& margins);
  // The first `rounds` trees, as JSON in the library's schema, for read_trees().
  Result<std::string> text(int rounds) const;

  std::size_t width() const { return width_; }  // columns of a row; 0 before load()
  // values[i * width()...] are row i's, NaN: absent. Uses the calling thread only. After load() nothing can
  // fail but memory.
  Status predict(std::span<const float> values, std::span<float> margins) const;
  // Each column's part of the margin, then the bias: the exact Shapley values of the trees (Lundberg et al.,
  // "From local explanations to global understanding with explainable AI for trees", 2020).
  Result<std::vector<float>> contributions(std::span<const float> row) const;

 private:
  explicit Booster(void* handle) : handle_(handle) {}

  std::unique_ptr<void, FreeBooster> handle_;
  std::size_t width_ = 0;
};

}  // namespace rankloop::ml
