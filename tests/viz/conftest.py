from typing import Any

import pytest

from tinygrad_scratch.viz.figure import new_figure


@pytest.fixture
def figure() -> Any:
    pytest.importorskip("matplotlib")
    return new_figure(6, 4)
