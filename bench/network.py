"""Training steps of the portfolio transformer against PyTorch, in one run, rounds alternating.

python bench/network.py [--rounds 7] [--parts latency throughput seeds memory curve] [--device cuda]

A step is forward, loss, backward and Adam of one month. The peers (bench/peers/network.py) are eager PyTorch,
torch.compile and scaled_dot_product_attention, from the same first parameters on the same months; losses of the first
ten steps must agree to 1e-4. Latency: a process with two threads. Throughput: two processes with one thread each, at
the same time. With --device cuda (a build of the preset `cuda`) latency and seeds alone.
"""

import argparse
import dataclasses
import itertools
import json
import os
import pathlib
import statistics
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = HERE.parent / "build" / os.environ.get("PRESET", "release") / "bench/bench_network"
PYTHON = os.environ.get("LOADSTONE_PYTHON", str(HERE.parent / ".venv/bin/python"))
PEERS = ("eager", "compile", "sdpa")
HALF = "sdpa-bf16"  # a peer in bfloat16, taken where it is asked for
PRECISIONS = ("float32", "bfloat16x2", "bfloat16")
PARTS = ("latency", "throughput", "seeds", "memory", "curve")


@dataclasses.dataclass(frozen=True)
class Size:
    N: int = 3000
    D: int = 132
    K: int = 4
    H: int = 1
    width: int = 256
    seeds: int = 1
    months: int = 4

    def words(self) -> list[str]:
        return [str(n) for n in (self.months, self.N, self.D, self.K, self.H, self.width, self.seeds)]

    def gigaflops(self) -> float:
        """Of the products of a step: what is computed again is not counted."""
        each = self.H * (self.N**2 * self.D + self.N * self.D**2) + self.N * self.D * self.width
        return 12e-9 * self.seeds * self.K * each


class Worker:
    """A process that takes numbers of steps and answers each with seconds, losses and its peak memory."""

    def __init__(self, command: list[str], steps: int = 10) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.first = self.take(steps)  # what is compiled or allocated once is so here

    def ask(self, steps: int) -> None:
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{' '.join(map(str, self.process.args))} ended with {self.process.wait()}")
        return json.loads(line)

    def take(self, steps: int) -> dict:
        self.ask(steps)
        return self.answer()

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def folder(size: Size) -> pathlib.Path:
    path = HERE / "out" / f"network-{size.months}-{size.N}-{size.D}-{size.K}-{size.H}-{size.width}"
    if not path.exists():
        part = path.with_suffix(".part")
        subprocess.run([PROGRAM, "write", part, *size.words()], check=True)
        part.rename(path)
    return path


def ours(size: Size, threads: int, precision: str = "float32", device: str = "cpu", steps: int = 10) -> Worker:
    return Worker([PROGRAM, "serve", folder(size), *size.words(), str(threads), precision, device], steps)


def peer(size: Size, way: str, threads: int, device: str = "cpu", steps: int = 10) -> Worker:
    script = str(HERE / "peers/network.py")
    return Worker([PYTHON, script, folder(size), *size.words()[:-1], way, str(threads), device], steps)


def spread(values: list[float], digits: int = 2) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def difference(a: Worker, b: Worker) -> float:
    return max(abs(x - y) / max(1.0, abs(y)) for x, y in zip(a.first["losses"], b.first["losses"], strict=True))


def seconds_a_step(workers: list[Worker], steps: int) -> tuple[float, float]:
    """All at the same time: seconds for a step of any of them by the clock, and of processors."""
    for worker in workers:
        worker.ask(steps)
    answers = [worker.answer() for worker in workers]
    every = steps * len(workers)
    return max(a["seconds"] for a in answers) / every, sum(a["busy"] for a in answers) / every


def ratios(theirs: list, own: list) -> str:
    """By the clock; and by what processors were busy, which others who use them disturb less."""
    clock, busy = ([a[k] / b[k] for a, b in zip(theirs, own, strict=True)] for k in (0, 1))
    return f"{spread(clock)} times as fast, {spread(busy)} by busy processors"


