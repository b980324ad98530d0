// SPDX-License-Identifier: Apache-2.0
// The layers of the segment-sum network, each with its backward pass, and the optimizer that moves
// their parameters.
#pragma once

#include <cmath>
#include <vector>

#include "metaschedule/support/random.h"
#include "metaschedule/tune/cost/mlp/matrix.h"

namespace metaschedule::mlp {

/// Numbers that are learned, their gradient, and what Adam remembers of it.
struct Parameter {
  std::vector<float> value, gradient, mean, square;

  explicit Parameter(size_t n = 0, float fill = 0)
      : value(n, fill), gradient(n, 0), mean(n, 0), square(n, 0) {}
  void forget() {
    std::fill(mean.begin(), mean.end(), 0.0F);
    std::fill(square.begin(), square.end(), 0.0F);
  }
};

/// y = x W + b, with W stored input by output.
class Dense {
 public:
  /// Uniform in +-1 / sqrt(inputs).
  Dense(size_t inputs, size_t outputs, Rand& rand)
      : weight(inputs * outputs), bias(outputs), inputs_(inputs), outputs_(outputs) {
    const double bound = 1 / std::sqrt(static_cast<double>(inputs));
    for (auto* parameter : {&weight, &bias}) {
      for (float& x : parameter->value) {
        x = static_cast<float>((2 * rand.uniform() - 1) * bound);
      }
    }
  }

  Matrix forward(const Matrix& x) const {
    Matrix out(x.rows, outputs_);
    for (size_t r = 0; r < x.rows; ++r) {
      std::copy(bias.value.begin(), bias.value.end(), out.row(r));
    }
    multiply_add(x, weights(), out);
    return out;
  }

  /// Adds to the gradients of the parameters.
  void learn(const Matrix& x, const Matrix& dy) {
    Matrix dw(inputs_, outputs_);
    multiply_add(transposed(x), dy, dw);
    for (size_t i = 0; i < dw.data.size(); ++i) weight.gradient[i] += dw.data[i];
    for (size_t r = 0; r < dy.rows; ++r) {
      for (size_t c = 0; c < outputs_; ++c) bias.gradient[c] += dy.row(r)[c];
    }
  }
  /// The gradient of the input.
  Matrix backward(const Matrix& dy) const { return multiply(dy, transposed(weights())); }

  Parameter weight, bias;

 private:
  Matrix weights() const {
    Matrix w;
    w.rows = inputs_;
    w.cols = outputs_;
    w.data = weight.value;
    return w;
  }

  size_t inputs_, outputs_;
};

inline void relu(Matrix& x) {
  for (float& v : x.data) v = v > 0 ? v : 0;
}
/// Zeroes a gradient where the output of relu is zero.
inline void relu_backward(const Matrix& y, Matrix& dy) {
  for (size_t i = 0; i < dy.data.size(); ++i) {
    if (y.data[i] <= 0) dy.data[i] = 0;
  }
}

/// Each column to mean 0 and variance 1 over the batch, then scaled and shifted; outside of
/// training by the running mean and variance.
class BatchNorm {
 public:
  explicit BatchNorm(size_t cols)
      : scale(cols, 1), shift(cols), running_mean(cols, 0), running_variance(cols, 1) {}

  /// What `backward` needs of a forward pass in training.
  struct Tape {
    Matrix normal;
    std::vector<float> inverse_deviation;
  };

