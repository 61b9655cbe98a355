"""Layers: what init and apply promise, alone and in series, in training and out of it."""

from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch import nn
from tinygrad_scratch.core.errors import ArgumentError, ShapeError

RNG = np.random.default_rng(0)
KEY = tg.random.key(0)
X = RNG.normal(size=(5, 3)).astype(np.float32)


def counter() -> nn.Layer:
    """The identity; its state counts the calls."""
    return nn.Layer(lambda key, shape: ((), 0), lambda params, n, x, key=None, train=False: (x, n + 1), "counter")


def test_dense_makes_weights_of_the_shapes_it_promises() -> None:
    params, state = nn.dense(4).init(KEY, (3,))
    assert {name: p.shape for name, p in params.items()} == {"b": (4,), "w": (3, 4)}
    assert state == ()
    assert not params["b"].any()
    assert len(np.unique(params["w"])) == 12


def test_dense_without_bias() -> None:
    layer = nn.dense(4, bias=False)
    params, _ = layer.init(KEY, (3,))
    assert list(params) == ["w"]
    np.testing.assert_array_equal(layer(params, X), X @ params["w"])


def test_dense_works_on_the_last_axis_of_many() -> None:
    layer = nn.dense(4)
    params, _ = layer.init(KEY, (2, 3))
    assert params["w"].shape == (3, 4)
    assert layer(params, np.ones((5, 2, 3), np.float32)).shape == (5, 2, 4)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_weights_have_the_dtype_asked_for(dtype: Any) -> None:
    net = nn.serial(nn.dense(4, dtype=dtype), nn.relu, nn.dense(2, dtype=dtype, init=nn.he_normal))
    params, _ = net.init(KEY, (3,))
    assert [p.dtype for p in tg.tree.leaves(params)] == [dtype] * 4
    assert net(params, X.astype(dtype)).dtype == dtype


def test_weights_are_float32_unless_told_otherwise() -> None:
    params, _ = nn.serial(nn.dense(4), nn.dense(2, init=nn.he_normal)).init(KEY, (3,))
    assert {p.dtype for p in tg.tree.leaves(params)} == {np.dtype(np.float32)}


