"""From the text of a function to something Python can call, by way of a cache on disk.

LLVM's machine code is kept under the hash of the text, the compiler's version and the CPU, so that a program which was
compiled once starts at once in the next process. The function becomes a built-in of Python that takes arrays: calling
it costs no more than calling `len`.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...core.cache import cache_folder
from ...core.errors import MissingExtraError
from ...core.files import replacing
from .blas import Blas

FORMAT = "2"
_lock = threading.RLock()


class _Method(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    ]


_FASTCALL = 0x0080
_PYTHON = ("Py_IncRef", "PyErr_SetString", "PyEval_SaveThread", "PyEval_RestoreThread")


class Compiler:
    """LLVM for this CPU."""

    def __init__(self) -> None:
        try:
            import llvmlite
            import llvmlite.binding as llvm
        except ImportError as error:
            raise MissingExtraError(
                'jit: backend="numba" needs numba; install it with: pip install "tinygrad_scratch[jit]"'
            ) from error
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self.llvm = llvm
        # the large code model: in a process full of other libraries, code and data may come to lie anywhere
        cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
        self.machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=cpu, features=features, opt=3, reloc="static", codemodel="large", jit=True
        )
        self.identity = "\n".join([FORMAT, llvmlite.__version__, cpu, features])
        self.engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), self.machine)
        self.kept: list[Any] = []
        self.known: dict[str, Callable[..., None]] = {}
        self._symbols: set[str] = set()
        for name in _PYTHON:
            self.symbol(name, ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value)
        for name in ("_Py_NoneStruct", "_Py_TrueStruct", "_Py_FalseStruct", "PyExc_IndexError"):
            self.symbol(name, ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, name)))

    def symbol(self, name: str, address: int | None) -> None:
        """Let compiled code call what stands at an address."""
        if name not in self._symbols and address:
            self.llvm.add_symbol(name, address)
            self._symbols.add(name)

    def machine_code(self, text: str) -> bytes:
        """Optimize and translate a module."""
        llvm = self.llvm
        module = llvm.parse_assembly(text)
        module.triple = self.machine.triple
        module.data_layout = str(self.machine.target_data)
        options = llvm.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = True
        builder = llvm.create_pass_builder(self.machine, options)
        builder.getModulePassManager().run(module, builder)
        return bytes(self.machine.emit_object(module))


@functools.cache
def compiler() -> Compiler:
    """The one compiler of this process. Raises MissingExtraError without llvmlite."""
    with _lock:
        return Compiler()


def available() -> bool:
    """Whether native code can be made here."""
    try:
        compiler()
    except (MissingExtraError, OSError, RuntimeError, AttributeError):
        return False
    return True


def cached(text: str) -> bool:
    """Whether the machine code of this text is on disk or in this process."""
    name = _name(text)
    with contextlib.suppress(OSError, RuntimeError):
        return name in compiler().known or _file(name).exists()
    return False


def load(text: str, blas: Blas | None) -> Callable[..., None]:
    """The function of a module, whose name is KERNEL in the text: called with arrays, returns None."""
    with _lock:
        c = compiler()
        name = _name(text)
        if name not in c.known:
            if blas is not None:
                for symbol, address in blas.functions.items():
                    c.symbol(f"tg_{symbol}", address)
            for function in re.findall(r"^declare \w+ @([a-z]\w*)\((?:float|double)", text, re.M):
                c.symbol(function, ctypes.cast(getattr(_library(), function), ctypes.c_void_p).value)
            c.engine.add_object_file(c.llvm.ObjectFileRef.from_data(_machine_code(c, name, text)))
            c.engine.finalize_object()
            c.known[name] = _builtin(c, name, c.engine.get_function_address(name))
        return c.known[name]


def _name(text: str) -> str:
    return "k" + hashlib.sha256((compiler().identity + text).encode()).hexdigest()[:32]


def _file(name: str) -> Path:
    return cache_folder() / "jit" / f"{name}.o"


def _machine_code(c: Compiler, name: str, text: str) -> bytes:
    """From the cache, or compiled and kept there if the folder can be written."""
    with contextlib.suppress(OSError, RuntimeError):  # there may be no home folder
        data = _file(name).read_bytes()
        if hashlib.sha256(data[32:]).digest() == data[:32]:  # a damaged file is compiled again
            return data[32:]
    code = c.machine_code(text.replace("KERNEL", name))
    with contextlib.suppress(OSError, RuntimeError), replacing(_file(name)) as part:
        part.write_bytes(hashlib.sha256(code).digest() + code)
    return code


def _builtin(c: Compiler, name: str, address: int) -> Callable[..., None]:
    method = _Method(name.encode(), address, _FASTCALL, None)
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    c.kept.append(method)  # Python keeps a pointer to it
    return new(ctypes.addressof(method), None, None)  # type: ignore[no-any-return]


@functools.cache
def _library() -> Any:
    """The C library's mathematics."""
    from ctypes.util import find_library

    return ctypes.CDLL(find_library("m") or find_library("msvcrt"))
