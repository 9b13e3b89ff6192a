// The calls of XGBoost's C interface and their errors.
#include "ml/families/gbdt/booster.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <new>

#include <xgboost/c_api.h>

namespace rankloop::ml {
namespace {

constexpr std::size_t kPortionRows = 32'768;
constexpr int kSuccess = 0;

Error failure(std::string_view what) {
  return {ErrorCode::kInternal, "XGBoost could not " + std::string(what), XGBGetLastError()};
}

Error cancelled() {
  return {ErrorCode::kAborted, "training was cancelled"};
}

// The library would write warnings to stderr. The setting belongs to the calling thread.
void be_silent() {
  XGBSetGlobalConfig(R"({"verbosity": 0})");
}

// How the library is told of an array of ours: numpy's array interface. It reads it in place.
std::string array_of(const float* values, std::size_t rows, std::size_t width) {
  return R"({"data": [)" + std::to_string(reinterpret_cast<std::uintptr_t>(values)) +
         R"(, true], "shape": [)" + std::to_string(rows) + ", " + std::to_string(width) +
         R"(], "typestr": "<f4", "version": 3})";
}

// The library refuses infinite values; the greatest float falls on the same side of every split.
float finite(float value) {
  constexpr float kMost = std::numeric_limits<float>::max();
  return std::isinf(value) ? std::copysign(kMost, value) : value;
}

// Gives the library portion after portion; it asks for all of them several times.
class Portions {
 public:
  Portions(std::span<const LabelledRows* const> parts, const std::vector<bool>& words, void* proxy,
           const std::stop_token& stop)
      : parts_(parts), proxy_(proxy), stop_(stop) {
    for (const bool of_words : words) kinds_.push_back(of_words ? "c" : "q");
  }

  static int next(void* self) noexcept { return static_cast<Portions*>(self)->next(); }
  static void reset(void* self) noexcept {
    static_cast<Portions*>(self)->part_ = 0;
    static_cast<Portions*>(self)->first_ = 0;
  }

 private:
  int next() noexcept {
    while (part_ < parts_.size() && first_ == parts_[part_]->rows()) {
      ++part_;
      first_ = 0;
    }
    if (part_ == parts_.size() || stop_.stop_requested()) return 0;
    const LabelledRows& rows = *parts_[part_];
    const std::size_t count = std::min(kPortionRows, rows.rows() - first_);
    const auto portion = std::span(rows.values).subspan(first_ * rows.width, count * rows.width);
    try {
      values_.resize(portion.size());
      std::transform(portion.begin(), portion.end(), values_.begin(), finite);
      if (XGProxyDMatrixSetDataDense(proxy_, array_of(values_.data(), count, rows.width).c_str()) !=
              kSuccess ||
          XGDMatrixSetStrFeatureInfo(proxy_, "feature_type", kinds_.data(), kinds_.size()) != kSuccess) {
        return 0;
      }
    } catch (const std::bad_alloc&) {
      return 0;
    }
    first_ += count;
    return 1;
  }