  Matrix forward(const Matrix& x) const {
    return normalize(x, running_mean, running_variance, nullptr);
  }
  Matrix train(const Matrix& x, Tape& tape) {
    std::vector<float> mean(x.cols, 0), variance(x.cols, 0);
    const float n = static_cast<float>(x.rows);
    for (size_t r = 0; r < x.rows; ++r) {
      for (size_t c = 0; c < x.cols; ++c) mean[c] += x.row(r)[c] / n;
    }
    for (size_t r = 0; r < x.rows; ++r) {
      for (size_t c = 0; c < x.cols; ++c) {
        const float d = x.row(r)[c] - mean[c];
        variance[c] += d * d / n;
      }
    }
    const float unbiased = x.rows > 1 ? n / (n - 1) : 1;
    for (size_t c = 0; c < x.cols; ++c) {
      running_mean[c] += kMomentum * (mean[c] - running_mean[c]);
      running_variance[c] += kMomentum * (variance[c] * unbiased - running_variance[c]);
    }
    return normalize(x, mean, variance, &tape);
  }
  Matrix backward(const Tape& tape, const Matrix& dy) {
    const size_t rows = dy.rows, cols = dy.cols;
    std::vector<float> sum(cols, 0), dot(cols, 0);
    for (size_t r = 0; r < rows; ++r) {
      for (size_t c = 0; c < cols; ++c) {
        sum[c] += dy.row(r)[c];
        dot[c] += dy.row(r)[c] * tape.normal.row(r)[c];
      }
    }
    Matrix dx(rows, cols);
    const float n = static_cast<float>(rows);
    for (size_t c = 0; c < cols; ++c) {
      shift.gradient[c] += sum[c];
      scale.gradient[c] += dot[c];
      const float k = scale.value[c] * tape.inverse_deviation[c];
      for (size_t r = 0; r < rows; ++r) {
        dx.row(r)[c] = k * (dy.row(r)[c] - sum[c] / n - tape.normal.row(r)[c] * dot[c] / n);
      }
    }
    return dx;
  }

  Parameter scale, shift;
  std::vector<float> running_mean, running_variance;

 private:
  static constexpr float kMomentum = 0.1F, kEpsilon = 1e-5F;

  Matrix normalize(const Matrix& x, const std::vector<float>& mean,
                   const std::vector<float>& variance, Tape* tape) const {
    std::vector<float> inverse(x.cols);
    for (size_t c = 0; c < x.cols; ++c) inverse[c] = 1 / std::sqrt(variance[c] + kEpsilon);
    Matrix normal(x.rows, x.cols), out(x.rows, x.cols);
    for (size_t r = 0; r < x.rows; ++r) {
      for (size_t c = 0; c < x.cols; ++c) {
        normal.row(r)[c] = (x.row(r)[c] - mean[c]) * inverse[c];
        out.row(r)[c] = normal.row(r)[c] * scale.value[c] + shift.value[c];
      }
    }
    if (tape) *tape = {std::move(normal), std::move(inverse)};
    return out;
  }
};

/// Adam with the weight decay added to the gradient, which is first scaled down to a norm of at
/// most `clip` over all parameters.
class Adam {
 public:
  struct Options {
    double learning_rate, weight_decay, clip;
  };
  Adam(std::vector<Parameter*> parameters, Options options)
      : options(options), parameters_(std::move(parameters)) {
    for (Parameter* p : parameters_) p->forget();
  }

  void zero() {
    for (Parameter* p : parameters_) std::fill(p->gradient.begin(), p->gradient.end(), 0.0F);
  }
  void step() {
    double norm = 0;
    for (const Parameter* p : parameters_) {
      for (float g : p->gradient) norm += double{g} * g;
    }
    norm = std::sqrt(norm);
    const double shrink = std::min(1.0, options.clip / (norm + 1e-6));
    ++steps_;
    const double fix_mean = 1 - std::pow(kBeta1, steps_), fix_square = 1 - std::pow(kBeta2, steps_);
    for (Parameter* p : parameters_) {
      for (size_t i = 0; i < p->value.size(); ++i) {
        const double g = p->gradient[i] * shrink + options.weight_decay * p->value[i];
        const double mean = kBeta1 * p->mean[i] + (1 - kBeta1) * g;
        const double square = kBeta2 * p->square[i] + (1 - kBeta2) * g * g;
        p->mean[i] = static_cast<float>(mean);
        p->square[i] = static_cast<float>(square);
        p->value[i] -= static_cast<float>(options.learning_rate * (mean / fix_mean) /
                                          (std::sqrt(square / fix_square) + 1e-8));
      }
    }
  }

  Options options;

 private:
  static constexpr double kBeta1 = 0.9, kBeta2 = 0.999;
  std::vector<Parameter*> parameters_;
  int steps_ = 0;
};

}  // namespace metaschedule::mlp
