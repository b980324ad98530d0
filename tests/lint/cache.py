# SPDX-License-Identifier: Apache-2.0
"""Remembers, by content, which files passed a check, so that a second run looks only at what changed."""

import hashlib
from pathlib import Path


class Cache:
    """A set of hashes in build/lint/<name>; `salt` is what else the verdict depends on."""

    def __init__(self, root: Path, name: str, salt: str = ""):
        self.path = root / "build" / "lint" / name
        self.salt = salt
        self.known = set(self.path.read_text().split()) if self.path.exists() else set()
        self.used = set()

    def key(self, text: str) -> str:
        return hashlib.sha256((self.salt + text).encode()).hexdigest()

    def has(self, key: str) -> bool:
        if key in self.known:
            self.used.add(key)
        return key in self.known

    def add(self, key: str) -> None:
        self.used.add(key)

    def save(self) -> None:
        """Keeps only what this run asked for: the cache does not grow."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("\n".join(sorted(self.used)))
