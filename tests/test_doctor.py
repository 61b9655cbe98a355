"""`python -m tinygrad_scratch doctor`: its facts on machines that are made up, and the command as a user runs it."""

import configparser
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tinygrad_scratch import cli, doctor
from tinygrad_scratch.doctor import blas, extras, machine, memory, probe, products
from tinygrad_scratch.doctor.fact import WIDTH, Advice, Fact, Section

ROOT = Path(__file__).parent.parent
AVX512 = "fpu avx2 fma avx512f avx512bw avx512dq avx512vl"
TITLES = ["machine", "matrix products (BLAS)", "threads", "memory", "compiler", "extras", "what would be faster"]


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tinygrad_scratch", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def nothing(name: str, settings: Mapping[str, str]) -> dict[str, Any] | None:
    """A machine on which no measurement succeeds."""
    return None


class Machine:
    """A made-up machine: the rate of each kernel, the seconds of a step by the mmap threshold, the rate of threads."""

    def __init__(
        self,
        kernels: dict[str, float] | None = None,
        steps: dict[str, float] | None = None,
        threads: dict[str, float] | None = None,
    ) -> None:
        self.kernels = kernels or {}
        self.steps = steps or {}
        self.threads = threads or {}
        self.asked: list[str] = []

    def __call__(self, name: str, settings: Mapping[str, str]) -> dict[str, Any] | None:
        self.asked.append(name)
        if name == "product":
            kernel = settings.get("OPENBLAS_CORETYPE", "Haswell")
            return {"gflops": self.kernels[kernel], "kernel": kernel} if kernel in self.kernels else None
        if name == "product_threads":
            return {"gflops": self.threads[settings.get("OPENBLAS_NUM_THREADS", "")]}
        if name == "step":
            return {"seconds": self.steps[settings.get("MALLOC_MMAP_THRESHOLD_", "")]}
        return None


