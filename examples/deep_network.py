"""XOR by a deep net, 3-8-16-8-8-8-1, sigmoids without bias: by gradient descent, and by Adam in 1/20 of the epochs.

Each sigmoid passes back a quarter of the gradient at most, so that after six of them little is left: the loss lies on a
plateau for thousands of epochs. A rate that is large enough to leave it would throw the net out where the ground gets
steep; clipping the gradient allows both. The film shows every weight grow and shrink, step by step.

Published code of this net took the slope of the sigmoid at its output instead of its input, and never learnt XOR: the
comparison with backprop by hand shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import common
import film
import numpy as np

import tinygrad_scratch as tg

ROWS = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])  # the third column stands for the bias
TRUTH = np.array([[0.0], [1], [1], [0]])
HIDDEN = [8, 16, 8, 8, 8]
METHODS = {  # and how many epochs each is given
    "gradient descent": (tg.optim.chain(tg.optim.clip_by_global_norm(0.3), tg.optim.sgd(5.0)), 10_000),
    "Adam": (tg.optim.adam(0.06, b2=0.95), 500),
}


def build(sizes: list[int]) -> tg.nn.Layer:
    """A net of sigmoid layers of these sizes, without biases, its weights N(0, 1) / sqrt(inputs)."""
    layers = [tg.nn.dense(n, bias=False, init=tg.nn.lecun_normal, dtype=float) for n in sizes]
    return tg.nn.serial(*[part for layer in layers for part in (layer, tg.nn.sigmoid)])


def right_slope(a: Any) -> Any:
    """The derivative of the sigmoid, by its output a."""
    return a * (1 - a)


def published_slope(a: Any) -> Any:
    """The mistake: a was squashed already, and is squashed again."""
    return tg.nn.sigmoid(a) * (1 - tg.nn.sigmoid(a))


def by_hand(weights: list[Any], slope: Callable[[Any], Any]) -> list[Any]:
    """The gradient of the sum of squares by the chain rule: delta_k = (delta_{k+1} W_{k+1}^T) slope(a_k)."""
    said = [ROWS]
    for w in weights:
        said.append(tg.nn.sigmoid(said[-1] @ w))
    delta = 2 * (said[-1] - TRUTH) * slope(said[-1])
    gradients = []
    for w, a in zip(weights[::-1], said[-2::-1], strict=True):
        gradients.append(a.T @ delta)
        delta = (delta @ w.T) * slope(a)
    return gradients[::-1]


def main() -> None:
    """Check the gradient, train many seeds by both methods, film the first, draw and count."""
    parser = common.command_line(__doc__, epochs=METHODS["gradient descent"][1])
    parser.add_argument("--hidden", type=common.at_least(1), nargs="*", default=HIDDEN, metavar="N", help="sizes")
    parser.add_argument("--seeds", type=common.at_least(1), default=10, help="how many, from --seed on (%(default)s)")
    parser.add_argument("--every", type=common.at_least(1), help="epochs from one printed loss to the next (a tenth)")
    film.add_options(parser)
    options = parser.parse_args()
    epochs, seeds = (200, 3) if options.quick else (options.epochs, options.seeds)

    net = build([*options.hidden, 1])
    tg.nn.summary(net, (3,))

    def cost(params: Any) -> Any:
        return np.sum((net(params, ROWS) - TRUTH) ** 2)

    params = tg.vmap(lambda key: net.init(key, (3,))[0])(
        np.stack([tg.random.key(options.seed + k) for k in range(seeds)])
    )
    common.check_gradient(cost, first(params))
    ours, weights = tg.tree.leaves(tg.grad(cost)(first(params))), tg.tree.leaves(first(params))
    errors = [largest_difference(ours, by_hand(weights, slope)) for slope in (right_slope, published_slope)]

    losses, solved = {}, {}
    for name, (optimizer, enough) in METHODS.items():
        print(f"\n{name}, {seeds} seeds at once; the first of them:")
        n = min(epochs, enough)
        states = params, tg.vmap(optimizer.init)(params)
        (trained, _), losses[name] = common.run_epochs(many_steps(descent(cost, optimizer)), states, n)
        common.print_epochs("sum of squares", losses[name][:, 0], options.every or max(1, n // 10))
        outputs = tg.vmap(lambda params: net(params, ROWS))(trained)
        solved[name] = is_solved(outputs)
        print_rows(outputs[0])

    drawn = draw_picture(options.out / "deep_network.png", net, first(trained), losses, solved)
    state = first(params), METHODS["Adam"][0].init(first(params))
    make_film(options, descent(cost, METHODS["Adam"][0]), state, min(epochs, METHODS["Adam"][1]))
    common.tell(
        picture=options.out / "deep_network.png", film=film.place(options, "deep_network"),
        discs=len(drawn.neurons.get_offsets()), edges=len(drawn.edges.get_segments()),
        gradient_error=f"{errors[0]:.3g}", published_gradient_error=f"{errors[1]:.3g}", seeds=seeds,
        seeds_solved=np.count_nonzero(solved["gradient descent"]), adam_seeds_solved=np.count_nonzero(solved["Adam"]),
    )  # fmt: skip


def descent(cost: Callable[[Any], Any], optimizer: tg.optim.GradientTransformation) -> Callable[[Any], Any]:
    """The function that makes one step: (params, state of the optimizer) -> the same after it, and the cost before."""

    def update(state: Any) -> Any:
        params, memory = state
        value, gradient = tg.value_and_grad(cost)(params)
        change, memory = optimizer.update(gradient, memory, params)
        return (tg.optim.apply_updates(params, change), memory), value

    return update


def many_steps(update: Callable[[Any], Any]) -> Any:
    """The compiled function that makes n steps of many nets: (states, n) -> states, the costs (n, nets)."""
    return common.compiled(lambda states, n: tg.scan(lambda states, _: tg.vmap(update)(states), states, None, length=n))


def first(many: Any) -> Any:
    """The first of many nets."""
    return tg.tree.map(lambda p: p[0], many)


def largest_difference(some: list[Any], others: list[Any]) -> float:
    """Between the numbers of two lists of arrays."""
    return max(float(np.max(np.abs(a - b))) for a, b in zip(some, others, strict=True))


def is_solved(outputs: Any) -> Any:
    """Which nets have a mean squared error of at most 0.001 and every row within 0.05; outputs (nets, 4, 1)."""
    error = np.abs(outputs - TRUTH)[..., 0]
    return (np.mean(error**2, axis=1) <= 1e-3) & (np.max(error, axis=1) < 0.05)


def print_rows(outputs: Any) -> None:
    """The rows, what they should give, and what the net says."""
    print("  inputs   truth   prediction")
    for row, truth, says in zip(ROWS, TRUTH[:, 0], outputs[:, 0], strict=True):
        print(f"  {row[0]:g} {row[1]:g} {row[2]:g}      {truth:g}        {says:.4f}")


def make_film(options: Any, update: Callable[[Any], Any], state: Any, epochs: int) -> None:
    """Train once more, by single steps, with the weights in view."""
    figure = tg.viz.new_figure(9, 6, dpi=75)
    figure.suptitle(f"{len(ROWS[0])}-{'-'.join(map(str, options.hidden))}-1 learns XOR by Adam")
    above, below = figure.subplots(2, 1, height_ratios=(3, 1))
    picture = tg.viz.network(above, state[0], inputs=["0 or 1", "0 or 1", "1"], outputs=["XOR"])

    def draw(state: Any, before: Any, history: Any, **_: Any) -> None:
        picture.update(state[0], previous=before[0])
        below.clear()
        below.set(xlim=(0, epochs), ylim=(1e-6, 2))
        tg.viz.curves(below, {"four rows": history["loss"]}, "sum of squares", log=True)

    def step(state: Any, _: Any) -> Any:
        state, loss = update(state)
        return state, {"loss": loss}

    with film.made(options, film.place(options, "deep_network"), figure, draw, state, epochs) as see:
        tg.train.fit(step, state, (ROWS,), epochs, batch_size=len(ROWS), callbacks=[see])


def draw_picture(file: Any, net: tg.nn.Layer, params: Any, losses: dict[str, Any], solved: dict[str, Any]) -> Any:
    """The architecture; the loss of each seed by epoch; what the net that Adam trained says of all the plane."""
    figure = tg.viz.new_figure(12, 9)
    figure.suptitle("XOR by a deep net: all layers sigmoid, no bias, the third input always 1")
    above, below = figure.subfigures(2, 1, height_ratios=(3, 2))
    drawn = tg.viz.network(above.subplots(), params, inputs=["0 or 1", "0 or 1", "1"], outputs=["XOR"])
    *left, right = below.subplots(1, 3)
    for axes, (name, lines) in zip(left, losses.items(), strict=True):
        axes.plot(np.arange(1, len(lines) + 1), lines, color="#0072B2", alpha=0.5, linewidth=1)
        axes.set(xlabel="epoch", ylabel="sum of squares", yscale="log")
        axes.set_title(f"{name}: {np.count_nonzero(solved[name])} of {len(solved[name])} seeds solve it", fontsize=10)
        axes.grid(alpha=0.3)
    right.set_title("what the first of them says of all inputs", fontsize=10)
    tg.viz.decision_map(
        right, lambda x: net(params, np.insert(x, 2, 1, axis=1)), ROWS[:, :2], TRUTH[:, 0].astype(int), margin=0.3
    )
    figure.savefig(file)
    return drawn


if __name__ == "__main__":
    common.start(main)
