"""What the three commands measure and print; each returns its figures, for a file, and the problems it met."""

from __future__ import annotations

import argparse
import importlib.metadata
from typing import Any

import tinygrad_scratch as tg

from . import measure, peers, plot, report, roofline, sides, timing
from . import scaling as series
from .rows import ROWS, TRAINING

Found = tuple[dict[str, Any], dict[str, str]]


def table(chosen: argparse.Namespace) -> Found:
    """All rows and sides, above them what the machine can do."""
    peers.require(chosen.peers, chosen.rows)
    setting = _setting(chosen)
    machine = roofline.measure()
    print(f"products {machine.products / 1e9:.0f} GFLOP/s in float32, a copy {machine.bandwidth / 1e9:.1f} GB/s")
    print("roofline: what the row's matrix products, or the bytes it must move, would take alone\n")
    columns = [*sides.own(), *chosen.peers]
    print(report.header("row", ["roofline", *columns]))
    rows: list[dict[str, Any]] = []
    problems: dict[str, str] = {}
    for key in chosen.rows:
        row = ROWS[key]()
        figures, wrong = measure.figures(row, measure.builders(row, chosen.peers), chosen.seconds, chosen.memory)
        limit = machine.seconds(row)
        print(report.line(f"{key:<15}{report.duration(limit):>{report.CELL}}", figures, columns, wrong), flush=True)
        rows.append({"key": key, "row": row.name, "roofline": limit, "sides": figures})
        problems |= {f"{key}, {side}": problem for side, problem in wrong.items()}
    _print_rest(rows, columns, setting)
    if chosen.plot:
        plot.ratios(rows, chosen.plot, f"{setting['cpu']}, cores: {setting['cores']}; medians of interleaved rounds")
    return {"setting": setting, "roofline": machine._asdict(), "rows": rows}, problems


def eager(chosen: argparse.Namespace) -> Found:
    """The five training steps, by hand and with the tape."""
    rows: list[dict[str, Any]] = []
    problems: dict[str, str] = {}
    print(f"{'training step':<45}{'by hand':>12}{'eager':>12}{'ratio':>8}")
    for key in TRAINING:
        row = ROWS[key]()
        figures, wrong = measure.figures(row, {"hand": sides.by_hand, "eager": sides.eager}, chosen.seconds)
        problems |= {f"{key}, {side}": problem for side, problem in wrong.items()}
        if not wrong:
            hand, tape = figures["hand"], figures["eager"]
            times = f"{hand['seconds'] * 1e6:>9.1f} us{tape['seconds'] * 1e6:>9.1f} us"
            print(f"{row.name:<45}{times}{tape['ratio']:>8.2f}")
        rows.append({"row": row.name, **figures})
    setting = _setting(chosen)
    print("\n" + report.setting(setting))
    return {"setting": setting, "rows": rows}, problems


def scaling(chosen: argparse.Namespace) -> Found:
    """Time against size."""
    setting = _setting(chosen)
    points, problems = series.run(chosen.seconds)
    print("\n" + report.setting(setting))
    if chosen.plot:
        plot.scaling(points, {name: title for name, (title, _) in series.SERIES.items()}, chosen.plot)
    return {"setting": setting, "points": points}, problems


def _setting(chosen: argparse.Namespace) -> dict[str, str]:
    tg.set_num_threads(chosen.threads)
    setting = timing.setting(chosen.threads)
    for name in chosen.peers:
        setting[peers.PEERS[name].module] = importlib.metadata.version(peers.PEERS[name].module)
    return setting


def _print_rest(rows: list[dict[str, Any]], columns: list[str], setting: dict[str, str]) -> None:
    """What does not fit in the table."""
    compiled = [side for side in columns if side.startswith("jit") or side in ("jax", "torch.compile")]
    lines = report.second_table("first call", "first_call", report.duration, rows, compiled)
    lines += report.second_table("peak memory", "peak_bytes", report.size, rows, columns)
    lines += ["", *[f"{row['key']:<15}{row['row']}" for row in rows]]
    for row in rows:
        wide = [f"{side} in {f['dtype']}" for side, f in row["sides"].items() if "dtype" in f]
        lines += [f"{row['key']} is computed by {', '.join(wide)}"] if wide else []
    print("\n".join([*lines, "", report.setting(setting)]))
