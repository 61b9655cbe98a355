"""The house: what importing costs and loads, and that imports go one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tinygrad_scratch as tg

ROOT = Path(tg.__file__).parent

# a file may import from its own level and those before it
LEVELS = [
    ["core"],
    ["ops"],
    ["tensor"],
    ["buffer"],
    ["transforms"],
    ["compile"],
    ["numpy", "scipy", "random"],
    ["nn", "losses", "optim"],
    ["data", "io", "metrics", "viz", "testing"],
    ["train"],
    ["sklearn"],
    ["__init__", "__version__"],
    ["doctor", "coverage"],
    ["cli"],
    ["__main__"],
]


def level(module: str) -> int:
    return next(i for i, names in enumerate(LEVELS) if module.split(".")[0] in names)


def statements(tree: ast.Module) -> list[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING`, which import nothing when the program runs."""
    run = [n for n in tree.body if not (isinstance(n, ast.If) and getattr(n.test, "id", "") == "TYPE_CHECKING")]
    return [node for statement in run for node in ast.walk(statement)]


def imports(file: Path) -> set[str]:
    """The modules of the package that a file imports, as dotted names without the package's own."""
    place = file.relative_to(ROOT).with_suffix("").parts
    found = set()
    for node in statements(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = place[: len(place) - node.level]
            tail = node.module.split(".") if node.module else []
            names = [".".join([*base, *tail])] if base or tail else [alias.name for alias in node.names]
            found.update(names)
        if isinstance(node, ast.ImportFrom) and not node.level:
            assert not (node.module or "").startswith("tinygrad_scratch"), f"{file}: imports inside are relative"
    return found


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_go_one_way(file: Path) -> None:
    here = level(str(file.relative_to(ROOT).with_suffix("").parts[0]))
    for module in imports(file):
        assert level(module) <= here, f"{file.name} imports {module}, which stands above it"


def test_there_are_no_cycles() -> None:
    graph = {}
    for file in FILES:
        parts = file.relative_to(ROOT).with_suffix("").parts
        graph[".".join(parts)] = imports(file)
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path, module])
        if module in done or module not in graph:
            return
        for other in graph[module]:
            visit(other, (*path, module))
        done.add(module)

    for module in graph:
        visit(module, ())


def test_transformations_name_no_primitive() -> None:
    names = {str(name) for name in tg.core.primitive.REGISTRY} - {"stop_gradient", "custom_vjp", "custom_jvp", "all"}
    for file in (ROOT / "transforms").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level and (node.module or "").startswith("ops"):
                assert not names & {alias.name for alias in node.names}, file.name


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_importing_loads_numpy_and_nothing_else_from_outside() -> None:
    code = (
        "import sys, numpy.random; before = set(sys.modules); import tinygrad_scratch; "
        "print(*{m.split('.')[0] for m in set(sys.modules) - before})"
    )
    loaded = set(run(code).split()) - set(sys.stdlib_module_names)
    assert loaded - {"numpy"} == {"tinygrad_scratch"}


def test_files_are_short() -> None:
    long = {str(f.relative_to(ROOT)): n for f in FILES if (n := len(f.read_text().splitlines())) > 400}
    assert not long


def test_every_public_name_has_a_docstring() -> None:
    for name in tg.__all__:
        assert getattr(tg, name).__doc__, name
