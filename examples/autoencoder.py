"""Pictures through three numbers: 16-12-8-6-3-6-8-12-16, an autoencoder of 4 x 4 pixels, on two sets of pictures.

An autoencoder learns to give back what it was given, and its narrow middle makes it find a short description, the code.
The sets are all 16 pictures with one black pixel, where three numbers have to tell 16 corners apart, and all 30 of
bars: any rows or any columns, but not both. The film shows the first set: its outputs, row by row, become the identity.
"""

from __future__ import annotations

from typing import Any

import common
import film
import numpy as np

import tinygrad_scratch as tg

ENCODER, DECODER = [12, 8, 6, 3], [6, 8, 12, 16]
TITLES = {"one_hot": "one pixel", "bars": "bars"}
ERROR = "mean squared error"
NAMES = ["input", *["encoder"] * 3, "code", *["decoder"] * 3, "output"]


def one_hot() -> Any:
    """Each of the 16 pictures with one black pixel."""
    return np.eye(16, dtype=np.float32)


def bars() -> Any:
    """Every picture of whole rows or of whole columns, the empty and the full one once: 30."""
    lines = np.array([[number >> k & 1 for k in range(4)] for number in range(16)], np.float32)
    return np.concatenate([np.repeat(lines, 4, axis=1), np.tile(lines[1:-1], 4)])


def layers(sizes: list[int]) -> tg.nn.Layer:
    """Dense layers of these sizes, elu between them."""
    parts = [part for n in sizes for part in (tg.nn.dense(n), tg.nn.elu)]
    return tg.nn.serial(*parts[:-1])


def pixel_error(logits: Any, pictures: Any) -> Any:
    """The squared error of each picture, the mean over its pixels."""
    return tg.losses.squared_error(tg.nn.sigmoid(logits), pictures)


def main() -> None:
    """Check the gradient, train on both sets, print the codes, draw inputs beside reconstructions."""
    parser = common.command_line(__doc__, epochs=1000)
    film.add_options(parser)
    options = parser.parse_args()
    epochs = 30 if options.quick else options.epochs

    net = tg.nn.serial(layers(ENCODER), layers(DECODER))  # of logits: their sigmoids are the pixels
    tg.nn.summary(net, (16,))
    loss, schedule = tg.losses.sigmoid_cross_entropy, tg.optim.cosine_decay(0.01, epochs)
    task = tg.train.supervised(net, loss, tg.optim.adam(schedule), metrics={"mse": pixel_error})
    start = task.init(tg.random.key(options.seed), (16,))
    common.check_gradient(lambda params: np.mean(loss(net(params, one_hot()), one_hot())), start.params)

    def train(pictures: Any, *callbacks: Any) -> Any:
        data = pictures, pictures  # what is to come out is what went in
        return tg.train.fit(task.step, start, data, epochs, batch_size=len(pictures), callbacks=callbacks)

    with filmed(options, net, start, epochs) as see:
        runs = {"one_hot": (one_hot(), train(one_hot(), see))}
    runs["bars"] = bars(), train(bars())

    outputs = {name: tg.nn.sigmoid(task.predict(done.state, pictures)) for name, (pictures, done) in runs.items()}
    errors = {name: np.mean((outputs[name] - pictures) ** 2) for name, (pictures, _) in runs.items()}
    for name, (pictures, done) in runs.items():
        print(f"\n{name}:")
        common.print_epochs(ERROR, done.history["mse"], max(1, epochs // 10))
        print_codes(pictures, layers(ENCODER)(done.state.params[0], pictures))
    draw_picture(options.out / "autoencoder.png", runs, outputs, errors)
    common.tell(
        picture=options.out / "autoencoder.png", film=film.place(options, "autoencoder"),
        **{f"{name}_mse": f"{error:.3g}" for name, error in errors.items()},
    )  # fmt: skip


def print_codes(pictures: Any, codes: Any) -> None:
    """Each picture, its four rows beside each other, and the three numbers that stand for it."""
    for picture, code in zip(pictures.astype(int), codes, strict=True):
        rows = " ".join("".join(".#"[pixel] for pixel in row) for row in picture.reshape(4, 4))
        print(f"  {rows}   {'  '.join(f'{number:7.3f}' for number in code)}")


def filmed(options: Any, net: tg.nn.Layer, start: tg.train.TrainState, epochs: int) -> Any:
    """The film of the 16 pictures: the weights as they grow and shrink, the outputs, the loss."""
    figure = tg.viz.new_figure(9, 6.5, dpi=75)
    figure.suptitle("an autoencoder learns 16 pictures of one black pixel")
    above, below = figure.subfigures(2, 1, height_ratios=(5, 3))
    left, right = below.subplots(1, 2, width_ratios=(3, 2))
    drawing = tg.viz.network(above.subplots(), start.params, NAMES)

    def draw(state: Any, before: Any, history: Any, **_: Any) -> None:
        drawing.update(state.params, previous=before.params)
        left.clear()
        left.set(xlim=(0, epochs), ylim=(1e-6, 1))
        tg.viz.curves(left, {"mse": history["mse"]}, ERROR, log=True)
        right.clear()
        right.imshow(tg.nn.sigmoid(net(state.params, one_hot())), cmap="gray_r", vmin=0, vmax=1)
        right.set(
            title="what comes out", xlabel="pixel", ylabel="picture", xticks=[0, 5, 10, 15], yticks=[0, 5, 10, 15]
        )

    return film.made(options, film.place(options, "autoencoder"), figure, draw, start, epochs)


def draw_picture(file: Any, runs: dict[str, Any], outputs: dict[str, Any], errors: dict[str, Any]) -> None:
    """The architecture, the errors by epoch, and each picture of both sets over its reconstruction."""
    figure = tg.viz.new_figure(12, 9.5)
    figure.suptitle("4 x 4 pixels through three numbers: each picture over what the autoencoder makes of its code")
    above, *parts = figure.subfigures(3, 1, height_ratios=(4, 2.2, 3))
    left, right = above.subplots(1, 2, width_ratios=(3, 2))
    tg.viz.network(left, runs["one_hot"][1].state.params, NAMES)
    tg.viz.curves(right, {TITLES[name]: done.history["mse"] for name, (_, done) in runs.items()}, ERROR, log=True)
    for part, columns, (name, (pictures, _)) in zip(parts, (16, 15), runs.items(), strict=True):
        part.suptitle(f"{TITLES[name]}: {ERROR} {errors[name]:.1e}", fontsize=10)
        tg.viz.pairs(part, pictures.reshape(-1, 4, 4), outputs[name].reshape(-1, 4, 4), columns=columns)
    figure.savefig(file)


if __name__ == "__main__":
    common.start(main)
