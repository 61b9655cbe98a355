"""Every script of this folder, and whether it reaches what it has to: `python -m examples.all [--quick] [B D ...]`.

A requirement is one line of FIGURES, met by the closing line `name: value` of a script; exit status 1 if one is missed.
With --quick the scripts run for seconds, and only have to end well.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
LINE = "{:<12} {:<43} {:<24} {:<17} {:<17} {}"


class Figure(NamedTuple):
    """What the closing line `name` has to say: `>= 33`, `<= 1e-3`, `> 1`, `= 22`, or `~ 0.39`, which is within 2 %."""

    system: str
    command: str
    name: str
    required: str


FIGURES = [
    Figure("A", "deep_network.py", "seeds_solved", ">= 9"),  # of 10: gradient descent, 10,000 epochs
    Figure("A", "deep_network.py", "adam_seeds_solved", ">= 9"),  # of 10: Adam, 500 epochs
    Figure("A", "deep_network.py", "gradient_error", "<= 1e-10"),  # against backprop by hand
    Figure("A", "deep_network.py", "discs", "= 52"),
    Figure("A", "deep_network.py", "edges", "= 416"),
    Figure("A", "autoencoder.py", "one_hot_mse", "<= 0.01"),
    Figure("A", "autoencoder.py", "bars_mse", "<= 0.01"),
    Figure("B", "neuron.py", "outputs", "= 4.8 1.21 2.385"),
    Figure("B", "perceptron.py", "or_fewest_right", "= 4"),  # of 4 rows, over all seeds
    Figure("B", "perceptron.py", "and_fewest_right", "= 4"),
    Figure("B", "perceptron.py", "xor_most_right", "<= 3"),
    Figure("B", "xor.py", "seeds_solved", ">= 33"),  # of 40
    Figure("B", "xor.py", "gradient_error", "<= 1e-10"),
    Figure("C", "spiral.py", "mean_accuracy", ">= 0.856"),  # of 8 seeds
    Figure("C", "spiral.py", "mean_loss", "<= 0.435"),
    Figure("C", "spiral.py --classes 2", "accuracy", ">= 0.965"),
    Figure("C", "regression.py", "sine_mse", "<= 3e-6"),
    Figure("C", "regression.py", "surface_mse", "<= 0.0105"),
    Figure("C", "fashion_mnist.py --hidden 64 64 --epochs 5", "accuracy", ">= 0.863"),
    Figure("C", "fashion_mnist.py", "accuracy", ">= 0.874"),
    Figure("C", "classify_picture.py", "confidence_sum", "= 1"),
    Figure("D", "activations.py", "relu_250", "~ 0.393"),  # the residual of the last case after so many epochs
    Figure("D", "activations.py", "relu_2300", "~ 8.38e-5"),
    Figure("D", "activations.py", "relu_10000", "~ 2.02e-7"),
    Figure("D", "activations.py", "relu_20000", "~ 1.50e-8"),
    Figure("D", "activations.py", "sigmoid_250", "~ 0.763"),
    Figure("D", "activations.py", "sigmoid_2300", "~ 0.761"),
    Figure("D", "activations.py", "sigmoid_10000", "~ 3.14e-3"),
    Figure("D", "activations.py", "sigmoid_20000", "~ 1.74e-4"),
    Figure("D", "activations.py", "relu_right", "= 22"),
    Figure("D", "activations.py", "sigmoid_right", "= 22"),
    Figure("D", "activations.py", "times_faster", ">= 20"),  # than 17 ms an epoch
    Figure("E", "tutorial.py", "logistic_gradient_error", "<= 1e-12"),
    Figure("E", "tutorial.py", "descent_over_lbfgs", "> 1"),  # the cost that each ends at, by as many evaluations
    Figure("transformer", "character_transformer.py", "loss", "<= 2"),  # a character, on text held back
    Figure("CNN", "fashion_cnn.py", "accuracy", ">= 0.91"),
    Figure("science", "science.py", "rates_within_three_errors", "= 4"),
    Figure("science", "science.py", "largest_error_of_rates", "<= 0.15"),  # relative; counts are off by 0.1
    Figure("science", "science.py", "covered", ">= 0.85"),  # of the truth, by two deviations
]


def main() -> int:
    """Run what is asked for and print the table; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    systems = list(dict.fromkeys(figure.system for figure in FIGURES))
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help=f"which: {' '.join(systems)} (all)")
    parser.add_argument("--quick", action="store_true", help="seconds a script, to see that each runs")
    parser.add_argument("--out", default="out", metavar="DIR", help="where pictures go (out)")
    options = parser.parse_args()
    if unknown := set(options.systems) - set(systems):
        parser.error(f"no system {', '.join(sorted(unknown))}, expected some of {' '.join(systems)}")
    figures = [figure for figure in FIGURES if figure.system in (options.systems or systems)]
    more = ["--out", options.out, *["--quick"] * options.quick]
    said = {command: closing_lines(command, more) for command in dict.fromkeys(figure.command for figure in figures)}
    print("\n" + LINE.format("system", "script", "figure", "required", "reached", "ok"))
    met = [_row(figure, said[figure.command], options.quick) for figure in figures]
    print(f"\n{met.count(True)} of {len(met)} are well")
    return 0 if all(met) else 1


def closing_lines(command: str, options: list[str]) -> dict[str, str] | None:
    """Run a script of this folder; what its closing lines say, None if it fails."""
    begin = time.perf_counter()
    script, *own = command.split()
    done = subprocess.run([sys.executable, FOLDER / script, *own, *options], stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - begin
    print(f"{command}: {'done' if done.returncode == 0 else 'failed'} after {seconds:.0f} s", flush=True)
    return dict(re.findall(r"^(\w+): (.+)$", done.stdout, re.MULTILINE)) if done.returncode == 0 else None


def is_met(required: str, reached: str) -> bool:
    """Whether a closing line says what is required of it; nan and words meet nothing."""
    relation, wanted = required.split(" ", 1)
    if relation == "=":
        return reached == wanted
    try:
        x, limit = float(reached), float(wanted)
    except ValueError:
        return False
    close = abs(x - limit) <= 0.02 * abs(limit)
    return {">=": x >= limit, ">": x > limit, "<=": x <= limit, "<": x < limit, "~": close}[relation]


def _row(figure: Figure, said: dict[str, str] | None, quick: bool) -> bool:
    """Print a line of the table; whether it is well."""
    reached = (said or {}).get(figure.name)
    ok = said is not None and (quick or (reached is not None and is_met(figure.required, reached)))
    words = (*figure, "-" if reached is None else reached, "yes" if ok else "NO")
    print(LINE.format(*words))
    return ok


if __name__ == "__main__":
    sys.exit(main())
