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

Status check(int outcome, std::string_view what) {
  if (outcome != kSuccess) return failure(what);
  return {};
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
  Portions(const LabelledRows& rows, void* proxy, const std::stop_token& stop)
      : rows_(rows),
        proxy_(proxy),
        stop_(stop),
        values_(std::min(kPortionRows, rows.rows()) * rows.features) {}

  static int next(void* self) noexcept { return static_cast<Portions*>(self)->next(); }
  static void reset(void* self) noexcept { static_cast<Portions*>(self)->first_ = 0; }

 private:
  int next() noexcept {
    const std::size_t count = std::min(kPortionRows, rows_.rows() - first_);
    if (count == 0 || stop_.stop_requested()) return 0;
    const auto portion = std::span(rows_.values).subspan(first_ * rows_.features, count * rows_.features);
    std::transform(portion.begin(), portion.end(), values_.begin(), finite);
    try {
      if (XGProxyDMatrixSetDataDense(proxy_, array_of(values_.data(), count, rows_.features).c_str()) !=
          kSuccess) {
        return 0;
      }
    } catch (const std::bad_alloc&) {
      return 0;
    }
    first_ += count;
    return 1;
  }

  const LabelledRows& rows_;
  void* const proxy_;
  const std::stop_token& stop_;
  std::vector<float> values_;
  std::size_t first_ = 0;
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

Result<BinnedMatrix> BinnedMatrix::make(const LabelledRows& rows, const BinnedMatrix* like, int threads,
                                        const std::stop_token& stop) {
  be_silent();
  void* proxy = nullptr;
  if (XGProxyDMatrixCreate(&proxy) != kSuccess) return failure("make a matrix");
  const std::unique_ptr<void, FreeMatrix> proxy_owner(proxy);
  Portions portions(rows, proxy, stop);
  const std::string config = R"({"missing": NaN, "max_bin": )" + std::to_string(kBins) + R"(, "nthread": )" +
                             std::to_string(threads) + "}";
  void* handle = nullptr;
  const int made =
      XGQuantileDMatrixCreateFromCallback(&portions, proxy, like == nullptr ? nullptr : like->handle(),
                                          Portions::reset, Portions::next, config.c_str(), &handle);
  const bool stopped = stop.stop_requested();  // then rows are missing, whatever the library says
  if (made != kSuccess) return stopped ? cancelled() : failure("read the rows");
  BinnedMatrix matrix(handle);
  if (stopped) return cancelled();
  bst_ulong count = 0;
  if (XGDMatrixNumRow(handle, &count) != kSuccess || count != rows.rows()) return failure("read all rows");
  return matrix;
}

Status BinnedMatrix::set_labels(std::span<const float> labels) {
  return check(XGDMatrixSetFloatInfo(handle(), "label", labels.data(), labels.size()), "take the labels");
}

Status BinnedMatrix::set_weights(std::span<const float> weights) {
  return check(XGDMatrixSetFloatInfo(handle(), "weight", weights.data(), weights.size()), "take the weights");
}

Status BinnedMatrix::set_groups(std::span<const unsigned> sizes) {
  return check(XGDMatrixSetUIntInfo(handle(), "group", sizes.data(), sizes.size()), "take the requests");
}

Result<Booster> Booster::start(std::span<const BinnedMatrix* const> matrices, Parameters parameters) {
  be_silent();
  std::vector<void*> handles;
  for (const BinnedMatrix* matrix : matrices) handles.push_back(matrix->handle());
  void* handle = nullptr;
  if (XGBoosterCreate(handles.data(), handles.size(), &handle) != kSuccess) return failure("start");
  Booster booster(handle);
  for (const auto& [name, value] : parameters) {
    if (XGBoosterSetParam(handle, std::string(name).c_str(), value.c_str()) != kSuccess) {
      return failure("set " + std::string(name) + " to " + value);
    }
  }
  return booster;
}

Result<Booster> Booster::load(std::string_view text) {
  be_silent();
  void* handle = nullptr;
  if (XGBoosterCreate(nullptr, 0, &handle) != kSuccess) return failure("start");
  Booster booster(handle);
  bst_ulong width = 0;
  if (XGBoosterLoadModelFromBuffer(handle, text.data(), text.size()) != kSuccess ||
      XGBoosterSetParam(handle, "nthread", "1") != kSuccess ||
      XGBoosterGetNumFeature(handle, &width) != kSuccess) {
    return failure("read the trees");
  }
  booster.width_ = width;
  // The first prediction settles the configuration, so that later ones only read.
  const std::vector<float> nothing(width, std::numeric_limits<float>::quiet_NaN());
  std::array<float, 1> margin{};
  if (const Status first = booster.predict(nothing, margin); !first) return first.error();
  return booster;
}

Status Booster::add_tree(int round, const BinnedMatrix& training) {
  return check(XGBoosterUpdateOneIter(handle_.get(), round, training.handle()), "add a tree");
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
  return std::string(text, size);
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
