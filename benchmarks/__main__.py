"""`python -m benchmarks eager [--seconds S] [--json FILE]`: training steps by hand and with the eager tape."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from . import timing


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("table", choices=["eager"], help="which table to measure")
    parser.add_argument("--seconds", type=float, default=4.0, help="time spent on each row (4)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")
    options = parser.parse_args()
    timing.restart_in_setting()
    from .rows import training_rows  # NumPy must not be loaded before the setting stands

    rows = []
    print(f"{'training step':<45}{'by hand':>12}{'eager':>12}{'ratio':>8}")
    for row in training_rows():
        figures = timing.summary(timing.interleaved(row.steps, row.start, options.seconds))
        hand, eager = figures["hand"], figures["eager"]
        print(f"{row.name:<45}{hand['seconds'] * 1e6:>9.1f} us{eager['seconds'] * 1e6:>9.1f} us{eager['ratio']:>8.2f}")
        rows.append({"row": row.name, **figures})
    setting = timing.setting()
    print("\n" + ", ".join(f"{name} {value}" for name, value in setting.items()))
    if options.json:
        options.json.write_text(json.dumps({"setting": setting, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
