"""How fast matrix products are, on one core and with threads, and which kernels or how many threads would be faster."""

from __future__ import annotations

import os
from typing import Any

from . import blas
from .fact import Advice, Fact, Measure, Section
from .machine import cpu_flags, usable_cores
from .probe import SIZE

WORTH = 1.1  # a smaller difference may be chance

# the kernels of OpenBLAS for float32 that differ, and the instructions that the CPU needs for each
_AVX512 = {"avx512f", "avx512bw", "avx512dq", "avx512vl"}
_KERNELS = {
    "SapphireRapids": _AVX512 | {"avx512_bf16", "amx_tile", "amx_bf16"},
    "SkylakeX": _AVX512,
    "Haswell": {"avx2", "fma"},
    "Zen": {"avx2", "fma"},
    "NeoverseV1": {"asimd", "sve"},
    "NeoverseN1": {"asimd", "asimddp"},
}
_THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def section(measure: Measure) -> Section:
    """BLAS, measured on one core."""
    now = measure("product", {})
    tried = {name: _gflops(name, measure) for name in _candidates()} if now else {}
    facts = [blas.library(), blas.build(), blas.kernel(), _rate(now), *_others(tried)]
    return Section("matrix products (BLAS)", facts, _faster_kernel(now, tried, measure))


def threads_section(measure: Measure) -> Section:
    """Threads: what is set, what BLAS takes, and what that gives."""
    count = blas.threads()
    now = None if count == 1 else measure("product_threads", {})
    return Section("threads", [_settings(), _taken(count, now)], _fewer_threads(count, now, measure))


def _candidates() -> list[str]:
    """Kernels that this CPU can run and that OpenBLAS did not choose; none if there is no choice."""
    if not blas.dynamic():
        return []
    flags, current = cpu_flags(), (blas.corename() or "").lower()
    return [name for name, needed in _KERNELS.items() if needed <= flags and name.lower() != current]


def _gflops(name: str, measure: Measure) -> float | None:
    """The rate with these kernels; None if OpenBLAS does not have them or they do not run."""
    answer = measure("product", {"OPENBLAS_CORETYPE": name})
    if answer is None or str(answer["kernel"]).lower() != name.lower():
        return None
    return float(answer["gflops"])


def _rate(now: dict[str, Any] | None) -> Fact:
    if now is None:
        return Fact("one core", "could not be measured", None)
    return Fact("one core", f"{now['gflops']:.0f} GFLOP/s (float32, {SIZE} x {SIZE})", {"gflops": now["gflops"]})


def _others(tried: dict[str, float | None]) -> list[Fact]:
    """The rates of the other kernels, if there are any."""
    rates = {name: rate for name, rate in tried.items() if rate is not None}
    text = ", ".join(f"{name} {rate:.0f} GFLOP/s" for name, rate in rates.items())
    return [Fact("other kernels", text, rates)] if rates else []


def _faster_kernel(now: dict[str, Any] | None, tried: dict[str, float | None], measure: Measure) -> list[Advice]:
    """The best of the other kernels, if a second look finds it faster as well."""
    rates = {name: rate for name, rate in tried.items() if rate is not None}
    if now is None or not rates:
        return []
    best = max(rates, key=rates.__getitem__)
    if rates[best] < WORTH * now["gflops"]:
        return []
    again, best_again = measure("product", {}), _gflops(best, measure)
    if again is None or best_again is None:
        return []
    slow, fast = max(now["gflops"], again["gflops"]), max(rates[best], best_again)
    return [_advice({"OPENBLAS_CORETYPE": best}, slow, fast)] if fast > WORTH * slow else []


def _advice(settings: dict[str, str], slow: float, fast: float) -> Advice:
    text = (
        f"matrix products would be {fast / slow:.1f} times faster ({fast:.0f} against {slow:.0f} GFLOP/s); "
        "set it before Python starts"
    )
    return Advice(settings, text)


def _settings() -> Fact:
    data = {name: os.environ.get(name) for name in _THREAD_SETTINGS}
    unset = [name for name, value in data.items() if value is None]
    told = [f"{name}={value}" for name, value in data.items() if value is not None]
    if unset:
        told.append(f"{', '.join(unset)} not set")
    return Fact("settings", "; ".join(told), data)


def _taken(count: int | None, now: dict[str, Any] | None) -> Fact:
    data = {"threads": count, "gflops": now and now["gflops"]}
    if count == 1:
        return Fact("BLAS uses", "1 thread", data)
    text = "an unknown number of threads" if count is None else f"{count} threads"
    if now is not None:
        text += f", together {now['gflops']:.0f} GFLOP/s"
    return Fact("BLAS uses", text, data)


def _fewer_threads(count: int | None, now: dict[str, Any] | None, measure: Measure) -> list[Advice]:
    """More threads than cores wait for each other."""
    cores = usable_cores()
    if now is None or count is None or count <= cores:
        return []
    settings = {"OPENBLAS_NUM_THREADS": str(cores)}
    fewer = measure("product_threads", settings)
    if fewer is None or fewer["gflops"] < WORTH * now["gflops"]:
        return []
    return [_advice(settings, now["gflops"], fewer["gflops"])]
