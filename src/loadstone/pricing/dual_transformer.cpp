#include "loadstone/pricing/dual_transformer.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_qr.h>
#include <fmt/format.h>

#include <charconv>

#include "loadstone/core/error.h"

namespace loadstone {
namespace {

at::Tensor flat_Xi(const DualTransformer& model) { return model.Xi.to(at::kDouble).flatten(1); }  // (T, D*d)

template <class Number>
std::vector<Number> numbers(const at::Tensor& values) {
  const at::Tensor flat = values.contiguous();
  return {flat.const_data_ptr<Number>(), flat.const_data_ptr<Number>() + flat.numel()};
}

template <class Number>
at::Tensor tensor(const std::vector<Number>& values, at::IntArrayRef shape, at::ScalarType type) {
  int64_t count = 1;
  for (const int64_t n : shape) count *= n;
  if (count != static_cast<int64_t>(values.size()))
    throw data_error(fmt::format("a saved transformer holds {} numbers where its shape needs {}: the file is damaged.",
                                 values.size(), count));
  return at::from_blob(const_cast<Number*>(values.data()), shape, type).clone();
}

const std::string& field(const Table& table, const std::string& name) {
  const auto found = table.metadata.find(name);
  if (found == table.metadata.end())
    throw data_error(fmt::format("a saved transformer lacks `{}`: the file is not one, or is damaged.", name));
  return found->second;
}

template <class Number>
Number number(const Table& table, const std::string& name) {
  const std::string& text = field(table, name);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw data_error(fmt::format("a saved transformer has {} = `{}`; needed is a number.", name, text));
  return value;
}

}  // namespace

at::Tensor DualTransformer::q() const { return c.unsqueeze(1) * F; }

at::Tensor timing_attention(const DualTransformer& model, const at::Tensor& Xi_t) {
  return flat_Xi(model).mv(Xi_t.to(at::kDouble).flatten());
}

at::Tensor timing_attention(const DualTransformer& model) {
  const at::Tensor Xi = flat_Xi(model);
  return Xi.mm(Xi.t());
}

at::Tensor loadings(const DualTransformer& model, const at::Tensor& Xi_t) {
  return model.F.t().mv(model.c * timing_attention(model, Xi_t));
}

at::Tensor coefficient_gram(const DualTransformer& model) {
  return coefficient_gram(model.q(), flat_Xi(model), model.Xi.size(2));
}

at::Tensor coefficient_gram(const at::Tensor& q, const at::Tensor& Xi, int64_t d) {
  // q' = Q R with orthonormal Q, so lambda = Q (R Xi) and lambda'lambda = (R Xi)'(R Xi): min(T, D) months, not T^2
  // pairs.
  const at::Tensor R = std::get<1>(at::linalg_qr(q.t(), "r"));
  const at::Tensor rows = R.mm(Xi).reshape({-1, d});
  return rows.t().mm(rows);
}

Table to_table(const DualTransformer& model) {
  const int64_t D = model.Xi.size(1), d = model.Xi.size(2);
  Table table;
  table.add("c", numbers<double>(model.c));
  table.add("F", DoubleVectors{static_cast<int>(D), numbers<double>(model.F)});
  table.add("Xi", FloatVectors{static_cast<int>(D * d), numbers<float>(model.Xi)});
  table.metadata = {{"model", "linear portfolio transformer, dual form"},
                    {"as_of", model.as_of.text()},
                    {"penalty", fmt::format("{}", model.penalty)},
                    {"value_features", fmt::format("{}", d)}};
  return table;
}

DualTransformer transformer_from_table(const Table& table) {
  const auto& F = table.get<DoubleVectors>("F");
  const auto T = static_cast<int64_t>(table.rows());
  const auto d = number<int64_t>(table, "value_features");
  DualTransformer model;
  model.as_of = Date::parse(field(table, "as_of"));
  model.penalty = number<double>(table, "penalty");
  model.c = tensor(table.doubles("c"), {T}, at::kDouble);
  model.F = tensor(F.values, {T, F.width}, at::kDouble);
  model.Xi = tensor(table.get<FloatVectors>("Xi").values, {T, F.width, d}, at::kFloat);
  return model;
}

}  // namespace loadstone
