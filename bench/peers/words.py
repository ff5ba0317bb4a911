"""Word2Vec by gensim, and the likelihood of held-out portfolios under anybody's vectors."""

import time

import numpy as np
from gensim.models.word2vec import Word2Vec

Portfolios = list[list[str]]


def read(path: str) -> Portfolios:
    with open(path) as file:
        return [line.split() for line in file]


def train(portfolios: Portfolios, assets: int, epochs: int, **settings) -> tuple[float, np.ndarray, np.ndarray]:
    """Seconds of the training alone; vectors and outputs (assets, K), NaN for what is in no portfolio."""
    model = Word2Vec(min_count=1, **settings)
    model.build_vocab(portfolios)
    start = time.perf_counter()
    model.train(portfolios, total_examples=len(portfolios), epochs=epochs)
    seconds = time.perf_counter() - start
    known = [int(word) for word in model.wv.index_to_key]
    matrices = []
    for matrix in (model.wv.vectors, model.syn1neg):
        full = np.full((assets, matrix.shape[1]), np.nan)
        full[known] = matrix
        matrices.append(full)
    return seconds, *matrices


def log_likelihood(
    portfolios: Portfolios, X: np.ndarray, out: np.ndarray, *, skip_gram: bool, window: int = 5, most: int = 20_000
) -> float:
    """Mean log probability of a predicted asset, softmax over all that have vectors; every n-th of the positions."""
    known = ~np.isnan(X[:, 0])
    step = 1 + sum(map(len, portfolios)) // most
    h, targets = [], []
    for portfolio in portfolios:
        words = np.array(portfolio, dtype=int)
        for t in range(0, len(words), step):
            near = np.concatenate([words[max(0, t - window) : t], words[t + 1 : t + 1 + window]])
            near, own = near[known[near]], words[t : t + 1][known[words[t : t + 1]]]
            inputs, predicted = (own, near) if skip_gram else (near, own)
            if len(inputs) and len(predicted):
                h.append(X[inputs].mean(axis=0))
                targets.append(predicted)
    total = 0.0
    for first in range(0, len(h), 1000):
        H = np.array(h[first : first + 1000])
        scores = H @ out[known].T
        highest = scores.max(axis=1)
        normaliser = np.log(np.exp(scores - highest[:, None]).sum(axis=1)) + highest
        for i, predicted in enumerate(targets[first : first + 1000]):
            total += (out[predicted] @ H[i]).sum() - len(predicted) * normaliser[i]
    return float(total / sum(map(len, targets)))
