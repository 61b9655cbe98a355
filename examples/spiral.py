"""Points on a spiral, three classes by softmax or two by one sigmoid (--classes 2): 2-64-3 or 2-64-1, on many seeds.

One seed may be lucky, so each draws points and weights of its own, and the mean over all is what counts, on points that
no net was trained on. The film shows the first net fold the plane: the decision map, loss and accuracy by epoch.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import common
import film
import numpy as np

import tinygrad_scratch as tg

TRAINED, HELD_BACK = 1000, 100  # points a class
MEASURES = {"loss": "cross-entropy", "accuracy": "accuracy"}


class Classifier(NamedTuple):
    """A net of logits, its loss, what makes probabilities of logits, and how it is trained."""

    classes: int
    net: tg.nn.Layer
    loss: Any
    squash: Any
    task: tg.train.Task

    @property
    def name(self) -> str:
        """Of its pictures."""
        return f"spiral_{self.classes}"

    def points(self, *seed: int, samples: int = TRAINED) -> Any:
        """The points of a seed."""
        return tg.data.spiral(samples, self.classes, seed=seed)


def classifier(classes: int) -> Classifier:
    """An output a class and softmax; for two classes one output, positive where it says 1, and the sigmoid."""
    if classes == 2:
        outputs, accuracy = [tg.nn.dense(1), tg.nn.reshape()], partial(tg.metrics.binary_accuracy, threshold=0.0)
        loss, squash, rate, decay, weight = tg.losses.sigmoid_cross_entropy, tg.nn.sigmoid, 0.03, 2e-3, 1e-4
    else:
        outputs, accuracy = [tg.nn.dense(classes)], tg.metrics.accuracy
        loss, squash, rate, decay, weight = tg.losses.softmax_cross_entropy, tg.nn.softmax, 0.01, 5e-7, 5e-4

    def penalty(params: Any) -> Any:
        """L2 on the hidden layer's weights alone: on the last layer's it would keep the net from being sure."""
        return weight * tg.losses.l2(params, "0/w")

    net = tg.nn.serial(tg.nn.dense(64), tg.nn.relu, *outputs)
    adam = tg.optim.adam(tg.optim.inverse_time_decay(rate, decay))
    return Classifier(classes, net, loss, squash, tg.train.supervised(net, loss, adam, {"accuracy": accuracy}, penalty))


def main() -> None:
    """Check the gradient, train a net a seed, film the first, tell the means."""
    parser = common.command_line(__doc__, epochs=1000)
    parser.add_argument("--classes", type=common.at_least(2), default=3, help="2: one sigmoid (%(default)s)")
    parser.add_argument("--seeds", type=common.at_least(1), default=8, help="how many, from --seed on (%(default)s)")
    film.add_options(parser)
    options = parser.parse_args()
    epochs, seeds = (20, 2) if options.quick else (options.epochs, options.seeds)

    model = classifier(options.classes)
    tg.nn.summary(model.net, (2,))
    params, _ = model.net.init(tg.random.key(options.seed), (2,))
    x, y = model.points(options.seed, samples=5)
    common.check_gradient(lambda p: np.mean(model.loss(model.net(p, x.astype(float)), y)), params)

    print("\nseed   cross-entropy   accuracy, both on points held back")
    runs = []
    for k in range(options.seed, options.seed + seeds):
        runs.append(train(model, k, epochs, options if k == options.seed else None))
        print(f"{k:>4}          {runs[-1].history['val_loss'][-1]:.4f}     {runs[-1].history['val_accuracy'][-1]:.4f}")
    histories = [run.history for run in runs]
    file = options.out / f"{model.name}.png"
    draw_picture(file, model, options.seed, runs[0])
    common.tell(picture=file, film=film.place(options, model.name))
    for name in MEASURES:
        ends = [history[f"val_{name}"][-1] for history in histories]
        common.tell(**{name: ends[0], f"mean_{name}": np.mean(ends)})
    common.tell(penalty=histories[0]["penalty"][-1])


def train(model: Classifier, seed: int, epochs: int, options: Any = None) -> tg.train.Result:
    """The run of a seed, full batch; filmed if there are options for it."""
    data, held_back = model.points(seed, 0), model.points(seed, 1, samples=HELD_BACK)
    start = model.task.init(tg.random.key(seed), (2,))

    def fit(*callbacks: Any) -> tg.train.Result:
        return tg.train.fit(
            model.task.step, start, data, epochs, batch_size=len(data[0]),
            evaluate=model.task.evaluate, validation=held_back, callbacks=callbacks,
        )  # fmt: skip

    if options is None:
        return fit()
    figure = tg.viz.new_figure(9, 4.5, dpi=80)
    figure.suptitle("a net with one hidden layer learns the spiral")
    panels = three_panels(figure)

    def draw(state: Any, history: Any, **_: Any) -> None:
        draw_run(panels, model, held_back, state, history, epochs, resolution=80)

    with film.made(options, film.place(options, model.name), figure, draw, start, epochs) as see:
        return fit(see)


def three_panels(figure: Any) -> dict[str, Any]:
    """The plane, and beside it loss over accuracy."""
    panels: dict[str, Any] = figure.subplot_mosaic([["plane", "loss"], ["plane", "accuracy"]])
    return panels


def draw_run(
    panels: dict[str, Any], model: Classifier, points: Any, state: Any, history: Any, epochs: int, resolution: int = 150
) -> None:
    """The decision map with these points, loss and accuracy so far."""
    for axes in panels.values():
        axes.clear()
    plane = panels["plane"]
    tg.viz.decision_map(plane, lambda x: model.squash(model.task.predict(state, x)), *points, resolution=resolution)
    plane.set_aspect("equal")
    for name, label in MEASURES.items():
        panels[name].set(xlim=(0, epochs), ylim=(0, 1.1 * np.log(model.classes) if name == "loss" else 1.02))
        tg.viz.curves(panels[name], {"training": history[name], "validation": history[f"val_{name}"]}, label)


def draw_picture(file: Any, model: Classifier, seed: int, run: tg.train.Result) -> None:
    """The last picture of the film, larger, with the points that the net was trained on."""
    figure = tg.viz.new_figure(12, 6)
    figure.suptitle(
        f"{model.classes} arms of a spiral, seed {seed}: {run.history['val_accuracy'][-1]:.1%} of new points are right"
    )
    draw_run(three_panels(figure), model, model.points(seed, 0), run.state, run.history, run.epochs)
    figure.savefig(file)


if __name__ == "__main__":
    common.start(main)