@pytest.fixture
def avx512(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenBLAS took a CPU with AVX-512 for an old one."""
    monkeypatch.setattr(blas, "dynamic", lambda: True)
    monkeypatch.setattr(blas, "corename", lambda: "Haswell")
    monkeypatch.setattr(products, "cpu_flags", lambda: set(AVX512.split()))


# ---- the command ----------------------------------------------------------------------------------------------------


def test_the_screen() -> None:
    done = run("doctor")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == TITLES
    labels = {line[2:21].strip() for line in lines if line.startswith("  ")}
    assert {"cpu", "cores", "vector units", "python", "numpy", "library", "kernel", "one core"} <= labels
    assert {"BLAS uses", "settings", "copying", "temporaries", "numba", "cache", *extras.EXTRAS} <= labels
    assert max(map(len, lines)) <= WIDTH
    assert "\N{NO-BREAK SPACE}" not in done.stdout


def test_json_has_the_same() -> None:
    done = run("doctor", "--json")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert list(data) == ["machine", "matrix_products", "threads", "memory", "compiler", "extras", "faster"]
    assert data["machine"]["python"] == sys.version.split()[0]
    assert set(data["extras"]) == set(extras.EXTRAS)


def test_without_a_command_it_tells_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    assert "doctor" in capsys.readouterr().out


def test_an_unknown_command_is_an_error() -> None:
    done = run("docter")
    assert done.returncode == 2
    assert "invalid choice: 'docter'" in done.stderr
    assert "Traceback" not in done.stderr


def test_importing_the_package_loads_none_of_it() -> None:
    code = "import sys, tinygrad_scratch; print([m for m in sys.modules if 'doctor' in m or m.endswith('scratch.cli')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_everything_is_told_where_nothing_can_be_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another system, another BLAS, no processes to be started."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.delattr(os, "getloadavg", raising=False)
    monkeypatch.setattr(machine, "read", lambda file: "")
    monkeypatch.setattr(machine, "numpy_config", lambda part: {})
    monkeypatch.setattr(blas, "libraries", list)
    monkeypatch.setattr(blas, "numpy_config", lambda part: {})
    monkeypatch.setattr(extras, "installed", lambda library: None)
    doctor.show(nothing)
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line and not line.startswith(" ")] == TITLES
    assert "could not be measured" in out
    assert "not installed: pip install" in out
    assert "nothing that was measured here" in out
    json.dumps(doctor.as_data(nothing))


# ---- the machine ----------------------------------------------------------------------------------------------------


def test_cpu_flags_of_linux(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(f"processor\t: 0\nmodel name\t: Some CPU: fast\nflags\t\t: {AVX512}\n\nprocessor\t: 1\n")
    assert machine.cpu_flags(file) == set(AVX512.split())
    assert machine.cpuinfo("model name", file) == "Some CPU: fast"
    file.write_text("processor: 0\nFeatures: fp asimd sve\n")
    assert machine.cpu_flags(file) == {"fp", "asimd", "sve"}


def test_cpu_flags_elsewhere_are_numpys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    simd = {"baseline": ["SSE", "X86_V3"], "found": ["AVX512_SKX", "SOMETHING_NEW"]}
    monkeypatch.setattr(machine, "numpy_config", lambda part: simd)
    assert machine.cpu_flags(tmp_path / "none") == set(AVX512.split()) - {"fpu"}


@pytest.mark.parametrize(
    ("whole", "own", "limit"),
    [("max 100000", "150000 100000", 1.5), ("50000 100000", "max 100000", 0.5), ("", "", None), ("max", "max 1", None)],
)
def test_limit_of_processor_time(tmp_path: Path, whole: str, own: str, limit: float | None) -> None:
    (tmp_path / "service").mkdir()
    (tmp_path / "cpu.max").write_text(whole)
    (tmp_path / "service" / "cpu.max").write_text(own)
    (tmp_path / "cgroup").write_text("1:cpu:/\n0::/service\n")
    assert machine._time_limit(tmp_path, tmp_path / "cgroup") == limit


def test_a_busy_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (1e4, 0.0, 0.0), raising=False)
    assert "others are at work" in machine._load().text


# ---- BLAS -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("/usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3", "OpenBLAS"),
        ("/opt/conda/lib/libmkl_core.so.2", "MKL"),
        ("/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0", "Netlib's reference BLAS"),
    ],
)
def test_the_library_that_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, family: str | None
) -> None:
    maps = tmp_path / "maps"
    maps.write_text(f"7f00-7f01 r-xp 00000000 08:01 12   /lib/libc.so.6\n7f02-7f03 r-xp 0 08:01 13   {path}\n7f04 rw\n")
    monkeypatch.setattr(blas, "_bundled", set)
    found = blas.libraries(maps)
    assert found == [Path(path)]
    monkeypatch.setattr(blas, "libraries", lambda: found)
    assert blas.family() == family


def test_another_library_than_openblas_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    built = {"blas": {"name": "accelerate", "version": "unknown"}}
    monkeypatch.setattr(blas, "numpy_config", lambda part: built)
    monkeypatch.setattr(blas, "libraries", list)
    assert blas.library().text == "Accelerate"
    assert blas.corename() is None
    assert blas.threads() is None
    assert "only OpenBLAS tells" in blas.build().text
    facts = products.section(Machine(kernels={"Haswell": 50.0})).facts
    assert [fact.name for fact in facts] == ["library", "build", "kernel", "one core"]


def test_the_version_is_not_that_of_another_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "numpy_config", lambda part: {"blas": {"name": "openblas", "version": "0.3.21"}})
    monkeypatch.setattr(blas, "libraries", lambda: [Path("/nowhere/libmkl_rt.so.2")])
    assert blas.library().text == "MKL, libmkl_rt.so.2"


@pytest.mark.parametrize(
    ("asked", "words"),
    [(None, "own choice"), ("haswell", "as OPENBLAS_CORETYPE says"), ("Zen9", "although OPENBLAS_CORETYPE says Zen9")],
)
def test_who_chose_the_kernel(monkeypatch: pytest.MonkeyPatch, asked: str | None, words: str) -> None:
    monkeypatch.setattr(blas, "corename", lambda: "Haswell")
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    if asked:
        monkeypatch.setenv("OPENBLAS_CORETYPE", asked)
    assert words in blas.kernel().text


@pytest.mark.usefixtures("avx512")
def test_faster_kernels_are_advised() -> None:
    section = products.section(Machine(kernels={"Haswell": 125.0, "SkylakeX": 240.0}))
    (advice,) = section.advice
    assert advice.settings == {"OPENBLAS_CORETYPE": "SkylakeX"}
    assert "1.9 times faster (240 against 125 GFLOP/s); set it before Python starts" in advice.text
    assert section.data()["other_kernels"] == {"SkylakeX": 240.0}


@pytest.mark.usefixtures("avx512")
@pytest.mark.parametrize("kernels", [{"Haswell": 125.0, "SkylakeX": 130.0}, {"Haswell": 125.0}, {}])
def test_kernels_that_are_no_faster_or_do_not_run_are_not(kernels: dict[str, float]) -> None:
    assert products.section(Machine(kernels=kernels)).advice == []


@pytest.mark.usefixtures("avx512")
def test_kernels_that_openblas_lacks_are_not_told() -> None:
    """It goes on with its own choice then, so a rate would be that one's."""

    def measure(name: str, settings: Mapping[str, str]) -> dict[str, Any]:
        return {"gflops": 300.0 if settings else 100.0, "kernel": "Haswell"}

    section = products.section(measure)
    assert "other kernels" not in [fact.name for fact in section.facts]
    assert section.advice == []


def test_no_kernels_are_tried_that_the_cpu_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "dynamic", lambda: True)
    monkeypatch.setattr(blas, "corename", lambda: "Zen")
    monkeypatch.setattr(products, "cpu_flags", lambda: {"avx2", "fma"})
    assert products._candidates() == ["Haswell"]
    monkeypatch.setattr(blas, "dynamic", lambda: False)
    assert products._candidates() == []


