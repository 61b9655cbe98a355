"""README's code runs as it stands."""

import re
from pathlib import Path
from typing import Any

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_code_blocks_run_in_order() -> None:
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        exec(block, names)
    assert names["y"].shape == (8, 1)


def test_nothing_is_left_to_fill_in() -> None:
    assert "@@" not in README
