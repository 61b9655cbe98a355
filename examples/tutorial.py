"""A neural net in six steps, with the numbers printed: read the text while it runs, and the code beside it.

The question: which plants thrive? We know of 200 how much water and light each gets; too little is bad, so is too much.
"""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import Any

import common
import numpy as np
from network import descend

import tinygrad_scratch as tg

RATES = (0.3, 1.0, 3.0, 10.0)  # for gradient descent, of which the best is kept


def plants(key: Any, count: int) -> tuple[Any, Any]:
    """Water and light, (count, 2) from -1 to 1, and whether the plant thrives, (count, 1): inside of a circle."""
    x = tg.random.uniform(key, (count, 2), minval=-1.0, maxval=1.0)
    return x, (np.sum(x**2, axis=1, keepdims=True) < 0.5).astype(float)


def with_one(a: Any) -> Any:
    """The bias neuron before the others: it stores 1, always."""
    return np.concatenate([np.ones((len(a), 1)), a], axis=1)


def forward(thetas: list[Any], x: Any, nudges: Any = None) -> tuple[list[Any], Any]:
    """The activations of each layer, inputs first, and the z of the last neuron; nudges are added to each z."""
    activations = [x]
    for k, theta in enumerate(thetas):
        z = with_one(activations[-1]) @ theta
        if nudges is not None:
            z = z + nudges[k]
        activations.append(tg.nn.sigmoid(z))
    return activations, z


def cost(thetas: list[Any], x: Any, y: Any, nudges: Any = None) -> Any:
    """Cross-entropy, the mean of -y log(a) - (1 - y) log(1 - a), of a = sigmoid(z); by z, log(0) does not occur."""
    _, z = forward(thetas, x, nudges)
    return np.mean(tg.losses.sigmoid_cross_entropy(z, y))


def blame(thetas: list[Any], x: Any, y: Any) -> list[Any]:
    """delta: the derivative of the cost by what each neuron sums up, (examples, neurons) of each layer."""
    nudges = [np.zeros((len(x), theta.shape[1])) for theta in thetas]
    return tg.grad(lambda nudges: cost(thetas, x, y, nudges))(nudges)


def blame_by_hand(thetas: list[Any], x: Any, y: Any) -> list[Any]:
    """The same by the chain rule: a - y at the end, and backwards delta theta^T a (1 - a), the bias left out."""
    *activations, a = forward(thetas, x)[0]
    deltas = [(a - y) / len(x)]
    for theta, a in zip(thetas[:0:-1], activations[:0:-1], strict=True):
        deltas.append(deltas[-1] @ theta[1:].T * a * (1 - a))
    return deltas[::-1]


def logistic_gradient_error(x: Any, y: Any) -> float:
    """Without a hidden layer: how far the gradient is from logistic regression's, X^T (sigmoid(X theta) - y) / m."""
    theta = np.array([[0.3], [-0.2], [0.1]])
    known = with_one(x).T @ (tg.nn.sigmoid(with_one(x) @ theta) - y) / len(x)
    return float(np.abs(tg.grad(cost)([theta], x, y)[0] - known).max())


def gradient_descent(thetas: Any, x: Any, y: Any, steps: int, rate: float) -> tuple[Any, Any]:
    """The thetas after so many steps, and the cost before each."""

    def step(thetas: Any, _: Any) -> tuple[Any, Any]:
        value, slopes = tg.value_and_grad(cost)(thetas, x, y)
        return descend(thetas, slopes, rate), value

    run = common.compiled(lambda thetas, steps: tg.scan(step, thetas, None, length=steps))
    return common.run_epochs(run, thetas, steps)


def lbfgs(thetas: Any, x: Any, y: Any, evaluations: int) -> Any:
    """SciPy's L-BFGS on our gradient, which stops soon after so many evaluations: it has made nfev of them."""
    limits = {"maxfun": evaluations, "maxiter": evaluations}
    return tg.optim.scipy_minimize(cost, thetas, args=(x, y), backend="numpy", options=limits)


def accuracy(thetas: Any, x: Any, y: Any) -> float:
    """The share of plants that the net puts on the right side of one half."""
    return tg.metrics.binary_accuracy(forward(thetas, x)[0][-1], y)


