#include "loadstone/economy/config.h"

#include <fmt/format.h>

#include "loadstone/core/error.h"
#include "loadstone/core/random.h"

namespace loadstone {

namespace {
constexpr double kMost = 1e7;

void describe_size(EconomyConfig& c, Parameters& p) {
  p.add("assets", c.assets, "Places for listed assets; a few are vacant at any time", between(2, kMost));
  p.add("months", c.months, "Cross-sections; the newest has no return yet", between(2, 12000));
  p.add("characteristics", c.characteristics, "D: informative ones, two for each state pair, the rest noise",
        between(1, 10000));
  p.add("informative", c.informative, "Characteristics in which the conditional betas are linear", between(1, 10000));
  p.add("state_pairs", c.state_pairs, "Pairs of characteristics whose correlation follows the state", between(0, 5000));
  p.add("factors", c.factors, "K: the market and K - 1 style factors", between(2, 100));
  p.add("traits", c.traits, "Latent traits of an asset, constant over its life", between(1, 100));
  p.add("investors", c.investors, "Investors; the first are the households, who hold every asset", between(1, 100000));
  p.add("funds", c.funds, "Funds, each a portfolio of one investor's holdings", between(0, 100000));
  p.add("panel_only", c.panel_only, "Only the panel store and the truth: no other file");
}

void describe_returns(EconomyConfig& c, Parameters& p) {
  p.add("spillover", c.spillover, "Style premia follow the state of the copula; otherwise they are constant");
  p.add("state_share", c.state_share, "With spillover: share of the squared style premium that moves with the state",
        between(0, 1));
  p.add("state_persistence", c.state_persistence, "Monthly autocorrelation of the Gaussian state", between(0, 0.999));
  p.add("copula_correlation", c.copula_correlation, "Correlation of a state pair when the state is 1",
        between(0, 0.99));
  p.add("premium_scale", c.premium_scale, "Multiplies all premia; 0 is an economy without premia", at_least(0));
  p.add("style_premium", c.style_premium, "Standard deviation over assets and months of the style part of mu",
        at_least(0), "a month");
  p.add("market_premium", c.market_premium, "Premium of the market factor", {}, "a month");
  p.add("style_volatility", c.style_volatility, "Volatility of a style factor; betas have unit variance", above(0),
        "a month");
  p.add("market_volatility", c.market_volatility, "Volatility of the market factor", above(0), "a month");
  p.add("idiosyncratic_volatility", c.idiosyncratic_volatility, "Median over assets", above(0), "a month");
  p.add("trait_share", c.trait_share, "Share of variance of the first informative characteristics due to a trait",
        between(0, 1));
}

void describe_markets(EconomyConfig& c, Parameters& p) {
  p.add("selection", c.selection, "How investors choose the assets they hold", one_of({"random", "taste"}));
  p.add("elasticities", c.elasticities, "Demand elasticities zeta of the investors", one_of({"equal", "unequal"}));
  p.add("held_share", c.held_share, "Median share of the listed assets that an investor holds", between(0.001, 1));
  p.add("valuation_noise", c.valuation_noise, "Share of the variance of log market-to-book that is not traits",
        between(0, 1));
  p.add("missing_share", c.missing_share, "Share of characteristics that is missing", between(0, 0.95));
  p.add("delisting_rate", c.delisting_rate, "Probability that a listed asset leaves", between(0, 0.5), "a month");
  p.add("listing_rate", c.listing_rate, "Probability that a vacant place is taken by a new asset", between(0.001, 1),
        "a month");
  p.add("start", c.start, "Month of the first cross-section, YYYY-MM-DD");
  p.add("seed", c.seed, "Seed of all random numbers");
  p.add("replicate", c.replicate, "Number of the economy among those of one seed", at_least(0));
}
}  // namespace

void EconomyConfig::describe(Parameters& p) {
  describe_size(*this, p);
  describe_returns(*this, p);
  describe_markets(*this, p);
}

void EconomyConfig::check() const {
  const int needed = informative + 2 * state_pairs;
  if (characteristics < needed)
    throw usage_error(
        fmt::format("characteristics = {} is too few for informative = {} and state_pairs = {}: at least "
                    "{} are needed. Raise characteristics or lower the other two.",
                    characteristics, informative, state_pairs, needed));
  if (spillover && state_pairs == 0)
    throw usage_error(
        "spillover = true needs state_pairs >= 1: without a pair nothing shows the state. "
        "Set state_pairs, or spillover = false.");
  first_month();
}

Stream stream_of(const EconomyConfig& config, std::string_view purpose, int64_t number, int64_t second) {
  return Stream(static_cast<uint64_t>(config.seed), "economy", config.replicate, purpose, number, second);
}

}  // namespace loadstone
