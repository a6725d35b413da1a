"""ONNX Runtime as the project meets it: imported once, silent, its errors as one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native

from sparseview.errors import SparseviewError

# Only what ends the process: everything else comes as an exception, and would be told twice.
QUIET = 4
ERRORS: tuple[type[BaseException], ...] = (
    *(
        kind
        for kind in vars(native).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ),
    RuntimeError,
    ValueError,
    TypeError,
    NotImplementedError,
)
LONGEST = 300  # characters of the Runtime's own words that are passed on

onnxruntime.set_default_logger_severity(QUIET)


def runtime_version() -> str:
    """ONNX Runtime's version: numbers of one may differ from those of another."""
    return str(onnxruntime.__version__)


# Sends what it runs to a service in the network: nothing that was measured here would leave.
ELSEWHERE = "AzureExecutionProvider"


def providers() -> list[str]:
    """The execution providers that this installation has for this machine, the fastest first."""
    return [name for name in onnxruntime.get_available_providers() if name != ELSEWHERE]


def short_name(provider: str) -> str:
    """CUDAExecutionProvider as CUDA."""
    return provider.removesuffix("ExecutionProvider")


def provider_named(name: str | None) -> str:
    """The full name of a provider: `cuda` is CUDAExecutionProvider; None is the CPU's.

    Raises SparseviewError, with a list, where this installation does not have it.
    """
    if name is None:
        return "CPUExecutionProvider"
    for have in providers():
        if name.casefold() in (have.casefold(), short_name(have).casefold()):
            return have
    short_names = ", ".join(map(short_name, providers()))
    raise SparseviewError(
        f"ONNX Runtime has no execution provider {name!r} here.",
        f"It has: {short_names}.",
        "provider",
    )


@contextmanager
def told(what: str, hint: str = "") -> Iterator[None]:
    """Turns an error of the Runtime inside the block into a SparseviewError that begins `what`."""
    try:
        yield
    except ERRORS as error:
        if isinstance(error, SparseviewError):
            raise
        raise SparseviewError(f"{what}: {sentence(error)}", hint, "runtime") from error


def sentence(error: BaseException) -> str:
    """The Runtime's message without codes, source files and function signatures; one line."""
    text = str(error)
    text = re.sub(r"\[ONNXRuntimeError\] : \d+ : \w+ : ", "", text)
    text = re.sub(r"(Load model from .*? failed:|Exception during \w+: )", "", text)
    text = re.sub(r"\S*onnxruntime\S*\.(cc|h|cpp):\d+ [^\n]*?\) ", "", text)
    text = re.sub(r"Non-zero status code returned while running (\S+) node\.", r"\1 failed.", text)
    text = re.sub(r"Status Message: ", "", text)
    text = " ".join(text.split())
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return text if text.endswith((".", "…")) else f"{text}."


# Fusions that make new weights out of the mapped ones.
COPYING = (
    "ConstantFolding",
    "ConvBNFusion",
    "ConvMulFusion",
    "ConvAddFusion",
    "ConstantSharing",
    "MatMulAddFusion",
)


def session_options(threads: int | None, lean: bool) -> Any:
    """Options of a session.

    lean : load fast and copy no weights, for a model that runs a few times; else optimise fully.
    threads : of one operator; None: as many as there are cores.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = QUIET
    options.intra_op_num_threads = threads or 0
    # Threads that spin for work take the cores from the sums that are made between two runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if lean:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.add_session_config_entry("session.disable_prepacking", "1")
    return options
