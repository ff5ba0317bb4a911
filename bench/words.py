"""Word2Vec with noise assets against gensim, and with the full softmax, in one run, rounds alternating.

python bench/words.py [--rounds 5]: portfolio positions a second times passes (as gensim counts them), the ratio and its
spread, and the likelihood of held-out portfolios under the softmax over each model's own vectors. Both take whole
windows of 5 on either side, 5 noise assets, and every position (gensim: shrink_windows=False, sample=0), two workers,
and of several learning rates the one that is best on the held-out portfolios.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess

import numpy as np

from peers import words

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = HERE.parent / "build/release/bench/bench_words"
SIZES = {  # investors, assets, positions, passes
    "funds": (249, 748, 25_000, 20),
    "wide": (344, 4125, 52_000, 20),
    "large": (5000, 4000, 2_000_000, 3),
}
GENSIM_RATES, RATES = (0.025, 0.05, 0.1), (0.1, 0.2)
K = 16


def spread(values: list[float], digits: int = 2) -> str:
    low, middle, high = (f"{f(values):.{digits}f}" for f in (min, statistics.median, max))
    return f"{middle} ({low} to {high})"


class Case:
    def __init__(self, size: str) -> None:
        investors, self.assets, positions, self.passes = SIZES[size]
        self.folder = HERE / "out" / f"words-{size}"
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([PROGRAM, "write", self.folder, *map(str, (investors, self.assets, positions))], check=True)
        self.train, self.test = (words.read(self.folder / f"{part}.txt") for part in ("train", "test"))
        self.positions = sum(map(len, self.train))

    def ours(self, threads: int = 2, **config) -> tuple[float, str]:
        """Million positions a second, and the bits of the result."""
        text = json.dumps({"K": K, "epochs": self.passes, "tolerance": 0} | config)
        command = [PROGRAM, "time", self.folder, str(self.assets), str(threads), text]
        seconds, passes, _, bits = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        return 1e-6 * self.positions * int(passes) / float(seconds), bits

    def our_likelihood(self, skip_gram: bool) -> float:
        """Of the last fit."""
        X, out = np.fromfile(self.folder / "ours.f64").reshape(2, self.assets, -1)
        return words.log_likelihood(self.test, X, out, skip_gram=skip_gram)

    def gensim(self, skip_gram: bool, rate: float) -> tuple[float, float]:
        settings = {"vector_size": K, "sg": int(skip_gram), "negative": 5, "workers": 2, "alpha": rate}
        seconds, X, out = words.train(self.train, self.assets, self.passes, sample=0, shrink_windows=False, **settings)
        likelihood = words.log_likelihood(self.test, X, out, skip_gram=skip_gram)
        return 1e-6 * self.positions * self.passes / seconds, likelihood


def best_rate(case: Case, config: dict, skip_gram: bool) -> float:
    def likelihood(rate: float) -> float:
        case.ours(**config, learning_rate=rate)
        return case.our_likelihood(skip_gram)

    return max(RATES, key=likelihood)


def compare(case: Case, model: str, rounds: int) -> None:
    skip_gram = model == "skip_gram"
    config = {"model": model, "matrices": "two", "negatives": 5}
    config["learning_rate"] = best_rate(case, config, skip_gram)
    rate = max(GENSIM_RATES, key=lambda rate: case.gensim(skip_gram, rate)[1])
    theirs, mine = [], []
    for _ in range(rounds):
        theirs.append(case.gensim(skip_gram, rate))
        mine.append(case.ours(**config)[0])
    likelihood = case.our_likelihood(skip_gram)
    ratios = [a / b for a, (b, _) in zip(mine, theirs, strict=True)]
    same = len({case.ours(threads, **config)[1] for threads in (1, 2, 5)}) == 1
    print(
        f"  {model}, 5 noise assets: gensim (rate {rate}) {spread([a for a, _ in theirs])} M/s, "
        f"loadstone (rate {config['learning_rate']}) {spread(mine)} M/s, ratio {spread(ratios)}\n"
        f"    held-out log likelihood: gensim {spread([b for _, b in theirs], 3)}, loadstone {likelihood:.3f}; "
        f"{'same bits' if same else 'OTHER BITS'} with 1, 2 and 5 threads",
        flush=True,
    )


def softmax(case: Case, rounds: int) -> None:
    speeds = [case.ours()[0] for _ in range(rounds)]
    print(f"  cbow, full softmax, tied: {spread(speeds)} M/s, held-out log likelihood {case.our_likelihood(False):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["funds", "large"])
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start, {arguments.rounds} rounds, median")
    for size in arguments.sizes:
        case = Case(size)
        print(
            f"{size}: {len(case.train)} portfolios of {case.assets} assets, {case.positions} positions, K = {K}, "
            f"{case.passes} passes"
        )
        for model in ("cbow", "skip_gram"):
            compare(case, model, arguments.rounds)
        softmax(case, arguments.rounds if size != "large" else 1)


if __name__ == "__main__":
    main()