def main() -> None:
    """The six steps."""
    parser = common.command_line(__doc__, epochs=500)
    parser.add_argument("--hidden", type=common.at_least(1), nargs="*", default=[6], metavar="N", help="neurons (6)")
    options = parser.parse_args()
    steps = min(50, options.epochs) if options.quick else options.epochs
    key, start = tg.random.split(tg.random.key(options.seed))
    x, y = plants(key, 200)
    print(__doc__)

    head("1. Choose the architecture")
    sizes = [2, *options.hidden, 1]
    say(f"""A NEURON holds a number, its activation. A LAYER is a row of neurons that all see the layer before. The
        first layer holds the inputs, a VECTOR of two numbers (water, light); the last the answer, one number between 0
        and 1. How many hidden layers are between, and how wide, is ours to choose: {"-".join(map(str, sizes))}.""")

    head("2. Initialise the weights, and a bias neuron that stores 1")
    thetas = [
        tg.random.normal(k, (inputs + 1, neurons))
        for k, (inputs, neurons) in zip(tg.random.split(start, len(sizes) - 1), pairwise(sizes), strict=True)
    ]
    say("""Each connection of two neurons has a WEIGHT, a number to multiply with. So that a neuron can fire where all
        inputs are 0, each layer has one neuron more, which stores 1: its weights are the biases. The weights of a layer
        make a matrix theta, a row for each neuron before, the bias first, and a column for each neuron after. They
        start at random: equal ones would all get equal blame, and stay equal.""")
    for k, theta in enumerate(thetas, 1):
        show(f"theta {k}, {theta.shape[0]} x {theta.shape[1]}", theta)

    head("3. Forward propagation")
    say("""Each neuron sums up what the neurons before hold, times the weights: z = a theta. Then it holds
        a = sigmoid(z) = 1 / (1 + exp(-z)). The sigmoid is the ACTIVATION FUNCTION; without one, layers of sums would
        be one sum. Layer by layer this is FORWARD PROPAGATION. All plants at once are a matrix, a row a plant.""")
    activations, _ = forward(thetas, x)
    for k, a in enumerate(activations):
        show(f"a {k} of the first plant" + (", which does thrive" if y[0] else ", which does not thrive"), a[0])

    head("4. The cost")
    say("""The COST FUNCTION says in one number how wrong the net is. Cross-entropy: the mean of -log of the probability
        that the net gave to what is true. An answer of 1/2 for all costs log 2 = 0.693; a sure wrong one a lot.""")
    show("cost", cost(thetas, x, y))

    head("5. Back propagation: who is to blame?")
    say("""How would the cost change if one neuron summed up a little more? That partial derivative is its delta, its
        share of the blame. For the last neuron it is (a - y) / m. One layer back, a neuron gets the blame of those it
        feeds, by the weights that connect them, times the slope of its sigmoid: delta = (delta theta^T) a (1 - a).
        Backwards through the layers, this is BACK PROPAGATION, and tg.grad does it for any function. A weight's
        derivative is what its input holds times the delta of its neuron: gradient = a^T delta.""")
    deltas = blame(thetas, x, y)
    for k, delta in enumerate(deltas, 1):
        show(f"delta {k} of the first plant", delta[0])
    slopes = tg.grad(cost)(thetas, x, y)
    for k, slope in enumerate(slopes, 1):
        show(f"derivative by theta {k}", slope)
    common.check_gradient(lambda thetas: cost(thetas, x, y), thetas)
    known = [with_one(a).T @ delta for a, delta in zip(activations, blame_by_hand(thetas, x, y), strict=False)]
    error = max(float(np.abs(slope - other).max()) for slope, other in zip(slopes, known, strict=True))
    logistic_error = logistic_gradient_error(x, y)
    say(f"""By hand, with the formulas above, the gradient is the same to {error:.0e}. And a net with no hidden layer is
        logistic regression: its gradient is X^T (sigmoid(X theta) - y) / m to {logistic_error:.0e}.""")

    head("6. Go downhill: gradient descent, or an advanced optimizer")
    say(f"""The gradient points uphill, so GRADIENT DESCENT takes a step against it: theta <- theta - rate * gradient.
        The rate is ours to find; of {", ".join(f"{r:g}" for r in RATES)} the best is kept. L-BFGS, SciPy's, remembers
        past gradients, guesses from them how the cost bends, and chooses its steps itself. Both get the same number of
        looks at the cost and its gradient.""")
    search = lbfgs(thetas, x, y, steps)
    tried = {rate: gradient_descent(thetas, x, y, search.nfev, rate) for rate in RATES}
    rate = min(tried, key=lambda rate: cost(tried[rate][0], x, y))
    descended, costs = tried[rate]
    ends = {"descent": cost(descended, x, y), "lbfgs": cost(search.x, x, y)}
    say(f"""After {search.nfev} evaluations gradient descent (rate {rate:g}) is at a cost of {ends["descent"]:.4g},
        L-BFGS at {ends["lbfgs"]:.4g}.""")

    file = options.out / "tutorial.png"
    draw_picture(file, thetas, search, costs, x, y)
    common.tell(
        picture=file, gradient_error=error, logistic_gradient_error=logistic_error, evaluations=search.nfev,
        descent_cost=ends["descent"], lbfgs_cost=ends["lbfgs"], descent_over_lbfgs=ends["descent"] / ends["lbfgs"],
        descent_accuracy=accuracy(descended, x, y), lbfgs_accuracy=accuracy(search.x, x, y),
    )  # fmt: skip


def head(title: str) -> None:
    """The head of a section."""
    print(f"\n{title}\n{'=' * len(title)}")


def say(text: str) -> None:
    """A paragraph."""
    print(textwrap.fill(" ".join(text.split()), 100))


def show(name: str, numbers: Any) -> None:
    """Numbers under their name, rounded to be read."""
    rows = np.array2string(np.asarray(numbers), precision=4, suppress_small=np.max(np.abs(numbers)) > 1e-2)
    print(f"  {name}:\n{textwrap.indent(rows, '    ')}")


def draw_picture(file: Any, thetas: Any, search: Any, costs: Any, x: Any, y: Any) -> None:
    """What the net says of all plants, and how each optimizer got there."""
    shorter = [lbfgs(thetas, x, y, n) for n in (1, 3, 10, 20, 30, 50, 100, 200, 300, 400) if n < search.nfev]
    looks = {found.nfev: found.fun for found in [*shorter, search]}
    runs = {"gradient descent": [costs[n - 1] for n in looks], "L-BFGS": list(looks.values())}
    figure = tg.viz.new_figure(12, 4.5)
    left, right = figure.subplots(1, 2)
    left.set_title("what the net says, trained by L-BFGS")
    names = ["does not", "thrives"]
    tg.viz.decision_map(left, lambda x: forward(search.x, x)[0][-1], x, y[:, 0].astype(int), names)
    left.set(xlabel="water", ylabel="light")
    right.set_title("the same start, two ways down")
    tg.viz.curves(right, runs, "cost", "evaluations of the cost", log=True, x=list(looks))
    figure.savefig(file)


if __name__ == "__main__":
    common.start(main)
