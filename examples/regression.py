"""Two curves from their points: a sine, 1-64-64-1, and the surface z = sin(x1 x2) under noise, 2-64-64-1.

The sine is known without error, so all its points are used at once and L-BFGS goes down to a millionth. The surface is
measured with noise of variance 0.01, below which no prediction gets, and Adam goes through it in batches; what counts
is the error on points held back. The films show the fits come about.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import common
import film
import numpy as np

import tinygrad_scratch as tg

ERROR = "mean squared error"
NOISE = 0.1  # its standard deviation, on the surface


class Problem(NamedTuple):
    """Points to learn from and points held back, the optimizer, how long and in what batches; how the fit is drawn."""

    name: str
    formula: str
    noise: float
    data: Any
    held_back: Any
    dtype: Any
    optimizer: tg.optim.GradientTransformation
    epochs: int
    batch_size: int
    axes: dict[str, str]  # what matplotlib makes them of
    draw: Callable[..., Any]


def sine(options: Any) -> Problem:
    """No noise and few points: L-BFGS, in float64, since its line search compares values that hardly differ."""
    data, held_back = (tuple(part.astype(float) for part in tg.data.sine(samples)) for samples in (1000, 3001))
    epochs = 20 if options.quick else options.epochs
    optimizer = tg.optim.lbfgs()
    return Problem("sine", "y = sin(2 pi x)", 0.0, data, held_back, float, optimizer, epochs, 1000, {}, tg.viz.fit_1d)


def surface(options: Any) -> Problem:
    """Noise, so many points: Adam, batch by batch, its steps down to nothing in the end."""
    samples, epochs = (1000, 2) if options.quick else (10_000, options.surface_epochs)
    data, held_back = (tg.data.surface(samples, NOISE, seed=(options.seed, part)) for part in (0, 1))
    optimizer = tg.optim.adam(tg.optim.cosine_decay(0.01, epochs * tg.data.num_batches(samples, 100)))
    return Problem(
        "surface", "y = sin(x1 x2) and noise", NOISE, data, held_back, np.float32, optimizer, epochs, 100,
        {"projection": "3d"}, tg.viz.surface,
    )  # fmt: skip


def main() -> None:
    """Check the gradient, train on each problem with a film, draw the fits."""
    parser = common.command_line(__doc__, epochs=500)
    parser.add_argument("--surface-epochs", type=common.at_least(1), default=60, help="(%(default)s)")
    film.add_options(parser)
    options = parser.parse_args()
    file, figures = options.out / "regression.png", {}
    figure = tg.viz.new_figure(12, 9)
    for problem, row in zip((sine(options), surface(options)), figure.subfigures(2, 1), strict=True):
        task, done = train(problem, options)
        error = done.history["val_loss"][-1]
        row.suptitle(f"{problem.formula}: {ERROR} {error:.3g} on points held back")
        draw_fit(two_panels(row, problem), problem, task, done.state, done.history)
        figures[f"{problem.name}_film"] = film_of(problem, options)
        figures[f"{problem.name}_mse"] = f"{error:.4g}"
    figure.savefig(file)
    common.tell(picture=file, **figures)


def film_of(problem: Problem, options: Any) -> Path | str:
    """Where its film goes."""
    return film.place(options, problem.name, several=True)


def train(problem: Problem, options: Any) -> tuple[tg.train.Task, tg.train.Result]:
    """Train on a problem, with its film."""
    hidden = [part for _ in range(2) for part in (tg.nn.dense(64, dtype=problem.dtype), tg.nn.tanh)]
    net = tg.nn.serial(*hidden, tg.nn.dense(1, dtype=problem.dtype))
    task = tg.train.supervised(net, tg.losses.squared_error, problem.optimizer)
    x, y = problem.data
    start = task.init(tg.random.key(options.seed), x.shape[1:])
    print(f"\n{problem.formula}, {x.shape[1]}-64-64-1:")
    few = x[:8].astype(float), y[:8]
    common.check_gradient(lambda p: np.mean(tg.losses.squared_error(net(p, few[0]), few[1])), start.params)

    figure = tg.viz.new_figure(10, 4, dpi=75)
    figure.suptitle(f"a net learns {problem.formula}")
    panels = two_panels(figure, problem)

    def draw(state: Any, history: Any, **_: Any) -> None:
        draw_fit(panels, problem, task, state, history)

    with film.made(options, film_of(problem, options), figure, draw, start, problem.epochs) as see:
        done = tg.train.fit(
            task.step, start, problem.data, problem.epochs, batch_size=problem.batch_size,
            key=tg.random.key(options.seed), evaluate=task.evaluate, validation=problem.held_back, callbacks=[see],
        )  # fmt: skip
    common.print_epochs(f"{ERROR}, validation", done.history["val_loss"], max(1, problem.epochs // 10))
    return task, done


def two_panels(figure: Any, problem: Problem) -> Any:
    """For the fit and for the errors."""
    figure.get_layout_engine().set(wspace=0.1)  # the label of the third axis needs room
    return figure.add_subplot(1, 2, 1, **problem.axes), figure.add_subplot(1, 2, 2)


def draw_fit(panels: Any, problem: Problem, task: tg.train.Task, state: Any, history: Any) -> None:
    """The fit with some of the points, and the errors so far."""
    for axes in panels:
        axes.clear()
    fit, errors = panels
    some = slice(None, None, max(1, len(problem.data[0]) // 500))
    problem.draw(fit, lambda x: task.predict(state, x), *(part[some] for part in problem.data))
    errors.set(xlim=(0, problem.epochs), ylim=(0.8 * problem.noise**2 or 1e-7, 1))
    if problem.noise:
        errors.axhline(problem.noise**2, color="black", linewidth=1, label="noise")
    tg.viz.curves(errors, {"training": history["loss"], "validation": history["val_loss"]}, ERROR, log=True)


if __name__ == "__main__":
    common.start(main)
