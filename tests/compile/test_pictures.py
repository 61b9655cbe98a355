"""Graphs as pictures."""

import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import tinygrad_scratch as tg
from tinygrad_scratch.compile.show.diagram import Diagram
from tinygrad_scratch.compile.show.layers import Layers


def loss(w: Any, x: Any) -> Any:
    return np.mean((np.tanh(x @ w["first"]) @ w["second"] - np.arange(4.0)) ** 2)


W = {"first": np.ones((3, 5)), "second": np.ones(5)}
GRAPH = tg.make_graph(tg.grad(loss))(W, np.ones((4, 3)))


def test_nodes_and_edges() -> None:
    diagram = Diagram(tg.make_graph(lambda x: (1 - np.sin(x), np.sum(x * np.arange(3.0), 0)))(np.ones(3)), ["x"])
    assert [(n.kind, n.lines[0]) for n in diagram.nodes] == [
        ("input", "x"),
        ("constant", "constant"),
        ("operation", "sin"),
        ("output", "1 - \u00b7"),
        ("operation", "multiply"),
        ("output", "sum axis=0"),
    ]
    assert diagram.edges == [(0, 2), (2, 3), (0, 4), (1, 4), (4, 5)]


def test_dot_escapes_labels() -> None:
    dot = Diagram(GRAPH, ['a "b"\\', "", ""]).dot()
    assert r'label="a \"b\"\\\nfloat64[3,5]"' in dot
    assert dot.count("{") == dot.count("}") == 1


def test_dot_has_shapes_by_kind() -> None:
    dot = GRAPH.dot()
    for shape, count in (("ellipse", len(GRAPH.inputs)), ("note", len(GRAPH.constants))):
        assert dot.count(f"shape={shape}") == count


def deep(widths: int, depth: int) -> tuple[list[float], list[tuple[int, int]]]:
    rng = np.random.default_rng(1)
    edges = [(int(rng.integers(0, j)), j) for j in range(1, depth) for _ in range(2)]
    return [float(w) for w in rng.integers(20, widths, depth)], sorted(set(edges))


@pytest.mark.parametrize("count", [0, 1, 2, 30, 100])
def test_nodes_do_not_overlap_and_edges_go_down(count: int) -> None:
    widths, edges = deep(120, count) if count else ([], [])
    layers = Layers(widths, edges, 14.0)
    assert all(layers.layer[i] < layers.layer[j] for i, j in edges)
    assert sorted(i for row in layers.rows for i in row) == list(range(len(layers.layer)))
    for row in layers.rows:
        for i, j in pairwise(row):
            assert layers.x[j] - layers.x[i] >= (layers.widths[i] + layers.widths[j]) / 2 + 14.0 - 1e-6


def test_order_has_no_crossing_where_none_is_needed() -> None:
    edges = [(0, 4), (1, 3), (2, 3), (3, 5), (4, 5)]
    layers = Layers([50.0] * 6, edges, 10.0)
    assert layers._crossings([s for p in layers.paths for s in pairwise(p)]) == 0


def test_labels_fit_their_boxes(tmp_path: Any) -> None:
    pytest.importorskip("matplotlib")
    figure = GRAPH.simplified().draw(tmp_path / "graph.png")
    assert (tmp_path / "graph.png").read_bytes()[1:4] == b"PNG"
    figure.canvas.draw()
    (axes,) = figure.axes
    texts = [t.get_window_extent() for t in axes.texts]
    assert len(texts) > len(GRAPH.simplified().equations)
    for k, a in enumerate(texts):
        assert not any(a.overlaps(b) for b in texts[k + 1 :])
        assert figure.bbox.x0 <= a.x0
        assert a.x1 <= figure.bbox.x1


def test_missing_matplotlib_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(tg.errors.MissingExtraError, match=r"pip install tinygrad_scratch\[viz\]"):
        GRAPH.draw()
