"""What a runtime's rule looks at, what it answers, and the words that rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from sparseview.sparsity.analysis import Measurement


class Eligibility(msgspec.Struct, frozen=True):
    """Whether a runtime's sparse kernels can take a weight, and why (not).

    Eligible is no promise: whether it is faster, only a measurement tells.
    """

    eligible: bool
    why: str


class Layer(msgspec.Struct, frozen=True):
    """One use of a weight, as far as the rules ask.

    dtype : of the stored elements.  shape : [stack, out, kernel, in].  kernel : its sizes per
    dim; empty where the operator has none.  shifted : whether the zero is a zero point other
    than 0.  strides, pads, dilations : the operator's; empty where it does not say.
    """

    op: str
    domain: str
    kind: str
    dtype: str
    stored_as: str
    shape: tuple[int, int, int, int]
    kernel: tuple[int, ...]
    shifted: bool
    measured: Measurement
    strides: tuple[int, ...] = ()
    pads: tuple[int, ...] = ()
    dilations: tuple[int, ...] = ()


class Runtime(msgspec.Struct, frozen=True):
    """One runtime and its rule.

    name : the key in reports.  rule : in a sentence.  source : where the rule is written down.
    """

    name: str
    label: str
    rule: str
    source: str
    judge: Callable[[Layer], Eligibility]


def refuse(reasons: Iterable[str | None]) -> Eligibility | None:
    """Not eligible for these reasons; None where there is none."""
    given = [reason for reason in reasons if reason]
    return Eligibility(False, "; ".join(given)) if given else None


def but(structure: str, refused: Eligibility | None) -> Eligibility | None:
    """The same refusal of a weight that does have the structure, saying so first."""
    return refused and Eligibility(False, f"{structure} holds, but {refused.why}")


def lacks_structure(layer: Layer, n: int, m: int) -> str | None:
    """Why the weight is not N:M along its input; None where it is."""
    name, inputs = f"{n}:{m}", layer.shape[3]
    if name in layer.measured.satisfies:
        return None
    if layer.shape[0] > 1 and inputs == 1:
        return "depthwise: one input per group"
    if inputs % m:
        return f"{inputs:,} {'input' if inputs == 1 else 'inputs'}, not divisible by {m}"
    if not layer.measured.zeros:
        return "no zeros"
    broken = layer.measured.violations.get(name)
    if not broken:
        return f"not {name}"
    groups = layer.measured.elements // m
    return f"{broken:,} of {groups:,} groups violate {name}"


def lookup(layer: Layer) -> Eligibility | None:
    """The answer for an embedding: nothing is multiplied there; None for a weight."""
    if layer.kind != "embedding":
        return None
    return Eligibility(False, "a table lookup multiplies nothing")


def spelled(sizes: Iterable[int]) -> str:
    """3×3"""
    return "×".join(map(str, sizes))
