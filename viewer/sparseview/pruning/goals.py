"""The level of every tensor in a prune: a border over all, a table, or a budget for the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.weights import Weight
from sparseview.progress import Progress
from sparseview.pruning.budget import Share, level_counts, within
from sparseview.pruning.counts import Counts
from sparseview.pruning.request import Wish
from sparseview.pruning.tensor import Target
from sparseview.sparsity.formats.base import target as zeros_for

Goals = dict[str, float | None]
NOT_LISTED = "not in the table of levels"


def check_layers(model: Model, targets: Sequence[Target], wish: Wish) -> None:
    """Raise SparseviewError where the table names a layer that is not there."""
    uses = [use for t in targets for use in (*t.uses, *t.everywhere)]
    known = {name for use in uses for name in _names(model, use)}
    strange = [layer for layer in wish.levels or () if layer not in known]
    if strange:
        raise SparseviewError(
            f"The table names {strange[0]}, and no layer to prune is called that.",
            "sparseview report lists the layers.",
            "budget",
        )


def listed(model: Model, target: Target, wish: Wish) -> str | None:
    """Why a table of levels leaves the tensor as it is; None where it does not."""
    if wish.levels is None or wish.sparsity is not None:
        return None
    return None if _level(model, target, wish) is not None else NOT_LISTED


def goals(
    model: Model,
    targets: Sequence[Target],
    refused: Mapping[str, str | None],
    wish: Wish,
    counts: Counts,
    progress: Progress,
) -> Goals:
    """Each tensor's own fraction of zeros, by key; None: what the format itself asks for.

    Those that a border needs but that cannot be read are left out.
    """
    open_ = [t for t in targets if refused[t.key] is None]
    if wish.levels is not None:
        return {t.key: _first(_level(model, t, wish), wish.sparsity) for t in open_}
    if wish.threshold is not None:
        return dict(_below(open_, wish.threshold, counts, progress))
    if not wish.together and not wish.overall:
        return {t.key: wish.sparsity for t in open_}
    readable, shares, wanted = wanted_overall(targets, refused, wish, counts, progress)
    found = level_counts(shares, wanted) if wish.overall else []
    if wish.together:
        least = [s.floor for s in shares]
        found = [max(c, f) for c, f in zip(counts.least(readable, wanted), least, strict=True)]
    return {t.key: f / max(s.elements, 1) for t, f, s in zip(readable, found, shares, strict=True)}


def wanted_overall(
    targets: Sequence[Target],
    refused: Mapping[str, str | None],
    wish: Wish,
    counts: Counts,
    progress: Progress,
    strict: bool = True,
) -> tuple[list[Target], list[Share], int]:
    """(the tensors that take part and can be read, what is known of each, zeros of all of them).

    strict : raise SparseviewError also where an overall budget asks for less than they have, or
        than their format makes; for more than all of them it does so anyway.
    """
    assert wish.sparsity is not None
    open_ = [t for t in targets if refused[t.key] is None]
    readable: list[Target] = []
    shares: list[Share] = []
    for done, target in enumerate(open_):
        progress.step(done, len(open_), "Ranking")
        try:
            zeros = counts.zeros(target)
        except SparseviewError:
            continue  # pruning it meets the same error, and says so in its row
        readable.append(target)
        shares.append(Share(prod(target.lead.constant.shape), zeros, wish.format.least))
    total = sum(s.elements for s in shares)
    wanted = zeros_for(wish.sparsity, total)
    if wish.overall:
        elements, zeros = _fixed([t for t in targets if refused[t.key] is not None], counts)
        wanted = max(zeros_for(wish.sparsity, total + elements) - zeros, 0)
        within(shares, wanted, strict)
    return readable, shares, wanted


def _level(model: Model, target: Target, wish: Wish) -> float | None:
    """The highest level that the table gives to a layer that uses the tensor."""
    layers = {name for use in target.uses for name in _names(model, use)}
    found = [level for layer, level in (wish.levels or {}).items() if layer in layers]
    return max(found, default=None)


def _names(model: Model, use: Weight) -> tuple[str, str]:
    """What a table may call the layer: its name or address, and what people see of it."""
    node = model.nodes[use.node]
    return node.layer, model.title(node)


def _first(one: float | None, other: float | None) -> float | None:
    return other if one is None else one


def _fixed(targets: Sequence[Target], counts: Counts) -> tuple[int, int]:
    """(elements, zeros) of the tensors that stay as they are; unreadable ones count for nothing."""
    elements = zeros = 0
    for target in targets:
        if any(use.problem is not None for use in target.uses):
            continue
        try:
            zeros += counts.zeros(target)
        except SparseviewError:
            continue
        elements += prod(target.lead.constant.shape)
    return elements, zeros


def _below(
    targets: Sequence[Target], threshold: float, counts: Counts, progress: Progress
) -> Iterator[tuple[str, float]]:
    """The fraction of each tensor that is below the threshold."""
    for done, target in enumerate(targets):
        progress.step(done, len(targets), "Ranking")
        try:
            below = counts.below(target, threshold)
        except SparseviewError:
            continue
        yield target.key, below / max(prod(target.lead.constant.shape), 1)
