"""Hold what annotations claim against what was measured."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from sparseview.model.claims import TOLERANCE, Claim
from sparseview.model.declarations import Declarations, declared_first
from sparseview.shares import percent

if TYPE_CHECKING:
    from sparseview.model.document import Model
    from sparseview.model.weights import Weight

ROUNDING = 1e-6  # a float32 and the decimals of a JSON number are not exact
PRUNED = 0.01  # the least sparsity that `unstructured` means
PLACES = {
    "attribute": "node attribute",
    "node_metadata": "node metadata",
    "model_metadata": "model metadata",
    "doc_string": "tensor's doc string",
}


class Measured(Protocol):
    """What is known of a measured weight; sparsity.analysis.Measurement is one."""

    @property
    def elements(self) -> int: ...
    @property
    def zeros(self) -> int: ...
    @property
    def format(self) -> str: ...
    @property
    def satisfies(self) -> Sequence[str]: ...
    @property
    def violations(self) -> Mapping[str, int]: ...


class Verdict(msgspec.Struct, frozen=True):
    """declared : the claim that counts.  agrees : None where nothing is declared, or not all that
    it takes is measured yet.  disagreements : one sentence for each thing that is false."""

    declared: Claim | None
    agrees: bool | None
    disagreements: tuple[str, ...] = ()


NOTHING = Verdict(None, None)  # where nothing is declared


def judge(
    model: Model,
    declarations: Declarations,
    facts: Mapping[int, Measured | None],
    weights: Collection[int] | None = None,
) -> dict[int, Verdict]:
    """A verdict per weight id.

    facts : what was measured, per weight id; missing or None: not yet.
    weights : the weights to judge (None: all). All weights of one operator share the verdict on
        what the operator declares, so judge them together when one of them changes.
    """
    operators: dict[int, list[Weight]] = {}
    if declarations.nodes:
        for weight in model.weights:
            operators.setdefault(weight.node, []).append(weight)
    verdicts: dict[int, Verdict] = {}
    for weight in model.weights:
        if weights is None or weight.id in weights:
            whole = [(claim, operators[weight.node]) for claim in _of_node(declarations, weight)]
            own = [(claim, [weight]) for claim in declarations.weights.get(weight.id, ())]
            verdicts[weight.id] = _verdict(whole + own, facts) if whole or own else NOTHING
    return verdicts


def disagreements(
    claim: Claim, measured: Sequence[Measured], stored_as: Sequence[str]
) -> tuple[str, ...]:
    """What is false in a claim about these weights together; empty where it agrees.

    stored_as : 'dense' or 'coo' for each weight.
    """
    says = f"The {PLACES[claim.source]} declares"
    if claim.invalid is not None:
        return (f"The {PLACES[claim.source]} is invalid: {claim.invalid}.",)
    found: list[str] = []
    elements, zeros = sum(m.elements for m in measured), sum(m.zeros for m in measured)
    if claim.sparsity is not None and elements:
        sparsity = zeros / elements
        if abs(claim.sparsity - sparsity) > TOLERANCE + ROUNDING:
            found.append(
                f"{says} {percent(claim.sparsity)} zeros; {percent(sparsity)} were measured."
            )
    if claim.zeros is not None and claim.zeros != zeros:
        found.append(f"{says} {claim.zeros:,} zeros; {zeros:,} were counted.")
    if claim.elements is not None and claim.elements != elements:
        found.append(f"{says} {claim.elements:,} elements; there are {elements:,}.")
    if claim.format is not None:
        reason = _format_fault(claim.format, measured, stored_as)
        if reason:
            found.append(f"{says} {claim.format}; {reason}.")
    return tuple(found)


def _verdict(
    claims: Sequence[tuple[Claim, Sequence[Weight]]], facts: Mapping[int, Measured | None]
) -> Verdict:
    found: list[str] = []
    waiting = False
    for claim, weights in claims:
        measured = [fact for w in weights if (fact := facts.get(w.id)) is not None]
        if claim.invalid is None and len(measured) < len(weights):
            waiting = True
            continue
        found += disagreements(claim, measured, [w.constant.stored_as for w in weights])
    declared = declared_first(claim for claim, _ in claims)
    if found:
        return Verdict(declared, False, tuple(found))
    return Verdict(declared, None if waiting or not claims else True)


def _of_node(declarations: Declarations, weight: Weight) -> tuple[Claim, ...]:
    return declarations.nodes.get(weight.node, ())


def _format_fault(name: str, measured: Sequence[Measured], stored_as: Sequence[str]) -> str:
    """Why the format does not hold for all of these weights; empty where it does."""
    formats = sorted({m.format for m in measured})
    if name == "mixed":
        return "" if len(formats) > 1 else f"every weight is {formats[0]}"
    if name in ("coo", "csr"):
        other = sorted({how for how in stored_as if how != name})
        return f"it is stored {' and '.join(other)}" if other else ""
    faults = [m for m in measured if not _holds(name, m)]
    if not faults:
        return ""
    violating = sum(m.violations.get(name, 0) for m in faults)
    if violating:
        return f"{violating:,} {'group violates' if violating == 1 else 'groups violate'} it"
    return f"measured is {' and '.join(sorted({m.format for m in faults}))}"


def _holds(name: str, m: Measured) -> bool:
    if name == m.format or name in m.satisfies:
        return True
    if name in ("bsr", "channel"):
        return any(other.startswith(f"{name}:") for other in m.satisfies)
    pruned = m.elements > 0 and m.zeros / m.elements >= PRUNED
    return name == "unstructured" and pruned and not m.satisfies
