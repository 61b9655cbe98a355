"""Models in files: the net comes back from its name, with the same predictions in a fresh process."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch import nn
from tinygrad_scratch.core.errors import ArgumentError, DataError

from .trees import ENDINGS

NETS = {
    "dense": (nn.serial(nn.dense(4, init=nn.he_normal), nn.relu, nn.dense(2)), (3,)),
    "named": (nn.serial(encoder=nn.dense(4), act=np.tanh, decoder=nn.dense(2)), (3,)),
    "with state": (nn.serial(nn.conv2d(3, 2, padding="same"), nn.batch_norm(), nn.flatten, nn.dense(2)), (4, 4, 1)),
    "written otherwise": (nn.conv1d(np.int64(3), [2], init=nn.normal(0.5), dtype="float32"), (4, 1)),
    "time": (nn.serial(nn.rnn(3, activation=nn.tanh), nn.gru(2), nn.lstm(2, init=nn.scaled(nn.ones, 2))), (4, 2)),
    "residual": (nn.serial(nn.residual(nn.layer_norm(), nn.dense(3)), nn.parallel(nn.tanh, nn.dense(2))), (3,)),
}  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(("net", "shape"), NETS.values(), ids=list(NETS))
def test_a_model_comes_back(tmp_path: Path, ending: str, net: nn.Layer, shape: Any) -> None:
    params, state = net.init(tg.random.key(0), shape)
    x = np.random.default_rng(0).normal(size=(5, *shape)).astype(np.float32)
    expected = net.apply(params, state, x)[0]
    file = tmp_path / f"model{ending}"
    tg.io.save_model(file, net, params, state)
    model = tg.io.load_model(file)
    assert repr(model.net) == repr(net)
    assert tg.tree.structure((model.params, model.state)) == tg.tree.structure((params, state))
    np.testing.assert_array_equal(model(x), expected)


def test_a_fresh_process_predicts_the_same(tmp_path: Path) -> None:
    net, shape = NETS["with state"]
    params, state = net.init(tg.random.key(0), shape)
    x = np.random.default_rng(0).normal(size=(5, *shape)).astype(np.float32)
    tg.io.save_model(tmp_path / "model.npz", net, params, state)
    tg.io.save(tmp_path / "x.npz", x)
    code = (
        "import sys, tinygrad_scratch as tg; folder = sys.argv[1]\n"
        "y = tg.io.load_model(folder + '/model.npz')(tg.io.load(folder + '/x.npz'))\n"
        "tg.io.save(folder + '/y.npz', y)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(tg.__file__).parent.parent)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True)
    assert tg.io.load(tmp_path / "y.npz").tobytes() == net.apply(params, state, x)[0].tobytes()


def relu(x: Any) -> Any:
    """Not that of tg.nn."""
    return x


def start(key: Any, shape: Any, dtype: Any = np.float32) -> Any:
    return np.ones(shape, dtype)


start.__name__ = "normal(0.5)"
IMPOSTORS = {
    "function": nn.serial(nn.dense(2), relu),
    "activation": nn.activation(relu),
    "deep": nn.serial(nn.residual(nn.parallel(nn.relu, relu))),
    "layer": nn.dense(2)._replace(apply=nn.dropout(0.5).apply),
    "layer of one's own": nn.Layer(nn.activation(relu).init, nn.activation(relu).apply, name="relu"),
    "initializer": nn.dense(2, init=start),
    "argument": nn.rnn(2, activation=relu),
    "join": nn.parallel(nn.dense(2), join=relu),
}


@pytest.mark.parametrize("net", IMPOSTORS.values(), ids=list(IMPOSTORS))
def test_a_net_with_the_name_of_another_is_refused(tmp_path: Path, net: nn.Layer) -> None:
    nn.build(repr(net))
    with pytest.raises(ArgumentError, match=r"cannot be made again from its name \(which stands for something else"):
        tg.io.save_model(tmp_path / "model.npz", net, ())
    assert not (tmp_path / "model.npz").exists()


def _misfits() -> dict[str, tuple[nn.Layer, Any, Any, str]]:
    net, shape = NETS["with state"]
    params, state = net.init(tg.random.key(0), shape)
    plain, _ = NETS["dense"]
    weights, _ = plain.init(tg.random.key(0), (3,))
    named, _ = NETS["named"]
    deep = nn.serial(nn.dense(3), nn.residual(nn.dense(3), nn.relu))
    return {
        "state forgotten": (net, params, (), "the net, .*, got none as state, expected one"),
        "state of a part forgotten": (
            net,
            params,
            ((), (), (), ()),
            r"part 1, batch_norm\(\), got none as state, expected one",
        ),
        "state of another": (net, params, state[:2], r"got state for \['0', '1'\], expected \['0', '1', '2', '3'\]"),
        "state of a part without": (net, params, ({"a": 1}, *state[1:]), "part 0, .*, got one as state, expected none"),
        "state too much": (plain, weights, state, "the net, .*, got one as state, expected none"),
        "params of another": (plain, params, (), r"the net, .*, got params for \['0', '1', '2', '3'\], expected"),
        "params without names": (named, weights, (), "got params for .*, expected .'encoder', 'act', 'decoder'"),
        "a pair": (nn.dense(2), ({"b": 1, "w": 2}, ()), (), "the net, .*, got params in a tuple, expected a dict"),
        "an array as a state": (plain, weights, np.ones(3), "got one as state, expected none"),
        "an array": (nn.dense(2), np.ones(3), (), "the net, .*, got params in a ndarray, expected a dict"),
        "a pair of a net of two": (deep, (({}, ({}, ())), ()), (), "part 0, .* got params in a tuple"),
    }


@pytest.mark.parametrize(("net", "params", "state", "sentence"), _misfits().values(), ids=list(_misfits()))
def test_weights_of_another_net_are_refused(
    tmp_path: Path, net: nn.Layer, params: Any, state: Any, sentence: str
) -> None:
    with pytest.raises(ArgumentError, match=rf"save_model: .*{sentence}.*; params, state = net\.init\("):
        tg.io.save_model(tmp_path / "model.npz", net, params, state)
    assert not (tmp_path / "model.npz").exists()


@pytest.mark.parametrize(
    ("tree", "text"),
    [({"params": (), "state": ()}, "serial(dens"), ({"params": (), "state": ()}, None), ({}, "relu"), (3, "relu")],
    ids=str,
)
def test_a_damaged_model_names_its_file(tmp_path: Path, tree: Any, text: Any) -> None:
    tg.io.save(tmp_path / "model.npz", tree, {"kind": "tinygrad_scratch.model", "net": text})
    with pytest.raises(DataError, match=r"load_model: .*model\.npz holds no net and its weights \(.*it is damaged"):
        tg.io.load_model(tmp_path / "model.npz")


def test_a_deep_net_is_compared_in_no_time(tmp_path: Path) -> None:
    net = nn.dense(2)
    for _ in range(30):
        net = nn.residual(net)
    params, _ = net.init(tg.random.key(0), (2,))
    tg.io.save_model(tmp_path / "model.npz", net, params)
    assert repr(tg.io.load_model(tmp_path / "model.npz").net) == repr(net)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    net = nn.serial(nn.dense(2), lambda x: 2 * x)
    params, _ = net.init(tg.random.key(0), (3,))
    with pytest.raises(ArgumentError, match=r"save_model: serial\(dense\(2\), <lambda>\) cannot be made again from"):
        tg.io.save_model(tmp_path / "model.npz", net, params)
    assert not (tmp_path / "model.npz").exists()
    tg.io.save(tmp_path / "tree.npz", params)
    with pytest.raises(DataError, match=r"tree\.npz holds a tree, but no model; read it with tg\.io\.load"):
        tg.io.load_model(tmp_path / "tree.npz")
