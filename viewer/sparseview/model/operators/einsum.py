"""Einsum with a constant: letters summed with another operand are `in`, free ones are `out`."""

from __future__ import annotations

from sparseview.model.operators.row import Row, Use
from sparseview.model.proto import NodeProto
from sparseview.model.view import Axes, Shape

# Operands that are looked at; a product of more than two is rare, of more than eight unheard of.
OPERANDS = 8
MANY = "."  # stands for the dims of an ellipsis


def einsum(node: NodeProto, index: int, shape: Shape) -> Use | None:
    """Letters in another operand: `in` where they are summed, else `stack`. Alone: `out`.

    A letter that only this operand has and the result lacks is summed before anything else: the
    places along it are like those of a kernel. Without `in` the constant only scales: no weight.
    """
    terms = _terms(node)
    if terms is None or index >= len(terms[0]):
        return None
    operands, result = terms
    own = operands[index]
    others = set("".join(operands[:index] + operands[index + 1 :]))
    dims = _dims(own, len(shape))
    if dims is None:
        return None
    roles: dict[str, list[int]] = {"stack": [], "out": [], "kernel": [], "in": []}
    for dim, letter in enumerate(dims):
        if letter in result:
            roles["stack" if letter in others else "out"].append(dim)
        else:
            roles["in" if letter in others else "kernel"].append(dim)
    if not roles["in"]:
        return None
    return Use(Axes(*(tuple(dims) for dims in roles.values())))


def _terms(node: NodeProto) -> tuple[list[str], str] | None:
    """(letters of each operand, of the result), an ellipsis as one '.'; None if ill-formed."""
    text = next((a.s for a in node.attribute if a.name == "equation"), b"")
    equation = text.decode("utf-8", "replace").replace(" ", "").replace("...", MANY)
    left, arrow, result = equation.partition("->")
    operands = left.split(",")
    letters = left.replace(",", "")
    if len(operands) != len(node.input) or len(operands) < 2:
        return None
    if not arrow:  # implicit: the letters that come once, an ellipsis always
        once = (c for c in sorted(set(letters)) if c != MANY and letters.count(c) == 1)
        result = MANY * (MANY in letters) + "".join(once)
    if not all(c.isalpha() or c == MANY for c in letters + result):
        return None
    return operands, result


def _dims(own: str, rank: int) -> str | None:
    """The letter of each dim; None where one comes twice (a diagonal) or their number is wrong."""
    many = rank - (len(own) - 1)
    if MANY in own and many >= 0:
        own = own.replace(MANY, MANY * many)
    letters = own.replace(MANY, "")
    return own if len(own) == rank and len(set(letters)) == len(letters) else None


EINSUM = Row("", "Einsum", tuple(range(OPERANDS)), einsum)
