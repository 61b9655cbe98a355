"""What every layer promises: shapes, dtypes, its name, purity, its gradient, jit and a batch of nets."""

from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch import nn

KEY = tg.random.key(0)
RNG = np.random.default_rng(0)


class Sample(NamedTuple):
    make: Any  # dtype -> layer
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]


def attending(dtype: Any) -> nn.Layer:
    return nn.serial(nn.positions(5, dtype=dtype), nn.multi_head_attention(2, causal=True, dtype=dtype))


def residual(dtype: Any) -> nn.Layer:
    return nn.residual(nn.layer_norm(dtype=dtype), nn.dense(3, dtype=dtype), nn.gelu)


def parallel(dtype: Any) -> nn.Layer:
    return nn.parallel(a=nn.dense(2, dtype=dtype), b=nn.serial(nn.dense(4, dtype=dtype), nn.silu))


LAYERS = {
    "dense": Sample(lambda dtype: nn.dense(4, dtype=dtype), (3,), (4,)),
    "dense, no bias": Sample(lambda dtype: nn.dense(4, bias=False, init=nn.he_normal, dtype=dtype), (3,), (4,)),
    "reshape": Sample(lambda dtype: nn.reshape(2, 3), (6,), (2, 3)),
    "dropout": Sample(lambda dtype: nn.dropout(0.5), (6,), (6,)),
    "conv1d": Sample(lambda dtype: nn.conv1d(4, 3, stride=2, dtype=dtype), (7, 2), (3, 4)),
    "conv1d, groups": Sample(lambda dtype: nn.conv1d(6, 2, groups=2, dilation=2, dtype=dtype), (7, 4), (5, 6)),
    "conv2d": Sample(lambda dtype: nn.conv2d(4, (3, 2), padding=1, dtype=dtype), (5, 4, 2), (5, 5, 4)),
    "conv2d, same": Sample(lambda dtype: nn.conv2d(3, 3, stride=2, padding="same", dtype=dtype), (5, 4, 2), (3, 2, 3)),
    "conv2d, each channel": Sample(lambda dtype: nn.conv2d(2, 3, groups=2, dtype=dtype), (5, 4, 2), (3, 2, 2)),
    "conv_transpose1d": Sample(lambda dtype: nn.conv_transpose1d(4, 3, stride=2, dtype=dtype), (3, 2), (7, 4)),
    "conv_transpose2d": Sample(
        lambda dtype: nn.conv_transpose2d(2, 2, stride=2, padding=1, dilation=2, dtype=dtype), (3, 4, 2), (5, 7, 2)
    ),
    "max_pool": Sample(lambda dtype: nn.max_pool(2), (4, 6, 3), (2, 3, 3)),
    "max_pool, same": Sample(lambda dtype: nn.max_pool(3, 2, "same"), (5, 4, 3), (3, 2, 3)),
    "average_pool": Sample(lambda dtype: nn.average_pool((2, 3), padding=1), (4, 4, 3), (3, 2, 3)),
    "batch_norm": Sample(lambda dtype: nn.batch_norm(dtype=dtype), (4, 3), (4, 3)),
    "layer_norm": Sample(lambda dtype: nn.layer_norm(dtype=dtype), (4, 3), (4, 3)),
    "group_norm": Sample(lambda dtype: nn.group_norm(2, dtype=dtype), (4, 6), (4, 6)),
    "rms_norm": Sample(lambda dtype: nn.rms_norm(dtype=dtype), (4, 3), (4, 3)),
    "rnn": Sample(lambda dtype: nn.rnn(4, nn.sigmoid, dtype=dtype), (5, 3), (5, 4)),
    "lstm": Sample(lambda dtype: nn.lstm(4, reverse=True, dtype=dtype), (5, 3), (5, 4)),
    "gru": Sample(lambda dtype: nn.gru(4, last=True, dtype=dtype), (5, 3), (4,)),
    "attention": Sample(attending, (5, 4), (5, 4)),
    "wider attention": Sample(lambda dtype: nn.multi_head_attention(2, 6, bias=False, dtype=dtype), (5, 3), (5, 6)),
    "serial": Sample(lambda dtype: nn.serial(nn.dense(4, dtype=dtype), nn.batch_norm(dtype=dtype)), (3,), (4,)),
    "residual": Sample(residual, (3,), (3,)),
    "parallel": Sample(parallel, (3,), (6,)),
    "sum": Sample(lambda dtype: nn.parallel(nn.relu, np.sin, nn.dense(3, dtype=dtype), join="sum"), (3,), (3,)),
}  # fmt: skip

