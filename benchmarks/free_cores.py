"""Whether two cores are free. Those of a virtual machine may at any moment be the two threads of one core of its host,
or shared with strangers: then nothing runs twice as fast on both, and no clock inside the machine says why."""

from __future__ import annotations

import hashlib
import threading
import time

HASHES = 10_000  # some 5 ms
SLOWER = 1.1  # two cores at work may have a lower clock; the two threads of one core take 1.3 to 1.9 times as long


def _hash_s() -> float:
    """CPU seconds of work that only its core can slow: in registers, without the interpreter's lock."""
    begin = time.thread_time()
    hashlib.pbkdf2_hmac("sha512", b"free", b"cores", HASHES)
    return time.thread_time() - begin


class FreeCores:
    """Two threads at work take no longer than the fastest of `spins` that worked alone: both cores are free."""

    def __init__(self, spins: int = 300) -> None:
        self._alone_s = min(_hash_s() for _ in range(spins))

    def now(self) -> bool:
        took_s: list[float] = []
        other = threading.Thread(target=lambda: took_s.append(_hash_s()))
        other.start()
        took_s.append(_hash_s())
        other.join()
        return max(took_s) <= SLOWER * self._alone_s

    def wait(self, looks: int = 200) -> bool:
        """Look until they are free, a second or two at most; whether they are."""
        return any(self.now() for _ in range(looks))
