"""The values that the C++ tests of the networks are held to are those that PyTorch gives today."""

import importlib.util
import json
import pathlib

import numpy as np

FILE = pathlib.Path(__file__).parent.parent / "reference/networks.py"


def load():
    spec = importlib.util.spec_from_file_location("networks", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def expect_same(a, b):
    assert type(a) is type(b)
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            expect_same(a[key], b[key])
    elif isinstance(a, list):
        np.testing.assert_allclose(np.array(a, dtype=float), np.array(b, dtype=float), rtol=1e-10, atol=1e-12)
    else:
        assert a == b


def test_reference_values_are_those_of_the_script():
    networks = load()
    kept = json.loads(networks.FILE.read_text())
    computed = networks.references()
    assert len(kept) == len(computed) == len(networks.CASES)
    for a, b in zip(kept, computed, strict=True):
        expect_same(a, b)
