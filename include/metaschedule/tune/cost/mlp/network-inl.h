// SPDX-License-Identifier: Apache-2.0
// Bodies of network.h.
#pragma once

#include "metaschedule/support/config.h"
#include "metaschedule/tune/cost/mlp/network.h"

namespace metaschedule::mlp {
namespace detail {

inline size_t size_of(int size, const char* name) {
  check<ValueError>(size >= 1, "SegmentSumMLPConfig: {}: expected at least 1, found {}", name,
                    size);
  return static_cast<size_t>(size);
}

inline Matrix sum_rows(const Matrix& x, const std::vector<size_t>& rows_of_sample) {
  Matrix out(rows_of_sample.size(), x.cols);
  size_t r = 0;
  for (size_t s = 0; s < rows_of_sample.size(); ++s) {
    for (size_t end = r + rows_of_sample[s]; r < end; ++r) {
      for (size_t c = 0; c < x.cols; ++c) out.row(s)[c] += x.row(r)[c];
    }
  }
  return out;
}

}  // namespace detail

METASCHEDULE_INLINE Network::Network(const SegmentSumMLPConfig& config, int64_t seed)
    : config(config),
      rand_(seed),
      first_(detail::size_of(config.input_dim, "input_dim"),
             detail::size_of(config.hidden_dim, "hidden_dim"), rand_),
      second_(detail::size_of(config.hidden_dim, "hidden_dim"),
              detail::size_of(config.hidden_dim, "hidden_dim"), rand_),
      residual_{second_, second_},
      head_(detail::size_of(config.hidden_dim, "hidden_dim"), 1, rand_) {
  check<ValueError>(config.output_dim == 1,
                    "SegmentSumMLPConfig: output_dim: a candidate has one score, found {}",
                    config.output_dim);
  const size_t hidden = static_cast<size_t>(config.hidden_dim);
  for (Dense& layer : residual_) layer = Dense(hidden, hidden, rand_);
  if (config.use_norm) norm_.emplace(hidden);
}

template <class Self>
Matrix Network::run(Self& self, const Batch& batch, Tape& tape) {
  tape.first = self.first_.forward(batch.rows);
  relu(tape.first);
  tape.second = self.second_.forward(tape.first);
  relu(tape.second);
  tape.summed = detail::sum_rows(tape.second, batch.rows_of_sample);
  tape.normed = tape.summed;
  if (self.norm_) {
    if constexpr (std::is_const_v<Self>) {
      tape.normed = self.norm_->forward(tape.summed);
    } else if (tape.summed.rows > 1) {  // one sample has no variance to go by
      tape.normed = self.norm_->train(tape.summed, tape.norm);
    }
  }
  const Matrix* x = &tape.normed;
  for (size_t i = 0; i < 2; ++i) {
    tape.inner[i] = self.residual_[i].forward(*x);
    relu(tape.inner[i]);
    tape.outer[i] = tape.inner[i];
    for (size_t k = 0; k < x->data.size(); ++k) tape.outer[i].data[k] += x->data[k];
    x = &tape.outer[i];
  }
  tape.head = self.head_.forward(*x);
  if (self.config.use_sigmoid) {
    for (float& v : tape.head.data) v = 1 / (1 + std::exp(-v));
  }
  return tape.head;
}

METASCHEDULE_INLINE std::vector<float> Network::forward(const Batch& batch) const {
  Tape tape;
  return run(*this, batch, tape).data;
}

METASCHEDULE_INLINE std::vector<float> Network::train(const Batch& batch) {
  return run(*this, batch, tape_).data;
}

METASCHEDULE_INLINE void Network::backward(const Batch& batch, const std::vector<float>& gradient) {
  Matrix d(gradient.size(), 1);
  d.data = gradient;
  if (config.use_sigmoid) {
    for (size_t i = 0; i < d.data.size(); ++i) {
      d.data[i] *= tape_.head.data[i] * (1 - tape_.head.data[i]);
    }
  }
  head_.learn(tape_.outer[1], d);
  d = head_.backward(d);
  for (size_t i = 2; i-- > 0;) {
    const Matrix& input = i == 0 ? tape_.normed : tape_.outer[0];
    Matrix through = d;
    relu_backward(tape_.inner[i], through);
    residual_[i].learn(input, through);
    const Matrix back = residual_[i].backward(through);
    for (size_t k = 0; k < d.data.size(); ++k) d.data[k] += back.data[k];
  }
  if (norm_ && d.rows > 1) d = norm_->backward(tape_.norm, d);

  Matrix rows(batch.rows.rows, d.cols);
  size_t r = 0;
  for (size_t s = 0; s < batch.rows_of_sample.size(); ++s) {
    for (size_t end = r + batch.rows_of_sample[s]; r < end; ++r) {
      std::copy(d.row(s), d.row(s) + d.cols, rows.row(r));
    }
  }
  relu_backward(tape_.second, rows);
  second_.learn(tape_.first, rows);
  Matrix first = second_.backward(rows);
  relu_backward(tape_.first, first);
  first_.learn(batch.rows, first);
}

template <class Self>
auto Network::parameters_of(Self& self) {
  std::vector<std::conditional_t<std::is_const_v<Self>, const Parameter*, Parameter*>> out;
  for (auto* layer :
       {&self.first_, &self.second_, &self.residual_[0], &self.residual_[1], &self.head_}) {
    out.push_back(&layer->weight);
    out.push_back(&layer->bias);
  }
  if (self.norm_) {
    out.push_back(&self.norm_->scale);
    out.push_back(&self.norm_->shift);
  }
  return out;
}

METASCHEDULE_INLINE std::vector<Parameter*> Network::parameters() { return parameters_of(*this); }

METASCHEDULE_INLINE json Network::save() const {
  json out = json::array();
  for (const Parameter* p : parameters_of(*this)) out.push_back(p->value);
  if (norm_) {
    out.push_back(norm_->running_mean);
    out.push_back(norm_->running_variance);
  }
  return out;
}

METASCHEDULE_INLINE void Network::restore(const json& value) {
  std::vector<std::vector<float>*> places;
  for (Parameter* p : parameters()) places.push_back(&p->value);
  if (norm_) {
    places.push_back(&norm_->running_mean);
    places.push_back(&norm_->running_variance);
  }
  check<ValueError>(value.is_array() && value.size() == places.size(),
                    "a network of {} layers of numbers was expected", places.size());
  std::vector<std::vector<float>> found;
  for (size_t i = 0; i < places.size(); ++i) {
    found.push_back(value[i].get<std::vector<float>>());
    check<ValueError>(found[i].size() == places[i]->size(),
                      "layer {} of the network: expected {} numbers, found {}", i,
                      places[i]->size(), found[i].size());
  }
  for (size_t i = 0; i < places.size(); ++i) *places[i] = std::move(found[i]);
}

}  // namespace metaschedule::mlp