def test_more_threads_than_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "threads", lambda: 64)
    monkeypatch.setattr(products, "usable_cores", lambda: 2)
    (advice,) = products.threads_section(Machine(threads={"": 20.0, "2": 200.0})).advice
    assert advice.settings == {"OPENBLAS_NUM_THREADS": "2"}
    assert products.threads_section(Machine(threads={"": 200.0, "2": 200.0})).advice == []


def test_one_thread_needs_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "threads", lambda: 1)
    here = Machine()
    assert products.threads_section(here).data()["blas_uses"] == {"threads": 1, "gflops": None}
    assert here.asked == []


# ---- memory ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def glibc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_is_glibc", lambda: True)
    for name in memory._NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("glibc")
@pytest.mark.parametrize(
    ("steps", "mmap"),
    [
        ({"": 9e-4, "1000000000": 3e-4}, "1000000000"),
        ({"": 9e-4, "1000000000": 12e-4, "33554432": 3e-4}, "33554432"),
    ],
)
def test_allocator_settings_that_help_are_advised(steps: dict[str, float], mmap: str) -> None:
    section = memory.section(Machine(steps=steps))
    (advice,) = section.advice
    assert advice.settings == {"MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_MMAP_THRESHOLD_": mmap}
    assert "3.0 times faster (300 against 900 us)" in advice.text
    assert section.data()["temporaries"]["seconds_with"] == 3e-4


@pytest.mark.usefixtures("glibc")
def test_allocator_settings_that_do_not_help_are_not_advised() -> None:
    assert memory.section(Machine(steps={"": 3e-4, "1000000000": 3e-4, "33554432": 3e-4})).advice == []
    assert memory.section(nothing).advice == []


