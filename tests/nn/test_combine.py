"""Layers made of layers, the table of a net, a net from its name."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch import nn
from tinygrad_scratch.core.errors import ArgumentError, ShapeError

KEY = tg.random.key(0)
X = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


def test_parts_by_name_name_their_params() -> None:
    net = nn.serial(encoder=nn.dense(2), squash=nn.tanh, decoder=nn.dense(3))
    params, _ = net.init(KEY, (3,))
    assert list(params) == ["encoder", "squash", "decoder"]
    assert tg.tree.paths(params) == ["decoder/b", "decoder/w", "encoder/b", "encoder/w"]
    by_place = nn.serial(nn.dense(2), nn.tanh, nn.dense(3))
    np.testing.assert_array_equal(net(params, X), by_place(tuple(params.values()), X))


def test_residual_adds_what_comes_in() -> None:
    net = nn.residual(nn.dense(3), nn.tanh)
    params, _ = net.init(KEY, (3,))
    np.testing.assert_array_equal(net(params, X), X + np.tanh(nn.functional.dense(X, **params[0])))


def test_parallel_joins_the_answers() -> None:
    net = nn.parallel(nn.dense(2), nn.dense(4), join=lambda ys: ys[0][:, :1] * ys[1])
    params, _ = net.init(KEY, (3,))
    a, b = (nn.functional.dense(X, **p) for p in params)
    np.testing.assert_array_equal(net(params, X), a[:, :1] * b)
    np.testing.assert_array_equal(nn.parallel(nn.dense(2), nn.dense(4))(params, X), np.concatenate([a, b], axis=1))


def test_batch_norm_normalises_and_remembers() -> None:
    net = nn.serial(nn.batch_norm(momentum=0.5), nn.dense(2))
    params, state = net.init(KEY, (3,))
    y, after = nn.batch_norm(momentum=0.5).apply(params[0], state[0], X, train=True)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(y.std(axis=0), 1, atol=1e-4)
    np.testing.assert_allclose(after["mean"], 0.5 * X.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(after["variance"], 0.5 + 0.5 * X.var(axis=0, ddof=1), rtol=1e-5)
    _, whole = net.apply(params, state, X, train=True)
    np.testing.assert_array_equal(whole[0]["mean"], after["mean"])
    z, same = nn.batch_norm().apply(params[0], after, X)
    assert same is after
    np.testing.assert_allclose(z, (X - after["mean"]) / np.sqrt(after["variance"] + 1e-5), rtol=1e-5)


def test_batch_norm_needs_two_values() -> None:
    params, state = nn.batch_norm().init(KEY, (3,))
    for n in (0, 1):
        with pytest.raises(ShapeError, match="training needs 2 or more values a channel"):
            nn.batch_norm().apply(params, state, X[:n], train=True)


@pytest.mark.parametrize("make", [nn.rnn, nn.lstm, nn.gru])
def test_last_is_the_end_of_the_sequence(make: Any) -> None:
    x = np.random.default_rng(1).normal(size=(2, 4, 3)).astype(np.float32)
    params, _ = make(5).init(KEY, (4, 3))
    np.testing.assert_array_equal(make(5, last=True)(params, x), make(5)(params, x)[:, -1])
    backwards = make(5, reverse=True)(params, x)
    np.testing.assert_array_equal(make(5, last=True, reverse=True)(params, x), backwards[:, 0])


def test_the_gate_that_forgets_begins_open() -> None:
    b = nn.lstm(2).init(KEY, (4, 3))[0]["b"]
    assert b.tolist() == [0, 0, 1, 1, 0, 0, 0, 0]


def test_a_net_may_begin_with_integers() -> None:
    net = nn.serial(nn.embedding(10, 4), nn.positions(6), nn.lstm(3, last=True), nn.dense(2))
    params, _ = net.init(KEY, (6,))
    assert net(params, np.zeros((5, 6), int)).shape == (5, 2)
    assert net.dtype is np.int64


INITIALIZERS = {
    "glorot_normal": (nn.glorot_normal, 2 / 500),
    "he_uniform": (nn.he_uniform, 2 / 300),
    "lecun_normal": (nn.lecun_normal, 1 / 300),
    "lecun_uniform": (nn.lecun_uniform, 1 / 300),
    "normal": (nn.normal(0.3), 0.09),
    "truncated_normal": (nn.truncated_normal(1.0), 0.7741),
    "scaled": (nn.scaled(nn.lecun_normal, 2.0), 4 / 300),
}


@pytest.mark.parametrize(("init", "variance"), INITIALIZERS.values(), ids=list(INITIALIZERS))
def test_variance_of_initializers(init: Any, variance: float) -> None:
    w = init(KEY, (300, 200), np.float32)
    assert w.dtype == np.float32
    assert abs(np.mean(w)) < 4 * np.sqrt(variance / w.size)
    np.testing.assert_allclose(np.var(w), variance, rtol=0.03)
    assert repr(nn.build(repr(nn.dense(4, init=init)))) == repr(nn.dense(4, init=init))


@pytest.mark.parametrize("shape", [(4, 7), (7, 4), (3, 3, 2, 5)])
def test_orthogonal_columns_or_rows(shape: tuple[int, ...]) -> None:
    w = nn.orthogonal(KEY, shape, float).reshape(-1, shape[-1])
    product = w.T @ w if w.shape[0] >= w.shape[1] else w @ w.T
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-12)


def test_summary_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    net = nn.serial(
        nn.conv2d(8, 3, padding="same"), nn.relu, nn.max_pool(2), nn.residual(norm=nn.layer_norm(), f=nn.dense(8)),
        nn.flatten, nn.dense(10),
    )  # fmt: skip
    nn.summary(net, (28, 28, 1))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["layer", "0", "1", "2", "3/norm", "3/f", "4", "5", "total"]
    assert "(14, 14, 8)" in lines[3]
    params, _ = net.init(KEY, (28, 28, 1))
    total = sum(p.size for p in tg.tree.leaves(params))
    assert lines[-1].split()[-1] == f"{total:,}"
    assert len({len(line) for line in lines}) == 1


def test_build_takes_functions_of_ones_own() -> None:
    def swish(x: Any) -> Any:
        return nn.silu(x)

    net = nn.serial(nn.dense(3), swish)
    assert repr(nn.build(repr(net), {"swish": swish})) == repr(net) == "serial(dense(3), swish)"
    with pytest.raises(ArgumentError, match=r"build: 'swish' is no layer or function of tg\.nn; pass names="):
        nn.build(repr(net))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("serial(dense(3)", "is no expression"),
        ("__import__('os').system('true')", "is neither a layer, a name, a number nor a string"),
        ("open('file')", "'open' is no layer or function"),
        ("[1][0]", "is neither"),
        ("3", "makes no layer"),
        ("dense(-3)", "units must be an integer, 1 or more, got -3"),
        ("dense(4, name=3)", r"'dense\(4, name=3\)' cannot be called so \(.*'name'"),
        ("serial(dense())", r"build: 'dense\(\)' cannot be called so \(.*'units'"),
        ("serial(**{'a': dense(2)})", "expected each keyword once"),
        ("serial(a=dense(2), a=dense(3))", "expected each keyword once"),
        ("dense(\0)", "is no expression"),
        ("-" * 100_000 + "3", "is no expression"),
        (None, "build: got a NoneType, expected a text"),
    ],
)
def test_build_runs_nothing_else(text: Any, sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        nn.build(text)


@pytest.mark.parametrize(
    ("net", "name"),
    [
        (nn.dense(np.int64(3)), "dense(3)"),
        (nn.dropout(np.float32(0.5)), "dropout(0.5)"),
        (nn.dense(2, bias=np.bool_(False)), "dense(2, bias=False)"),
        (nn.conv2d(2, (np.int64(3), np.int8(1))), "conv2d(2, (3, 1))"),
        (nn.conv1d(2, [3]), "conv1d(2, (3,))"),
    ],
    ids=repr,
)
def test_numbers_of_numpy_are_written_as_pythons(net: nn.Layer, name: str) -> None:
    assert repr(nn.build(repr(net))) == repr(net) == name


BAD: list[tuple[Any, Any, str]] = [
    (ArgumentError, lambda: nn.serial(nn.relu, a=nn.tanh), "all parts by position or all by name"),
    (ArgumentError, lambda: nn.parallel(), "needs at least one part"),
    (ArgumentError, lambda: nn.serial(**{"a b": nn.relu}), "serial: a part has the name 'a b', expected one that"),
    (ArgumentError, lambda: nn.parallel(**{"class": nn.relu}), "parallel: a part has the name 'class', expected one"),
    (ArgumentError, lambda: nn.parallel(nn.relu, join="product"), "join='product', expected"),
    (ArgumentError, lambda: nn.residual(3), "residual: part 0 is a int, expected a Layer"),
    (ArgumentError, lambda: nn.activation(3), "activation: got a int"),
    (ArgumentError, lambda: nn.dense(4, nn.relu), r"dense: bias=relu, .* the next part: serial\(dense\(\.\.\.\), relu"),
    (ArgumentError, lambda: nn.conv2d(4, 3, init="he"), "conv2d: init='he', expected a function"),
    (ArgumentError, lambda: nn.conv2d(4, 3, stride=0), "conv2d: stride=0 must be positive"),
    (ArgumentError, lambda: nn.conv2d(3, 3, groups=2), "conv2d: groups=2 must divide channels=3"),
    (ShapeError, lambda: nn.conv2d(4, 1.5), r"conv2d: size=1\.5 must be one integer"),
    (ArgumentError, lambda: nn.serial(nn.relu, nn.batch_norm), r"part 1 is the function batch_norm .*; call it"),
    (ArgumentError, lambda: nn.dense(2).init(KEY, 3), "init: input_shape=3, expected the shape of one example"),
    (ArgumentError, lambda: nn.serial(nn.dense(2)).init(KEY, (None, 3)), r"input_shape=\(None, 3\), expected"),
    (ArgumentError, lambda: nn.summary(nn.relu, (2,)), "summary: got a function, expected a Layer"),
    (ArgumentError, lambda: nn.reshape(-1, 2), "reshape: each length must be an integer, 1 or more, got -1"),
    (ShapeError, lambda: nn.serial(lambda x: x @ np.ones((4, 4))).init(KEY, (3,)), r"part 0 .* of shape \(1, 3\)"),
    (ArgumentError, lambda: nn.conv2d(0, 3), "conv2d: channels must be an integer, 1 or more, got 0"),
    (ArgumentError, lambda: nn.batch_norm(1.0), "momentum must be in 0 <= momentum < 1"),
    (ArgumentError, lambda: nn.multi_head_attention(3, 4), "heads=3 must divide width=4"),
    (ShapeError, lambda: nn.conv1d(4, (3, 3)), r"conv1d: size=\(3, 3\) must be one integer, or 1 of them"),
    (ShapeError, lambda: nn.conv2d(4, 3).init(KEY, (8, 8)), r"an example has shape \(8, 8\), expected 2 axes"),
    (ShapeError, lambda: nn.conv1d(4, 3, groups=2).init(KEY, (8, 3)), "groups=2 must divide the 3 channels"),
    (ShapeError, lambda: nn.serial(nn.gru(4, last=True)).init(KEY, (0, 3)),
     r"gru: input of shape \(1, 0, 3\) has no time"),
    (ShapeError, lambda: nn.lstm(4).init(KEY, (8,)), r"lstm: an example has shape \(8,\), expected \(time, in\)"),
    (ShapeError, lambda: nn.serial(nn.reshape(2, 3)).init(KEY, (7,)), r"part 0 of the net, reshape\(2, 3\): .* \(7,\)"),
    (ShapeError, lambda: nn.residual(nn.dense(2)).init(KEY, (3,)), r"take shape \(1, 3\) to \(1, 2\)"),
    (ShapeError, lambda: nn.parallel(nn.dense(2), nn.dense(3), join="sum").init(KEY, (3,)), r"\(1, 3\) from part 1"),
    (ShapeError, lambda: nn.positions(2)({"table": np.zeros((2, 3))}, np.zeros((1, 4, 3))), "has 4 places, .* most 2"),
    (ArgumentError, lambda: nn.batch_norm()(nn.batch_norm().init(KEY, (3,))[0], X), "batch_norm: has state"),
    (ArgumentError, lambda: nn.serial(a=nn.relu)({"b": ()}, X), r"got params for \['b'\], expected \['a'\]"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "f", "sentence"), BAD, ids=[case[2][:30] for case in BAD])
def test_bad_use_is_a_sentence(error: Any, f: Any, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        f()