every_layer = pytest.mark.parametrize("sample", LAYERS.values(), ids=list(LAYERS))


def example(sample: Sample, n: int = 2, dtype: Any = float) -> Any:
    return RNG.normal(size=(n, *sample.input_shape)).astype(dtype)


@every_layer
def test_shapes_and_dtypes(sample: Sample) -> None:
    layer = sample.make(np.float32)
    params, state = layer.init(KEY, sample.input_shape)
    for train in (False, True):
        y, after = layer.apply(params, state, example(sample, 3, np.float32), key=KEY, train=train)
        assert y.shape == (3, *sample.output_shape)
        assert y.dtype == np.float32
        assert tg.tree.structure(after) == tg.tree.structure(state)
        assert all(s.dtype == np.float32 for s in tg.tree.leaves(after))
    assert all(p.dtype == np.float32 for p in tg.tree.leaves(params))


@every_layer
def test_the_name_makes_the_same_layer(sample: Sample) -> None:
    layer = sample.make(np.float32)
    again = nn.build(repr(layer))
    assert repr(again) == repr(layer)
    params, state = layer.init(KEY, sample.input_shape)
    same, _ = again.init(KEY, sample.input_shape)
    x = example(sample, dtype=np.float32)
    np.testing.assert_array_equal(again.apply(same, state, x)[0], layer.apply(params, state, x)[0])


@every_layer
@pytest.mark.parametrize("train", [False, True])
def test_derivatives(sample: Sample, train: bool) -> None:
    layer = sample.make(float)
    params, state = layer.init(KEY, sample.input_shape)
    x = RNG.permutation(2 * int(np.prod(sample.input_shape))).reshape(2, *sample.input_shape) / 7 - 1.03  # no ties
    tg.testing.check_grads(lambda p, x: layer.apply(p, state, x, key=KEY, train=train)[0], (params, x), order=1)


@every_layer
def test_jit_is_eager(sample: Sample) -> None:
    layer = sample.make(float)
    params, state = layer.init(KEY, sample.input_shape)
    x = example(sample)

    def loss(params: Any) -> Any:
        y, after = layer.apply(params, state, x, key=KEY, train=True)
        return np.sum(y * y), after

    eager = tg.value_and_grad(loss, has_aux=True)
    compiled = tg.jit(eager, backend="numpy")
    expected = eager(params)
    for _ in range(2):
        for a, b in zip(tg.tree.leaves(compiled(params)), tg.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@every_layer
def test_a_batch_of_nets_is_a_loop(sample: Sample) -> None:
    layer = sample.make(float)
    nets = [layer.init(key, sample.input_shape) for key in tg.random.split(KEY, 2)]
    stacked = tg.tree.map(lambda *leaves: np.stack(leaves), *nets)
    xs = np.stack([example(sample), example(sample)])
    found = tg.vmap(lambda net, x: layer.apply(*net, x)[0])(stacked, xs)
    for y, net, x in zip(found, nets, xs, strict=True):
        np.testing.assert_allclose(y, layer.apply(*net, x)[0], rtol=1e-9, atol=1e-12)


@every_layer
def test_nothing_it_is_given_changes(sample: Sample) -> None:
    layer = sample.make(np.float32)
    params, state = layer.init(KEY, sample.input_shape)
    x = example(sample, dtype=np.float32)
    before = tg.tree.map(np.copy, (params, state, x))
    first, second = (layer.apply(params, state, x, key=KEY, train=True) for _ in range(2))
    for a, b in zip(tg.tree.leaves((before, first)), tg.tree.leaves(((params, state, x), second)), strict=True):
        np.testing.assert_array_equal(a, b)


@every_layer
def test_no_examples_give_no_answers(sample: Sample) -> None:
    layer = sample.make(np.float32)
    params, state = layer.init(KEY, sample.input_shape)
    assert layer.apply(params, state, example(sample, 0, np.float32))[0].shape == (0, *sample.output_shape)