@pytest.mark.usefixtures("glibc")
def test_allocator_settings_that_stand_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in memory._NAMES:
        monkeypatch.setenv(name, "1000000000")
    here = Machine(steps={"": 3e-4})
    assert "MALLOC_TRIM_THRESHOLD_=1000000000" in memory.section(here).facts[2].text
    assert here.asked.count("step") == 1


def test_another_allocator_is_named(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    maps.write_text("7f00-7f01 r-xp 0 08:01 12   /usr/lib/libjemalloc.so.2\n7f02-7f03 r-xp 0 08:01 12   /lib/libc.so\n")
    assert memory._replacement(maps) == "jemalloc"
    assert memory._replacement(tmp_path / "none") is None


# ---- compiler and extras --------------------------------------------------------------------------------------------


def test_numba_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "installed", lambda library: "0.57.0")
    fact = extras.compiler_section(lambda name, settings: {"error": "Numba needs NumPy 1.24 or less"}).facts[0]
    assert fact.text == "0.57.0, but it cannot be imported: Numba needs NumPy 1.24 or less"
    assert extras.compiler_section(nothing).facts[0].text.startswith("0.57.0")


def test_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYGRAD_SCRATCH_CACHE", str(tmp_path / "cache"))
    (fact,) = extras._cache_lines()
    assert fact.data == {"folder": str(tmp_path / "cache" / "jit"), "files": 0, "bytes": 0, "writable": True}
    assert "not there yet" in fact.text
    (tmp_path / "cache" / "jit" / "deep").mkdir(parents=True)
    (tmp_path / "cache" / "jit" / "deep" / "file").write_bytes(bytes(1000))
    assert extras._cache_lines()[0].data["bytes"] == 1000
    monkeypatch.delenv("TINYGRAD_SCRATCH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert extras._cache_lines()[0].data["folder"] == str(tmp_path / "xdg" / "tinygrad_scratch" / "jit")


def test_a_cache_in_a_place_that_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TINYGRAD_SCRATCH_CACHE", str(tmp_path / "file"))
    assert "NOT WRITABLE" in extras._cache_lines()[0].text


def test_extras_are_those_of_setup_cfg() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    listed = {name: value.split() for name, value in config["options.extras_require"].items() if name != "all"}
    assert listed == extras.EXTRAS


def test_what_an_extra_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "installed", lambda library: None if library == "pillow" else "1.0")
    lines = Section("extras", [extras._extra("viz", ["matplotlib", "pillow"])]).lines()
    assert lines[1].split(maxsplit=1)[1] == 'matplotlib 1.0; missing pillow: pip install "tinygrad_scratch[viz]"'


# ---- measuring and printing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(probe.PROBES))
def test_each_probe_answers(name: str) -> None:
    answer = probe.PROBES[name]()
    assert answer
    assert all(value > 0 for key, value in answer.items() if key in ("gflops", "gbytes", "seconds"))


def test_a_probe_runs_in_a_process_with_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_CHILD_TIMEOUT", 60)
    answer = probe.measurer(60)("product", {"OPENBLAS_NUM_THREADS": "1"})
    assert answer is not None
    assert answer["gflops"] > 0
    assert answer["threads"] in (1, None)


def test_a_probe_that_fails_measures_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert probe.measurer(60)("no such probe", {}) is None
    assert probe.measurer(0)("product", {}) is None
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert probe.measurer(60)("product", {}) is None


def test_long_facts_stay_beside_their_label_and_commands_whole() -> None:
    lines = Section("title", [Fact("name", "word " * 60)]).lines()
    assert all(len(line) <= WIDTH for line in lines)
    assert all(line.startswith(" " * 22) for line in lines[2:-1])
    assert Advice({"A": "1"}, "faster").lines()[0].split() in (["export", "A=1"], ["set", "A=1"])
