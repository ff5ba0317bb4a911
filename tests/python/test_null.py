"""Where nothing can be earned, nothing is found: returns dealt out anew, and an economy without premia."""

import pandas as pd
import pytest

EXPERIMENT = """
study = "pricing"
seed = 5
[data.panel]
source = "simulate"
assets = 150
months = 260
characteristics = 20
informative = 4
state_pairs = 5
panel_only = true
[backtest]
window = 60
[evaluation]
bootstrap = 0
[[model]]
type = "ridge"
[[model]]
type = "random_features"
features = 200
[[model]]
type = "transformer"
head_curve = "none"
"""
NETWORKS = """
[[model]]
type = "mlp"
layers = 2
width = 16
seeds = 2
epochs = 3
rate = 0.003
refit = 24
[[model]]
type = "portfolio_transformer"
width = 16
seeds = 2
epochs = 3
rate = 0.003
refit = 24
"""


@pytest.mark.parametrize("setting", ["backtest.null_returns=true", "data.panel.premium_scale=0"])
def test_sharpe_ratios_are_within_two_errors_of_zero(cli, tmp_path, setting):
    (tmp_path / "e.toml").write_text(EXPERIMENT + NETWORKS)
    done = cli("run", tmp_path / "e.toml", "--out", tmp_path / "out", "--workers", 2, "--set", setting)
    assert done.returncode == 0, done.stderr
    metrics = pd.read_csv(tmp_path / "out/metrics.csv")
    sharpe = metrics[(metrics.metric == "sharpe") & (metrics["sample"] == "full")]
    assert len(sharpe) == 5
    assert (sharpe.value.abs() < 2 * sharpe.std_error).all(), sharpe


def test_the_same_economy_with_its_premia_is_found(cli, tmp_path):
    (tmp_path / "e.toml").write_text(EXPERIMENT)
    assert cli("run", tmp_path / "e.toml", "--out", tmp_path / "out", "--workers", 2).returncode == 0
    metrics = pd.read_csv(tmp_path / "out/metrics.csv").query("metric == 'sharpe' and sample == 'full'")
    assert (metrics.value > 2 * metrics.std_error).all(), metrics
    variants = pd.read_csv(tmp_path / "out/tables/variants.csv")
    assert list(variants.variant) == ["total", "antisymmetric", "symmetric"]
