"""The networks of pricing once more in plain PyTorch, each replicate by itself: networks.json is what it gives.

Kelly, Kuznetsov, Malamud and Xu (2024), equations (13) to (20) and algorithm 2. Absent assets are left out of the
cross-section before anything is computed. Run it to write networks.json anew; a test compares the two.
"""

import json
import pathlib

import numpy as np
import torch

FILE = pathlib.Path(__file__).with_suffix(".json")
N, D, WIDTH, REPLICATES, STEPS, RATE = 5, 3, 4, 2, 10, 0.01
TRANSFORMER = {"blocks": 1, "heads": 1, "width": WIDTH}
CASES = {
    "two blocks of two heads": {"type": "portfolio_transformer", "blocks": 2, "heads": 2, "width": WIDTH},
    "an absent asset": {"type": "portfolio_transformer", **TRANSFORMER, "absent": 2},
    "linear attention": {"type": "portfolio_transformer", **TRANSFORMER, "attention": "linear", "loss": "mse"},
    "factored, no residuals": {"type": "portfolio_transformer", **TRANSFORMER, "factored": True, "residuals": False},
    "no feed-forward": {"type": "portfolio_transformer", **TRANSFORMER, "feed_forward": False},
    "no attention": {"type": "portfolio_transformer", **TRANSFORMER, "attention": "none"},
    "perceptron": {"type": "mlp", "layers": 4, "width": WIDTH},
}


def shapes(case: dict) -> dict[str, tuple[int, ...]]:
    """Of one replicate's parameters."""
    if case["type"] == "mlp":
        out = {}
        for k in range(1, case["layers"] + 1):
            out |= {f"W{k}": (D if k == 1 else WIDTH, WIDTH), f"b{k}": (WIDTH,)}
        return out | {"lambda": (WIDTH,)}
    out = {}
    for k in range(1, case["blocks"] + 1):
        if case.get("attention") != "none":
            for name in ("Q", "P", "V") if case.get("factored") else ("W", "V"):
                out[f"block{k}.{name}"] = (case["heads"], D, D)
        if case.get("feed_forward", True):
            out |= {f"block{k}.W1": (D, WIDTH), f"block{k}.b1": (WIDTH,)}
            out |= {f"block{k}.W2": (WIDTH, D), f"block{k}.b2": (D,)}
    return out | {"lambda": (D,)}


def attention(case: dict, Y: torch.Tensor, own: dict[str, torch.Tensor]) -> torch.Tensor:
    out = torch.zeros_like(Y)
    for h in range(case["heads"]):
        W = own["Q"][h] @ own["P"][h].T if case.get("factored") else own["W"][h]
        A = Y @ W @ Y.T
        A = A / len(Y) if case.get("attention") == "linear" else torch.softmax(A, dim=1)
        out = out + A @ Y @ own["V"][h]
    return out


def weights(case: dict, X: torch.Tensor, parameters: dict[str, torch.Tensor]) -> torch.Tensor:
    Y = X
    if case["type"] == "mlp":
        for k in range(1, case["layers"] + 1):
            Y = torch.relu(Y @ parameters[f"W{k}"] + parameters[f"b{k}"])
        return Y @ parameters["lambda"]
    for k in range(1, case["blocks"] + 1):
        own = {name.split(".")[1]: p for name, p in parameters.items() if name.startswith(f"block{k}.")}
        kept = 1.0 if case.get("residuals", True) else 0.0
        if case.get("attention") != "none":
            Y = attention(case, Y, own) + kept * Y
        if case.get("feed_forward", True):
            Y = torch.relu(Y @ own["W1"] + own["b1"]) @ own["W2"] + own["b2"] + kept * Y
    return Y @ parameters["lambda"]


def loss(case: dict, w: torch.Tensor, R: torch.Tensor) -> torch.Tensor:
    return ((R - w) ** 2).sum() if case.get("loss") == "mse" else (1 - w @ R) ** 2


def replicate(case: dict, X: torch.Tensor, R: torch.Tensor, start: dict[str, np.ndarray]) -> dict:
    parameters = {name: torch.tensor(values, requires_grad=True) for name, values in start.items()}
    w = weights(case, X, parameters)
    gradients = torch.autograd.grad(loss(case, w, R), list(parameters.values()))
    adam = torch.optim.Adam(parameters.values(), lr=RATE)
    losses = []
    for _ in range(STEPS):
        adam.zero_grad()
        value = loss(case, weights(case, X, parameters), R)
        value.backward()
        adam.step()
        losses.append(value.item())
    return {"weights": w.detach(), "gradients": dict(zip(parameters, gradients, strict=True)), "losses": losses}


def rounded(rng: np.random.Generator, shape: tuple[int, ...], deviation: float) -> np.ndarray:
    return np.round(rng.normal(0, deviation, shape), 3)


def reference(name: str, case: dict) -> dict:
    rng = np.random.default_rng(list(name.encode()))
    X, R = rounded(rng, (N, D), 1.0), rounded(rng, (N,), 0.1)
    present = np.arange(N) != case.get("absent", -1)
    start = {p: rounded(rng, (REPLICATES, *shape), 0.6) for p, shape in shapes(case).items()}
    out = []
    for s in range(REPLICATES):
        own = {p: values[s] for p, values in start.items()}
        out.append(replicate(case, torch.tensor(X[present]), torch.tensor(R[present]), own))
    w = np.zeros((REPLICATES, N))
    w[:, present] = [o["weights"].numpy() for o in out]
    return {
        "name": name,
        **case,
        "rate": RATE,
        "X": X.tolist(),
        "R": R.tolist(),
        "present": present.tolist(),
        "parameters": {p: values.tolist() for p, values in start.items()},
        "weights": w.tolist(),
        "gradients": {p: [o["gradients"][p].tolist() for o in out] for p in start},
        "losses": np.transpose([o["losses"] for o in out]).tolist(),
    }


def references() -> list[dict]:
    return [reference(name, case) for name, case in CASES.items()]


if __name__ == "__main__":
    FILE.write_text("[\n" + ",\n".join(json.dumps(case) for case in references()) + "\n]\n")
