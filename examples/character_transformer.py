"""A transformer that writes Python, character by character, after reading some of Python's own standard library.

Each character becomes a vector, to which one for its place is added. Then come blocks, which change these vectors by
what they add to them (residual): attention gathers from earlier places what seems of use, causal, so that no place
sees what it is to guess; a small net of two layers makes something of it. In the end each place has a score for each
character that might come next. Nothing is downloaded: the text is that of the Python that runs this.
"""

from __future__ import annotations

import string
import sysconfig
from pathlib import Path
from textwrap import indent
from typing import Any

import common
import numpy as np

import tinygrad_scratch as tg

READ = [
    "argparse", "ast", "calendar", "configparser", "copy", "csv", "dataclasses", "difflib", "fractions", "functools",
    "gettext", "inspect", "optparse", "pprint", "random", "shutil", "statistics", "subprocess", "tempfile", "threading",
]  # fmt: skip
HELD_BACK = ["heapq", "shlex", "textwrap"]  # modules for the test, which the net never sees

ALPHABET = "?\n" + string.printable[:95]  # the first stands for all other characters
LENGTH = 64  # characters that the net sees at once
WIDTH, HEADS, BLOCKS = 128, 4, 2
BATCH = 8
SHOWN = 32  # characters in the picture of attention
QUICK = 160  # pieces of text


def source(modules: list[str]) -> str:
    """The text of modules of the standard library."""
    folder = Path(sysconfig.get_path("stdlib"))
    try:
        return "\n".join((folder / f"{name}.py").read_text(encoding="utf-8") for name in modules)
    except OSError as error:
        raise tg.errors.MissingFileError(f"{error.filename} cannot be read, expected the source of a module") from error


def encode(text: str) -> Any:
    """The number of each character."""
    return np.array([max(ALPHABET.find(character), 0) for character in text])


def decode(numbers: Any) -> str:
    """The characters of numbers."""
    return "".join(ALPHABET[k] for k in numbers)


def pieces(text: str) -> tuple[Any, Any]:
    """Pieces of LENGTH characters, and for each character the one that comes next: (n, LENGTH) twice."""
    numbers = encode(text)
    n = (len(numbers) - 1) // LENGTH
    return numbers[: n * LENGTH].reshape(n, LENGTH), numbers[1 : n * LENGTH + 1].reshape(n, LENGTH)


def block() -> tg.nn.Layer:
    """Look around, then think."""
    nn = tg.nn
    look = nn.residual(nn.layer_norm(), nn.multi_head_attention(HEADS, causal=True))
    think = nn.residual(nn.layer_norm(), nn.dense(4 * WIDTH), nn.gelu, nn.dense(WIDTH))
    return nn.serial(look, think)


def transformer() -> tg.nn.Layer:
    """(n, length) characters -> (n, length, characters): scores of what comes next."""
    nn = tg.nn
    small = nn.normal(0.02)
    return nn.serial(
        nn.embedding(len(ALPHABET), WIDTH, init=small), nn.positions(LENGTH, init=small),
        *[block() for _ in range(BLOCKS)],
        nn.layer_norm(), nn.dense(len(ALPHABET)),
    )  # fmt: skip


def write(params: Any, seen: Any, key: Any, count: int, temperature: float) -> Any:
    """`count` characters after those in `seen`, each drawn by the probabilities that the net gives it.

    The largest of log p + Gumbel noise is a draw from p; a low temperature makes what is likely likelier.
    """
    net = transformer()

    def one_more(seen: Any, key: Any) -> tuple[Any, Any]:
        scores = net(params, seen[None])[0, -1] / temperature
        noise = -np.log(-np.log(tg.random.uniform(key, scores.shape, minval=1e-300)))
        drawn = np.argmax(scores + noise)
        return np.concatenate([seen[1:], drawn[None]]), drawn

    return tg.scan(one_more, seen, tg.random.split(key, count))[1]