def test_same_key_same_weights_other_key_others() -> None:
    layer = nn.dense(4)
    one, same, other = (layer.init(tg.random.key(seed), (3,))[0]["w"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert not np.any(one == other)


def test_equal_layers_in_series_get_different_weights() -> None:
    params, _ = nn.serial(nn.dense(3), nn.dense(3)).init(KEY, (3,))
    assert not np.any(params[0]["w"] == params[1]["w"])


@pytest.mark.parametrize(
    ("init", "variance"), [(nn.glorot_uniform, 2 / (300 + 200)), (nn.he_normal, 2 / 300)], ids=["glorot", "he"]
)
def test_variance_of_initializers(init: Any, variance: float) -> None:
    w = init(KEY, (300, 200), float)
    assert abs(np.mean(w)) < 4 * np.sqrt(variance / w.size)
    np.testing.assert_allclose(np.var(w), variance, rtol=0.03)


@pytest.mark.parametrize("init", [nn.glorot_uniform, nn.he_normal])
def test_initializers_count_the_window_of_convolutions(init: Any) -> None:
    spread = np.std(init(KEY, (3, 3, 40, 50))) / np.std(init(KEY, (360, 450)))
    np.testing.assert_allclose(spread, 1, rtol=0.03)


def test_glorot_stays_within_its_limit() -> None:
    limit = np.sqrt(6 / 500)
    assert 0.99 * limit < np.max(np.abs(nn.glorot_uniform(KEY, (300, 200), float))) <= limit


STATELESS = {
    "dense": nn.dense(4),
    "activation": nn.activation(np.tanh),
    "dropout": nn.dropout(0.5),
    "serial": nn.serial(nn.dense(8), nn.tanh, nn.dropout(0.2), nn.dense(2)),
    "serial in serial": nn.serial(nn.serial(nn.dense(8), np.tanh), nn.dense(2)),
    "empty serial": nn.serial(),
}


@pytest.mark.parametrize("layer", STATELESS.values(), ids=list(STATELESS))
def test_layers_without_state(layer: nn.Layer) -> None:
    params, state = layer.init(KEY, (3,))
    assert state == ()
    y, after = layer.apply(params, state, X)
    assert after == ()
    np.testing.assert_array_equal(layer(params, X), y)


@pytest.mark.parametrize("layer", STATELESS.values(), ids=list(STATELESS))
def test_apply_is_pure(layer: nn.Layer) -> None:
    params, _ = layer.init(KEY, (3,))
    before = tg.tree.map(np.copy, params)
    first, second = (layer.apply(params, (), X, key=KEY, train=True)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    for found, expected in zip(tg.tree.leaves(params), tg.tree.leaves(before), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_serial_is_its_parts_one_after_the_other() -> None:
    net = nn.serial(nn.dense(4), nn.relu, nn.dense(2), lambda x: 2 * x)
    params, _ = net.init(KEY, (3,))
    (first, second, third, fourth) = params
    assert second == fourth == ()
    hidden = np.maximum(X @ first["w"] + first["b"], 0)
    np.testing.assert_allclose(net(params, X), 2 * (hidden @ third["w"] + third["b"]), rtol=1e-6)


def test_layers_equal_their_functional_forms() -> None:
    net = nn.serial(nn.dense(4), nn.softplus, nn.dense(2), nn.log_softmax)
    params, _ = net.init(KEY, (3,))
    F = nn.functional
    by_hand = F.log_softmax(F.dense(F.softplus(F.dense(X, params[0]["w"], params[0]["b"])), **params[2]))
    np.testing.assert_array_equal(net(params, X), by_hand)


def test_serial_finds_the_shapes_between_its_parts() -> None:
    net = nn.serial(nn.functional.flatten, nn.dense(4), nn.dense(2))
    params, _ = net.init(KEY, (2, 3, 5))
    assert [p["w"].shape for p in params[1:]] == [(30, 4), (4, 2)]
    assert net(params, np.ones((7, 2, 3, 5), np.float32)).shape == (7, 2)


def test_serial_hands_state_through() -> None:
    net = nn.serial(nn.dense(2), counter(), nn.serial(counter(), nn.tanh))
    params, state = net.init(KEY, (3,))
    assert state == ((), 0, (0, ()))
    _, state = net.apply(params, state, X)
    _, state = net.apply(params, state, X)
    assert state == ((), 2, (2, ()))


def test_names_tell_the_parts() -> None:
    net = nn.serial(nn.dense(8), nn.tanh, nn.dropout(0.5), nn.activation(nn.relu))
    assert repr(net) == "serial(dense(8), tanh, dropout(0.5), relu)"


def test_dropout_is_the_identity_when_not_training() -> None:
    found, _ = nn.dropout(0.5).apply((), (), X, key=KEY)
    assert found is X


def test_dropout_in_training_is_the_functional_one() -> None:
    found, _ = nn.dropout(0.5).apply((), (), X, key=KEY, train=True)
    np.testing.assert_array_equal(found, nn.functional.dropout(X, KEY, 0.5))
    assert 0 < np.mean(found == 0) < 1


def test_dropout_layers_of_a_net_drop_differently() -> None:
    ones = np.ones((1, 4000), np.float32)
    net = nn.serial(nn.dropout(0.5), nn.dropout(0.5))
    found, _ = net.apply(((), ()), (), ones, key=KEY, train=True)
    kept = np.mean(found != 0)  # half, if both dropped the same elements
    assert abs(kept - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 4000)


def test_dropout_follows_the_key() -> None:
    net = nn.serial(nn.dropout(0.5))
    one, other = (net.apply(((),), (), np.ones((1, 100)), key=key, train=True)[0] for key in tg.random.split(KEY))
    assert np.any(one != other)


def test_gradient_through_dropout_matches_its_mask() -> None:
    net = nn.serial(nn.dropout(0.5))
    mask, _ = net.apply(((),), (), np.ones_like(X), key=KEY, train=True)
    found = tg.grad(lambda x: np.sum(net.apply(((),), (), x, key=KEY, train=True)[0] ** 2))(X)
    np.testing.assert_allclose(found, 2 * X * mask**2, rtol=1e-6)


def test_derivatives_of_a_net() -> None:
    net = nn.serial(nn.dense(4, dtype=float), nn.tanh, nn.dropout(0.5), nn.dense(2, dtype=float))
    params, state = net.init(KEY, (3,))
    tg.testing.check_grads(lambda p, x: net.apply(p, state, x, key=KEY, train=True)[0], (params, X.astype(float)))


def test_gradients_have_the_tree_and_dtypes_of_the_params() -> None:
    net = nn.serial(nn.dense(4), nn.tanh, nn.dense(1))
    params, _ = net.init(KEY, (3,))
    grads = tg.grad(lambda p: np.mean(net(p, X) ** 2))(params)
    assert tg.tree.structure(grads) == tg.tree.structure(params)
    for g, p in zip(tg.tree.leaves(grads), tg.tree.leaves(params), strict=True):
        assert (g.shape, g.dtype) == (p.shape, p.dtype)
        assert g.any()


def test_gradients_per_example_are_a_loop() -> None:
    net = nn.serial(nn.dense(4, dtype=float), nn.tanh, nn.dropout(0.5), nn.dense(2, dtype=float))
    params, _ = net.init(KEY, (3,))
    x, labels, keys = X.astype(float), np.array([0, 1, 1, 0, 1]), tg.random.split(KEY, 5)

    def loss(p: Any, x: Any, label: Any, key: Any) -> Any:
        logits, _ = net.apply(p, (), x[None], key=key, train=True)
        return np.sum(tg.losses.softmax_cross_entropy(logits, label[None]))

    found = tg.vmap(tg.grad(loss), (None, 0, 0, 0))(params, x, labels, keys)
    loop = [tg.grad(loss)(params, *row) for row in zip(x, labels, keys, strict=True)]
    for found_leaf, *rows in zip(tg.tree.leaves(found), *map(tg.tree.leaves, loop), strict=True):
        np.testing.assert_allclose(found_leaf, np.stack(rows), rtol=1e-12, atol=1e-12)


def test_wrong_input_names_the_part_and_both_shapes() -> None:
    net = nn.serial(nn.dense(4), nn.tanh, nn.dense(2))
    params, _ = net.init(KEY, (3,))
    sentence = r"part 0 of the net, dense\(4\): dense: input of shape \(5, 6\) does not fit weights of shape \(3, 4\)"
    with pytest.raises(ShapeError, match=sentence):
        net(params, np.ones((5, 6)))


@pytest.mark.parametrize("transform", [lambda f: f, tg.grad], ids=["plain", "grad"])
def test_wrong_shapes_inside_a_net_name_every_part_on_the_way(transform: Any) -> None:
    net = nn.serial(nn.tanh, nn.serial(nn.relu, nn.dense(4)))
    params, _ = net.init(KEY, (2,))
    sentence = r"^part 1 of the net, serial\(relu, dense\(4\)\): part 1 of the net, dense\(4\): dense: input of shape"
    with pytest.raises(ShapeError, match=sentence):
        transform(lambda x: np.sum(net(params, x)))(X)


@pytest.mark.parametrize("count", [1, 3])
def test_wrong_number_of_params_is_refused(count: int) -> None:
    with pytest.raises(ArgumentError, match=rf"serial: got params for {count} parts, expected 2"):
        nn.serial(nn.tanh, nn.relu)(((),) * count, X)


@pytest.mark.parametrize("units", [0, -1, 2.5, "a"])
def test_dense_refuses_less_than_one_unit(units: Any) -> None:
    with pytest.raises(ArgumentError, match=f"dense: units must be an integer, 1 or more, got {units!r}"):
        nn.dense(units)


def test_dense_refuses_input_without_axes() -> None:
    with pytest.raises(ShapeError, match=r"dense\(4\): the input must have at least one axis besides the batch"):
        nn.dense(4).init(KEY, ())


@pytest.mark.parametrize("rate", [-0.1, 1, np.nan])
def test_dropout_layer_refuses_rates(rate: float) -> None:
    with pytest.raises(ArgumentError, match=rf"dropout: rate is the fraction dropped, 0 <= rate < 1, got {rate}"):
        nn.dropout(rate)


def test_training_with_dropout_needs_a_key() -> None:
    net = nn.serial(nn.tanh, nn.dropout(0.5))
    with pytest.raises(ArgumentError, match=r"dropout\(0\.5\): training needs randomness; call net\.apply\(.*key=key"):
        net.apply(((), ()), (), X, train=True)
