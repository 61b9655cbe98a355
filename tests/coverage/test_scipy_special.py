"""Every name of scipy.special has a row of the matrix or a reason."""

import pytest

from tinygrad_scratch.coverage.table import ENTRIES, WITHOUT

special = pytest.importorskip("scipy.special")


@pytest.mark.parametrize("name", sorted(set(special.__all__)))
def test_every_name_has_a_row_or_a_reason(name: str) -> None:
    places = [f"scipy.special.{name}", f"tinygrad_scratch.scipy.special.{name}"]
    assert sum(place in ENTRIES for place in places) + sum(place in WITHOUT for place in places) == 1