def attention(params: Any, seen: Any) -> Any:
    """How much each character looks at each earlier one, by heads of the first block: (heads, length, length).

    Attention takes the mean of values by such weights; if the values are the unit vectors, the mean is the weights.
    """
    characters, places, ((scale, roles), _), *_ = params
    x = tg.nn.functional.embedding(seen, **characters) + places["table"][: len(seen)]
    x = tg.nn.functional.layer_norm(x, **scale)
    looked, offered = (tg.nn.functional.dense(x, **roles[role]) for role in ("query", "key"))
    q, k = (np.swapaxes(y.reshape(len(seen), HEADS, -1), 0, 1) for y in (looked, offered))
    return tg.nn.functional.attention(q, k, np.eye(len(seen)), causal=True)


def main() -> None:
    """Read, train, write; show how it learnt and where it looks."""
    parser = common.command_line(__doc__, epochs=4)
    parser.add_argument("--temperature", type=float, default=0.7, metavar="T", help="how daringly it writes (0.7)")
    options = parser.parse_args()
    if not options.temperature > 0:
        parser.error(f"argument --temperature: got {options.temperature}, expected a number above 0")
    few = QUICK if options.quick else None
    epochs = 2 if options.quick else options.epochs
    (x, y), (x_test, y_test) = ([part[:few] for part in pieces(source(modules))] for modules in (READ, HELD_BACK))
    print(f"{x.size:,} characters to learn from, {x_test.size:,} held back")

    net = transformer()
    tg.nn.summary(net, (LENGTH,))
    schedule = tg.optim.one_cycle(4e-3, epochs * tg.data.num_batches(len(x), BATCH), pct_start=0.1)
    task = tg.train.supervised(net, tg.losses.softmax_cross_entropy, tg.optim.adamw(schedule))
    key, order, chance = tg.random.split(tg.random.key(options.seed), 3)
    state = task.init(key, (LENGTH,))
    common.check_gradient(
        lambda params: np.mean(tg.losses.softmax_cross_entropy(net(params, x[:2, :8]), y[:2, :8])), state.params
    )
    before = task.evaluate(state, x_test, y_test)["loss"]
    done = tg.train.fit(
        task.step, state, (x, y), epochs, batch_size=BATCH, key=order,
        evaluate=task.evaluate, validation=(x_test, y_test),
    )  # fmt: skip

    unseen = source(HELD_BACK)
    start = encode(unseen[unseen.index("def ") :][:LENGTH])
    writer = tg.jit(write, static_argnums=(3, 4))
    written = writer(done.state.params, start, chance, 100 if options.quick else 600, options.temperature)
    print(f"\nIt goes on after {decode(start)!r}:\n")
    print(indent(decode(written), "    | ", lambda line: True))
    draw_picture(options.out / "character_transformer.png", done, start[:SHOWN])
    loss = done.history["val_loss"][-1]
    common.tell(
        picture=options.out / "character_transformer.png",
        loss_before=before, loss=loss, perplexity=np.exp(loss),
    )  # fmt: skip


def draw_picture(file: Path, done: tg.train.Result, seen: Any) -> None:
    """The loss by epochs, and where each head of the first block looks from each character."""
    figure = tg.viz.new_figure(13, 6.5)
    left, right = figure.subfigures(1, 2, width_ratios=(2, 3))
    axes = left.subplots()
    axes.set_title(f"a transformer reads Python: {BLOCKS} blocks of {HEADS} heads, width {WIDTH}", fontsize="medium")
    history = {"text to learn from": done.history["loss"], "text held back": done.history["val_loss"]}
    tg.viz.curves(axes, history, "cross-entropy, nats a character")
    axes.legend(loc="best")
    right.suptitle("where the heads of the first block look: from each character (row) at earlier ones (column)")
    names = [{" ": "\u2423", "\n": "\u21b5"}.get(character, character) for character in decode(seen)]
    cells = right.subplots(2, 2)
    for number, (cell, weights) in enumerate(zip(cells.flat, attention(done.state.params, seen), strict=True), 1):
        image = cell.imshow(weights, cmap="Blues", vmin=0, vmax=1)
        cell.set_title(f"head {number}", fontsize="medium")
        for axis in (cell.xaxis, cell.yaxis):
            axis.set_ticks(range(len(names)), names, fontsize=6, family="monospace")
            axis.set_tick_params(length=0)
    right.colorbar(image, ax=cells, label="share of attention", shrink=0.6)
    figure.savefig(file)


if __name__ == "__main__":
    common.start(main)
