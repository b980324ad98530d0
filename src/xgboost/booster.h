// SPDX-License-Identifier: Apache-2.0
// XGBoost's C handles as values that free themselves.
#pragma once

#include <xgboost/c_api.h>

#include <memory>
#include <string>
#include <vector>

#include "metaschedule/support/error.h"

namespace metaschedule::xgb {

inline void call(int status, const char* what) {
  if (status != 0) fail<ValueError>("XGBoost: {}: {}", what, XGBGetLastError());
}

/// Rows of features.
class Matrix {
 public:
  /// `data` is row-major, rows x cols.
  Matrix(const std::vector<float>& data, size_t rows, size_t cols) : rows_(rows) {
    call(XGDMatrixCreateFromMat_omp(data.data(), rows, cols, kMissing, &handle_, /*nthread=*/1),
         "data set");
  }
  Matrix(const Matrix&) = delete;
  ~Matrix() { XGDMatrixFree(handle_); }
  DMatrixHandle handle() const { return handle_; }
  size_t rows() const { return rows_; }

 private:
  static constexpr float kMissing = -3.4e38f;  // features are never this small
  DMatrixHandle handle_ = nullptr;
  size_t rows_;
};

/// Trees.
class Booster {
 public:
  explicit Booster(const Matrix* data) {
    const DMatrixHandle cache[] = {data ? data->handle() : nullptr};
    call(XGBoosterCreate(cache, data ? 1 : 0, &handle_), "booster");
  }
  Booster(const Booster&) = delete;
  ~Booster() { XGBoosterFree(handle_); }

  void set(const char* name, const std::string& value) {
    call(XGBoosterSetParam(handle_, name, value.c_str()), name);
  }
  void boost(const Matrix& data, std::vector<float>& grad, std::vector<float>& hess) {
    call(XGBoosterBoostOneIter(handle_, data.handle(), grad.data(), hess.data(), grad.size()),
         "training");
  }
  /// One number for each row.
  std::vector<float> predict(const Matrix& data, bool training) const {
    bst_ulong size = 0;
    const float* out = nullptr;
    constexpr int kMargin = 1;
    call(XGBoosterPredict(handle_, data.handle(), kMargin, 0, training ? 1 : 0, &size, &out),
         "prediction");
    return {out, out + size};
  }
  /// The model in XGBoost's JSON.
  std::string to_json() const {
    bst_ulong size = 0;
    const char* out = nullptr;
    call(XGBoosterSaveModelToBuffer(handle_, R"({"format": "json"})", &size, &out), "saving");
    return {out, size};
  }
  void from_json(const std::string& text) {
    call(XGBoosterLoadModelFromBuffer(handle_, text.data(), text.size()), "loading");
  }

 private:
  BoosterHandle handle_ = nullptr;
};

}  // namespace metaschedule::xgb
