"""How much memory work may take when nobody says: a part of what this machine has left."""

from __future__ import annotations

import os

LEAST, FALLBACK = 256 << 20, 4 << 30  # bytes


def free() -> int:
    """Bytes that can be had without swapping; a guess where the system does not tell."""
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
