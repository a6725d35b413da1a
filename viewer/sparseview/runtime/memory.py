"""How much memory work may take when nobody says: a part of what this machine has left."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

LEAST, FALLBACK = 256 << 20, 4 << 30  # bytes
T = TypeVar("T")
# What a container may take, and takes: the two versions of Linux's control groups.
GROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)
FILES = ("inactive_file", "active_file")


def free() -> int:
    """Bytes that can be had without swapping; a guess where the system does not tell."""
    return min([_of_machine(), *_of_container()])


def _of_container() -> Iterator[int]:
    """What a container's limit leaves, where there is one."""
    for most, now in GROUPS:
        try:
            with open(most, encoding="ascii") as limit, open(now, encoding="ascii") as used:
                left = int(limit.read()) - int(used.read())
        except (OSError, ValueError):  # no such group, or no limit: "max"
            continue
        yield max(left + _cached(os.path.dirname(most)), 0)


def _cached(group: str) -> int:
    """Bytes of files that a group's use counts and that go when others want them: above all those
    of the model that was read."""
    try:
        with open(os.path.join(group, "memory.stat"), encoding="ascii") as file:
            told = {name: int(count) for name, count in map(str.split, file)}
    except (OSError, ValueError):
        return 0
    # The first version tells of the groups inside apart.
    return sum(told.get(f"total_{kind}", told.get(kind, 0)) for kind in FILES)


def _of_machine() -> int:
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) << 10
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, OSError, ValueError):
        return FALLBACK


def budget(asked: int | None) -> int:
    """What may be taken: as asked, else half of what is free."""
    return max(LEAST, free() // 2) if asked is None else asked


def limit(asked: int | None) -> int:
    """Beyond what work is refused: as asked, else all that is free."""
    return max(LEAST, free()) if asked is None else asked


def lots(items: Iterable[T], size: Callable[[T], int], most: int) -> Iterator[list[T]]:
    """Items in order, as many at a time as take `most` bytes; what takes more goes alone."""
    lot: list[T] = []
    used = 0
    for item in items:
        more = size(item)
        if lot and used + more > most:
            yield lot
            lot, used = [], 0
        lot.append(item)
        used += more
    if lot:
        yield lot