def compare(sides: dict[str, list[Worker]], arguments: argparse.Namespace, gigaflops: dict[str, float]) -> None:
    """Rounds in which each side takes its turn; ratios within a round, rates beside that of a square product."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for _ in range(arguments.rounds):
        for name, workers in sides.items():
            found[name].append(seconds_a_step(workers, 20 if name.startswith("product") else arguments.steps))
    rates = {
        name: gigaflops.get(name, gigaflops["float32"]) / statistics.median(clock for clock, _ in seconds)
        for name, seconds in found.items()
    }
    for name, seconds in found.items():
        square = "product-bfloat16" if name in ("bfloat16", HALF) else "product-float32"
        print(
            f"  {name}: {spread([1e3 * clock for clock, _ in seconds], 0)} ms, {rates[name]:.0f} GFLOP/s, "
            f"{100 * rates[name] / rates[square]:.0f} % of {square}"
        )
    for name in (*PEERS, HALF):
        for own in PRECISIONS:
            if name in found and own in found:
                print(f"  {own} beside {name}: {ratios(found[name], found[own])}", flush=True)


def check(sides: dict[str, list[Worker]]) -> None:
    for name in PEERS:
        if name in sides:
            apart = difference(sides["float32"][0], sides[name][0])
            print(f"  losses of ten steps differ from {name} by {apart:.1e}")
            if apart > 1e-4:
                raise SystemExit("the losses of ten steps must agree to 1e-4: these are not the same network")
    for name in (*PRECISIONS[1:], HALF):
        if name in sides:
            print(f"  losses of {name} differ from float32 by {difference(sides[name][0], sides['float32'][0]):.1e}")


def alternate(size: Size, processes: int, threads: int, arguments: argparse.Namespace) -> None:
    def several(start, *words) -> list[Worker]:
        return [start(size, *words) for _ in range(processes)]

    device = arguments.device
    precisions = [p for p in PRECISIONS if device == "cpu" or p != "bfloat16x2"]  # operators have no such product
    sides = {p: several(ours, threads, p, device) for p in precisions}
    sides |= {way: several(peer, way, threads, device) for way in arguments.peers}
    square = 2048 if device == "cpu" else 8192
    kinds = ("float32", "bfloat16")
    for kind in kinds:
        product = [PYTHON, str(HERE / "peers/square_product.py"), str(square), kind, str(threads), device]
        sides[f"product-{kind}"] = [Worker(product) for _ in range(processes)]
    check(sides)
    compare(sides, arguments, {"float32": size.gigaflops()} | {f"product-{k}": 2e-9 * square**3 for k in kinds})
    for worker in itertools.chain(*sides.values()):
        worker.end()


def latency(size: Size, arguments: argparse.Namespace) -> None:
    print(f"Latency, one process with two threads, {size}")
    alternate(size, 1, 2, arguments)


def throughput(size: Size, arguments: argparse.Namespace) -> None:
    print(f"Throughput, two processes with one thread each, {size}")
    alternate(size, 2, 1, arguments)


def seeds(size: Size, arguments: argparse.Namespace) -> None:
    """Beside one seed alone on one thread, and beside seeds as processes, two at a time, which feel what else runs."""
    tasks = [ours(size, 1, device=arguments.device) for _ in range(2)]
    ten = ours(dataclasses.replace(size, seeds=10), 2, device=arguments.device, steps=2)
    alone, apart = [], []
    for _ in range(arguments.rounds):
        one, two = (seconds_a_step(tasks[:n], arguments.steps)[0] for n in (1, 2))
        batch = seconds_a_step([ten], arguments.steps)[0]
        alone.append(batch / one), apart.append(batch / (10 * two))
    print(f"Ten seeds on two threads take {spread(alone)} times one seed on one thread")
    print(f"and {spread(apart)} times ten seeds as single-threaded processes, two at a time", flush=True)
    for worker in (*tasks, ten):
        worker.end()


def memory(size: Size, arguments: argparse.Namespace) -> None:
    large = dataclasses.replace(size, N=20_000, months=1)
    worker = ours(large, 2, steps=arguments.steps)
    each, peak = worker.first["seconds"] / arguments.steps, worker.first["peak_mb"]
    print(f"{large}: {each:.1f} s a step, peak of the process {peak} MB of 4096")
    worker.end()
    if peak > 4096:
        raise SystemExit("20,000 assets must train within 4 GB")


def curve(size: Size, arguments: argparse.Namespace) -> None:
    print("N, K: seconds a step and peak MB of loadstone and of eager PyTorch, two threads")
    sizes = [dataclasses.replace(size, N=N) for N in (500, 1000, 2000, 3000, 5000, 10_000)]
    sizes += [dataclasses.replace(size, K=K) for K in (1, 2, 6, 8, 10)]
    for at in sizes:
        text = f"  {at.N:6} {at.K:3}:"
        for worker in (ours(at, 2, steps=2), peer(at, "eager", 2, steps=2)):
            answers = [worker.take(1) for _ in range(arguments.rounds)]
            text += f"  {statistics.median(a['seconds'] for a in answers):8.3f} s {answers[-1]['peak_mb']:6} MB"
            worker.end()
        print(text, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=3, help="of a round")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS[:-1])
    parser.add_argument("--peers", nargs="*", choices=(*PEERS, HALF), default=PEERS)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    for name in ("N", "D", "K", "H", "width"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Size, name))
    arguments = parser.parse_args()
    size = Size(*(getattr(arguments, name) for name in ("N", "D", "K", "H", "width")))
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start, {arguments.rounds} rounds, median")
    for part in arguments.parts:
        if arguments.device == "cpu" or part in ("latency", "seeds"):
            globals()[part](size, arguments)


if __name__ == "__main__":
    main()
