// Attention against ATen's operators, against central differences, and against a sum by hand.
#include "loadstone/nn/attention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <array>
#include <cmath>

#include "loadstone/nn/gradient_check.h"
#include "loadstone/nn/test_tensors.h"

namespace loadstone {
namespace {

using testing_tensors::normal;

// Three assets of two numbers.
TEST(Attention, is_equation_13) {
  const at::Tensor Y = normal({1, 3, 2}, 1), W = normal({1, 2, 2, 2}, 2), V = normal({1, 2, 2, 2}, 3);
  const at::Tensor out = attention(Y, W, V);
  const auto y = Y.accessor<double, 3>();
  const auto w = W.accessor<double, 4>(), v = V.accessor<double, 4>();
  for (int i = 0; i < 3; ++i)
    for (int d = 0; d < 2; ++d) {
      double sum = 0;
      for (int h = 0; h < 2; ++h) {
        std::array<double, 3> score{};
        double all = 0;
        for (int j = 0; j < 3; ++j) {
          for (int a = 0; a < 2; ++a)
            for (int b = 0; b < 2; ++b) score[j] += y[0][i][a] * w[0][h][a][b] * y[0][j][b];
          all += std::exp(score[j]);
        }
        for (int j = 0; j < 3; ++j)
          sum += std::exp(score[j]) / all * (y[0][j][0] * v[0][h][0][d] + y[0][j][1] * v[0][h][1][d]);
      }
      EXPECT_NEAR(out[0][i][d].item<double>(), sum, 1e-12);
    }
}

struct Case {
  int64_t S, N, H;
  bool softmax, some_absent;
};

class AttentionPaths : public testing::TestWithParam<Case> {};

// Value and all derivatives of the fast path beside the operators in double.
TEST_P(AttentionPaths, agree) {
  const Case c = GetParam();
  const int64_t D = 6;
  at::Tensor present;
  if (c.some_absent) {
    present = at::ones({c.N}, at::kBool);
    present[0] = false, present[c.N / 2] = false;
  }
  const std::vector<at::Tensor> inputs{normal({c.S, c.N, D}, 4, 0.4), normal({c.S, c.H, D, D}, 5, 0.4),
                                       normal({c.S, c.H, D, D}, 6, 0.4)};
  const at::Tensor G = normal({c.S, c.N, D}, 7);
  const auto with = [&](at::ScalarType type, bool fast) {
    std::vector<at::Tensor> leaves;
    for (const at::Tensor& input : inputs) leaves.push_back(input.to(type).clone().set_requires_grad(true));
    const at::Tensor out =
        fast ? attention(leaves[0], leaves[1], leaves[2], present, {.softmax = c.softmax, .threads = 2})
             : attention_by_operators(leaves[0], leaves[1], leaves[2], present, {.softmax = c.softmax});
    std::vector<at::Tensor> all = torch::autograd::grad({(out * G.to(type)).sum()}, leaves);
    all.push_back(out);
    return all;
  };
  const auto fast = with(at::kFloat, true), exact = with(at::kDouble, false);
  for (size_t k = 0; k < fast.size(); ++k) {
    const double scale = exact[k].abs().max().item<double>();
    EXPECT_LE((fast[k].to(at::kDouble) - exact[k]).abs().max().item<double>(), 2e-5 * scale) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(All, AttentionPaths,
                         testing::Values(Case{1, 5, 1, true, false}, Case{2, 300, 2, true, false},
                                         Case{1, 700, 1, true, true}, Case{2, 300, 1, false, false},
                                         Case{1, 300, 2, false, true}, Case{1, 1, 1, true, false}));

TEST(Attention, derivatives_are_those_of_central_differences) {
  at::Tensor present = at::ones({7}, at::kBool);
  present[3] = false;
  for (const bool softmax : {true, false})
    for (const at::Tensor& mask : {at::Tensor(), present})
      EXPECT_LT(gradient_error([&](const auto& x) { return attention(x[0], x[1], x[2], mask, {.softmax = softmax}); },
                               {normal({2, 7, 3}, 1), normal({2, 2, 3, 3}, 2), normal({2, 2, 3, 3}, 3)}),
                1e-7);
}

TEST(Attention, threads_change_no_bit) {
  const at::Tensor Y = normal({2, 900, 8}, 1).to(at::kFloat), W = normal({2, 1, 8, 8}, 2, 0.3).to(at::kFloat),
                   V = normal({2, 1, 8, 8}, 3, 0.3).to(at::kFloat);
  const auto gradients = [&](int threads) {
    const at::Tensor y = Y.clone().set_requires_grad(true), w = W.clone().set_requires_grad(true);
    const at::Tensor out = attention(y, w, V, {}, {.threads = threads});
    return torch::autograd::grad({out.square().sum()}, {y, w});
  };
  const auto one = gradients(1), five = gradients(5);
  for (size_t k = 0; k < one.size(); ++k) EXPECT_TRUE(at::equal(one[k], five[k])) << k;
}

// Rounded operands move value and derivatives by about 2^-8, on either path.
TEST(Attention, products_in_bfloat16_are_near) {
  const std::vector<at::Tensor> inputs{normal({2, 300, 12}, 1, 0.4), normal({2, 1, 12, 12}, 2, 0.4),
                                       normal({2, 1, 12, 12}, 3, 0.4)};
  const at::Tensor G = normal({2, 300, 12}, 4).to(at::kFloat);
  const auto with = [&](Precision precision, bool fast) {
    std::vector<at::Tensor> x;
    for (const at::Tensor& input : inputs) x.push_back(input.to(at::kFloat).set_requires_grad(true));
    const AttentionOptions options{.precision = precision, .threads = 2};
    const at::Tensor out =
        fast ? attention(x[0], x[1], x[2], {}, options) : attention_by_operators(x[0], x[1], x[2], {}, options);
    std::vector<at::Tensor> all = torch::autograd::grad({(out * G).sum()}, x);
    all.push_back(out);
    return all;
  };
  const auto exact = with(Precision::float32, true);
  for (const bool fast : {true, false}) {
    const auto rounded = with(Precision::bfloat16, fast);
    for (size_t k = 0; k < exact.size(); ++k) {
      const float apart = (rounded[k] - exact[k]).norm().item<float>() / exact[k].norm().item<float>();
      EXPECT_LT(apart, 1e-2F) << k;
      EXPECT_GT(apart, 1e-5F) << k;
    }
  }
  const auto split = with(Precision::bfloat16x2, true);  // two of them, by about 2^-16
  for (size_t k = 0; k < exact.size(); ++k)
    EXPECT_LT((split[k] - exact[k]).norm().item<float>() / exact[k].norm().item<float>(), 5e-5F) << k;
}

// What a GPU runs, here on the CPU: value and derivatives beside the operators.
TEST(Attention, fused_operator_agrees) {
  const std::vector<at::Tensor> inputs{normal({2, 50, 6}, 1, 0.4), normal({2, 3, 6, 6}, 2, 0.4),
                                       normal({2, 3, 6, 6}, 3, 0.4)};
  const at::Tensor G = normal({2, 50, 6}, 4).to(at::kFloat);
  const auto with = [&](auto&& of) {
    std::vector<at::Tensor> x;
    for (const at::Tensor& input : inputs) x.push_back(input.to(at::kFloat).set_requires_grad(true));
    std::vector<at::Tensor> all{of(x)};
    for (const at::Tensor& d : torch::autograd::grad({(all[0] * G).sum()}, x)) all.push_back(d);
    return all;
  };
  const auto exact = with([](const auto& x) { return attention_by_operators(x[0], x[1], x[2]); });
  for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
    const auto fused = with([&](const auto& x) { return attention_by_fused_operator(x[0], x[1], x[2], precision); });
    for (size_t k = 0; k < exact.size(); ++k) {
      const float apart = (fused[k] - exact[k]).norm().item<float>() / exact[k].norm().item<float>();
      EXPECT_LT(apart, precision == Precision::float32 ? 1e-5F : 2e-2F) << k;
    }
  }
}

// Lemma 1: scores times a large number put all weight on the assets with the highest score.
TEST(Attention, is_selective_in_the_limit) {
  const at::Tensor Y = normal({1, 40, 4}, 1), W = normal({1, 1, 4, 4}, 2),
                   V = at::eye(4, at::kDouble).view({1, 1, 4, 4});
  const at::Tensor out = attention(Y, W * 1e6, V)[0];
  const at::Tensor best = Y[0].mm(W[0][0]).mm(Y[0].t()).argmax(1);
  EXPECT_LT((out - Y[0].index_select(0, best)).abs().max().item<double>(), 1e-9);
}

TEST(Attention, who_is_absent_is_not_seen_and_gets_nothing) {
  const at::Tensor Y = normal({1, 6, 3}, 1).to(at::kFloat), W = normal({1, 1, 3, 3}, 2).to(at::kFloat),
                   V = normal({1, 1, 3, 3}, 3).to(at::kFloat);
  at::Tensor present = at::ones({6}, at::kBool);
  present[5] = false;
  const at::Tensor masked = attention(Y, W, V, present), alone = attention(Y.narrow(1, 0, 5), W, V);
  EXPECT_LT((masked.narrow(1, 0, 5) - alone).abs().max().item<float>(), 1e-6F);
  EXPECT_EQ(masked[0][5].abs().max().item<float>(), 0.0F);
}

TEST(Attention, where_nobody_is_there_is_nothing_to_see) {
  const at::Tensor Y = normal({1, 6, 3}, 1).to(at::kFloat).set_requires_grad(true), W = normal({1, 1, 3, 3}, 2),
                   V = normal({1, 1, 3, 3}, 3);
  const at::Tensor out = attention(Y, W.to(at::kFloat), V.to(at::kFloat), at::zeros({6}, at::kBool));
  const at::Tensor dY = torch::autograd::grad({out.sum()}, {Y})[0];
  EXPECT_EQ(out.abs().max().item<float>(), 0.0F);
  EXPECT_EQ(dY.abs().max().item<float>(), 0.0F);
}

}  // namespace
}  // namespace loadstone
