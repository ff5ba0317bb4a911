"""What `loadstone models` prints becomes tables, and nothing of it is lost silently."""

import docs_tables
import pytest

RIDGE = """\
ridge: Ridge on managed portfolios

  penalties = [1e-10,0.1]
      Ridge penalties z that are tried (list of numbers, >= 0)
  selection = "loo"
      How the penalty is chosen (exact or not) (text, loo | fixed)
"""


def test_every_parameter_becomes_a_row():
    table = docs_tables.parse(RIDGE).markdown()
    assert "## ridge: Ridge on managed portfolios" in table
    assert "| `penalties` | `[1e-10,0.1]` | Ridge penalties z that are tried | list of numbers, >= 0 |" in table
    assert "| How the penalty is chosen (exact or not) | text, loo \\| fixed |" in table


def test_a_description_that_is_not_understood_is_an_error():
    with pytest.raises(ValueError, match="3 parameters, 2 understood"):
        docs_tables.parse(RIDGE + "  odd = 1\n      no kind\n")


def test_listed_names():
    assert docs_tables.names("Models:\n  ridge      Ridge\n  csv        A file\n\nOther text\n") == ["ridge", "csv"]