  const std::span<const LabelledRows* const> parts_;
  void* const proxy_;
  const std::stop_token& stop_;
  std::vector<const char*> kinds_;  // of columns: quantities or categories
  std::vector<float> values_;
  std::size_t part_ = 0;
  std::size_t first_ = 0;  // of the part
};

Status read_margins(void* booster, void* matrix, const char* config, std::span<const float>& result) {
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* values = nullptr;
  if (XGBoosterPredictFromDMatrix(booster, matrix, config, &shape, &dimensions, &values) != kSuccess) {
    return failure("predict");
  }
  std::size_t count = 1;
  for (bst_ulong d = 0; d < dimensions; ++d) count *= shape[d];
  result = {values, count};
  return {};
}

}  // namespace

void FreeMatrix::operator()(void* handle) const noexcept {
  XGDMatrixFree(handle);
}

void FreeBooster::operator()(void* handle) const noexcept {
  XGBoosterFree(handle);
}

Result<BinnedMatrix> BinnedMatrix::make(std::span<const LabelledRows* const> parts,
                                        const std::vector<bool>& words, int threads,
                                        const std::stop_token& stop) {
  be_silent();
  void* proxy = nullptr;
  if (XGProxyDMatrixCreate(&proxy) != kSuccess) return failure("make a matrix");
  const std::unique_ptr<void, FreeMatrix> proxy_owner(proxy);
  Portions portions(parts, words, proxy, stop);
  const std::string config = R"({"missing": NaN, "max_bin": )" + std::to_string(kBins) + R"(, "nthread": )" +
                             std::to_string(threads) + "}";
  void* handle = nullptr;
  const int made = XGQuantileDMatrixCreateFromCallback(&portions, proxy, nullptr, Portions::reset,
                                                       Portions::next, config.c_str(), &handle);
  const bool stopped = stop.stop_requested();  // then rows are missing, whatever the library says
  if (made != kSuccess) return stopped ? cancelled() : failure("read the rows");
  BinnedMatrix matrix(handle);
  if (stopped) return cancelled();
  bst_ulong count = 0;
  std::size_t rows = 0;
  for (const LabelledRows* part : parts) rows += part->rows();
  if (XGDMatrixNumRow(handle, &count) != kSuccess || count != rows) return failure("read all rows");
  return matrix;
}

Result<Booster> Booster::start(const BinnedMatrix& matrix, Parameters parameters) {
  be_silent();
  void* const known = matrix.handle();
  void* handle = nullptr;
  if (XGBoosterCreate(&known, 1, &handle) != kSuccess) return failure("start");
  Booster booster(handle);
  for (const auto& [name, value] : parameters) {
    if (XGBoosterSetParam(handle, std::string(name).c_str(), value.c_str()) != kSuccess) {
      return failure("set " + std::string(name) + " to " + value);
    }
  }
  return booster;
}

Result<Booster> Booster::load(const Trees& trees) {
  be_silent();
  const std::string text = write_trees(trees);
  void* handle = nullptr;
  if (XGBoosterCreate(nullptr, 0, &handle) != kSuccess) return failure("start");
  Booster booster(handle);
  bst_ulong width = 0;
  if (XGBoosterLoadModelFromBuffer(handle, text.data(), text.size()) != kSuccess ||
      XGBoosterSetParam(handle, "nthread", "1") != kSuccess ||
      XGBoosterGetNumFeature(handle, &width) != kSuccess) {
    return failure("read the trees");
  }
  if (width != trees.width) return failure("read the number of columns");
  booster.width_ = width;
  // The first prediction settles the configuration, so that later ones only read.
  const std::vector<float> nothing(width, std::numeric_limits<float>::quiet_NaN());
  std::array<float, 1> margin{};
  if (const Status first = booster.predict(nothing, margin); !first) return first.error();
  return booster;
}

Status Booster::add_tree(const BinnedMatrix& matrix, std::span<float> first, std::span<float> second) {
  if (XGBoosterBoostOneIter(handle_.get(), matrix.handle(), first.data(), second.data(), first.size()) !=
      kSuccess) {
    return failure("add a tree");
  }
  return {};
}

Status Booster::margins(const BinnedMatrix& matrix, std::vector<float>& margins) {
  std::span<const float> values;
  if (const Status read = read_margins(handle_.get(), matrix.handle(),
                                       R"({"type": 1, "training": false, "iteration_begin": 0,
                                           "iteration_end": 0, "strict_shape": false})",
                                       values);
      !read) {
    return read;
  }
  margins.assign(values.begin(), values.end());
  return {};
}

Result<std::string> Booster::text(int rounds) const {
  void* first = nullptr;
  if (XGBoosterSlice(handle_.get(), 0, rounds, 1, &first) != kSuccess) return failure("take its first trees");
  const std::unique_ptr<void, FreeBooster> owner(first);
  bst_ulong size = 0;
  const char* text = nullptr;
  if (XGBoosterSaveModelToBuffer(first, R"({"format": "json"})", &size, &text) != kSuccess) {
    return failure("save the trees");
  }
  // A split of words has no condition, which the library writes as no number; JSON has none but numbers.
  constexpr std::string_view kNoNumber = "NaN";
  std::string trees(text, size);
  for (std::size_t at = 0; (at = trees.find(kNoNumber, at)) != std::string::npos;)
    trees.replace(at, kNoNumber.size(), "0.0");
  return trees;
}

Status Booster::predict(std::span<const float> values, std::span<float> margins) const {
  if (margins.empty()) return {};
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* result = nullptr;
  if (XGBoosterPredictFromDense(handle_.get(), array_of(values.data(), margins.size(), width_).c_str(),
                                R"({"type": 1, "training": false, "iteration_begin": 0, "iteration_end": 0,
                                    "strict_shape": false, "cache_id": 0, "missing": NaN})",
                                nullptr, &shape, &dimensions, &result) != kSuccess) {
    return failure("predict");
  }
  // The result belongs to this thread until its next call.
  if (dimensions != 1 || shape[0] != margins.size()) return failure("predict one number a row");
  std::copy_n(result, margins.size(), margins.begin());
  return {};
}

Result<std::vector<float>> Booster::contributions(std::span<const float> row) const {
  std::vector<float> values(row.size());
  std::transform(row.begin(), row.end(), values.begin(), finite);
  void* handle = nullptr;
  if (XGDMatrixCreateFromDense(array_of(values.data(), 1, values.size()).c_str(),
                               R"({"missing": NaN, "nthread": 1})", &handle) != kSuccess) {
    return failure("read the row");
  }
  const std::unique_ptr<void, FreeMatrix> matrix(handle);
  std::span<const float> result;
  if (const Status read = read_margins(handle_.get(), handle,
                                       R"({"type": 2, "training": false, "iteration_begin": 0,
                                           "iteration_end": 0, "strict_shape": false})",
                                       result);
      !read) {
    return read.error();
  }
  if (result.size() != width_ + 1) return failure("explain the row");
  return std::vector<float>(result.begin(), result.end());
}

}  // namespace rankloop::ml
