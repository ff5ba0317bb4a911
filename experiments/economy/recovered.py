"""What holdings reveal of simulated economies: claims of the embeddings paper where the truth is known.

traits       every canonical correlation of the recommender's vectors with the five true traits (300 investors)
valuation    R2 of valuations out of sample with 30, 100, 300 and 1,000 investors, and its bound: R2 on the traits
kappa        comovement of next quarter's returns by the weight of daily returns in the vectors
zeros        recommender (missing is missing) against PCA0 (missing is zero) where investors hold what they like, so
             that likings differ little among what is held
"""

import argparse
import pathlib
import shutil
import statistics
import subprocess
import tempfile

import pandas as pd

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KAPPAS = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
RIDGES = [0.3, 1, 3, 5, 10]  # the fit chooses, by cells that it holds out


def metrics(program: str, models: str, settings: dict[str, object], tasks: str) -> pd.DataFrame:
    """(model, sample, metric) -> value of one economy."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="economy"))
    economy = {"assets": 500, "months": 12, "investors": 300, **settings}
    text = "study = 'embeddings'\nseed = 7\n[data.holdings]\nsource = 'simulate'\n"
    text += "".join(f"{key} = {value!r}\n" for key, value in economy.items())
    text += f"[sample]\nmin_investors = 3\nmin_assets = 10\n[benchmarks]\ntasks = [{tasks}]\n{models}"
    (folder / "experiment.toml").write_text(text)
    command = [
        program,
        "run",
        str(folder / "experiment.toml"),
        "--out",
        str(folder / "run"),
        "--workers",
        "2",
        "--quiet",
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    table = pd.read_csv(folder / "run/metrics.csv").set_index(["model", "sample", "metric"])["value"]
    shutil.rmtree(folder)
    return table


def recommender(K: int, **fields: object) -> str:
    more = "".join(f"{key} = {value!r}\n" for key, value in fields.items())
    return f"[[model]]\nname = 'RecSys'\ntype = 'recommender'\nK = {K}\n{more}"


def traits(program: str, economies: int) -> pd.DataFrame:
    rows = []
    for elasticities, K in (("equal", 5), ("unequal", 5), ("unequal", 6)):
        smallest = [
            metrics(program, recommender(K, ridges=RIDGES), {"elasticities": elasticities, "replicate": e}, "'truth'")[
                "RecSys", "traits", "truth: smallest canonical correlation"
            ]
            for e in range(economies)
        ]
        rows.append((elasticities, K, statistics.mean(smallest), min(smallest)))
    return pd.DataFrame(rows, columns=["elasticities", "K", "smallest canonical correlation, mean", "lowest"])


def valuation(program: str, economies: int) -> pd.DataFrame:
    rows = []
    for investors in (30, 100, 300, 1000):
        found = [
            metrics(
                program,
                recommender(5, ridges=RIDGES),
                {"elasticities": "equal", "investors": investors, "replicate": e},
                "'truth', 'valuation'",
            )
            for e in range(economies)
        ]
        in_sample = [table["RecSys", "in sample", "valuation: R2"] for table in found]
        out = [table["RecSys", "out of sample", "valuation: R2"] for table in found]
        bound = [table["RecSys", "bound", "truth: valuation R2"] for table in found]
        bound_out = [table["RecSys", "bound", "truth: valuation R2 out of sample"] for table in found]
        rows.append((investors, *(statistics.mean(values) for values in (in_sample, bound, out, bound_out))))
    return pd.DataFrame(rows, columns=["investors", "R2 in sample", "its bound", "R2 out of sample", "its bound"])


def kappa(program: str, economies: int) -> pd.DataFrame:
    models = "".join(recommender(6, kappa=k).replace("RecSys", f"kappa {k}") for k in KAPPAS)
    rows = {}
    for e in range(economies):
        table = metrics(program, models, {"investors": 100, "months": 24, "replicate": e}, "'comovement'")
        rows[e] = [table[f"kappa {k}", "next quarter", "comovement: R2"] for k in KAPPAS]
    frame = pd.DataFrame(rows, index=KAPPAS).T
    frame["best"] = frame.idxmax(axis=1)
    return frame


def zeros(program: str, economies: int) -> pd.DataFrame:
    models = (
        recommender(5, ridges=RIDGES)
        + "[[model]]\nname = 'PCA0'\ntype = 'pca'\nK = 5\n[[model]]\ntype = 'placebo'\nK = 5\n"
    )
    rows = []
    for e in range(economies):
        economy = {"elasticities": "equal", "selection": "taste", "replicate": e}
        table = metrics(program, models, economy, "'truth', 'valuation'")
        rows.append([table[model, "out of sample", "valuation: R2"] for model in ("RecSys", "PCA0", "placebo")])
    return pd.DataFrame(rows, columns=["missing is missing", "missing is zero", "placebo"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("claims", nargs="*", default=["traits", "valuation", "kappa", "zeros"])
    parser.add_argument("--program", default=str(ROOT / "build/release/loadstone"))
    parser.add_argument("--economies", type=int, default=10)
    arguments = parser.parse_args()
    for name in arguments.claims:
        claim = {"traits": traits, "valuation": valuation, "kappa": kappa, "zeros": zeros}[name]
        print(f"{name}, {arguments.economies} economies")
        print(claim(arguments.program, arguments.economies).round(4).to_string(), end="\n\n")


if __name__ == "__main__":
    main()
