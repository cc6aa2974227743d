"""Several sources read at once by threads, their items given out in the order of the sources."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

__all__ = ["in_order"]

WAIT_SECONDS = 0.5
JOIN_SECONDS = 0.5


class Sized(Protocol):
    """An item that says how much memory it holds."""

    @property
    def size_bytes(self) -> int: ...


S = TypeVar("S")
T = TypeVar("T", bound=Sized)


def in_order(
    sources: Iterable[S], read: Callable[[S], Generator[T, None, None]], *, workers: int, queue_bytes: int
) -> Generator[T, None, None]:
    """The items of `read(source)`, source after source.

    Without workers everything happens in the caller's thread. Else that many threads read ahead, each a source
    at a time, until `queue_bytes` of items wait to be taken; an exception comes out where its source's items
    would. When the generator is closed the threads stop at their next item.
    """
    if not workers:
        for source in sources:
            yield from read(source)
        return
    crew = _Crew(iter(sources), read, queue_bytes)
    try:
        crew.start(workers)
        yield from crew.items()
    finally:
        crew.stop()


class _Job(Generic[T]):
    """One source's items that wait to be taken."""

    def __init__(self) -> None:
        self.items: deque[T] = deque()
        self.done = False
        self.error: BaseException | None = None


class _Crew(Generic[S, T]):
    """Threads that fill the jobs, of which the first is being emptied.

    One lock guards everything. Who empties waits for `filled`, who fills for `emptied`.
    """

    def __init__(self, sources: Iterator[S], read: Callable[[S], Generator[T, None, None]], queue_bytes: int) -> None:
        self.sources = sources
        self.read = read
        self.room = queue_bytes
        self.jobs: deque[_Job[T]] = deque()
        self.all_begun = False
        self.stopped = False
        self.lock = threading.Lock()
        self.filled = threading.Condition(self.lock)
        self.emptied = threading.Condition(self.lock)
        self.threads: list[threading.Thread] = []

    def start(self, workers: int) -> None:
        for number in range(workers):
            thread = threading.Thread(target=self._work, name=f"arrowtrail-{number}", daemon=True)
            self.threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Tell the threads to stop and wait a moment; one that waits for input ends with the input."""
        with self.lock:
            self.stopped = True
            self.jobs.clear()
            self.emptied.notify_all()
        for thread in self.threads:
            thread.join(JOIN_SECONDS)

    def items(self) -> Iterator[T]:
        while True:
            with self.lock:
                while not self._can_take():
                    # With a time limit, since some systems deliver Ctrl-C only when a wait ends.
                    self.filled.wait(WAIT_SECONDS)
                if not self.jobs:
                    return
                job = self.jobs[0]
                if not job.items:
                    self.jobs.popleft()
                    self.emptied.notify_all()
                    if job.error is not None:
                        raise job.error
                    continue
                item = job.items.popleft()
                self.room += item.size_bytes
                self.emptied.notify_all()
            yield item

    def _can_take(self) -> bool:
        if not self.jobs:
            return self.all_begun
        return bool(self.jobs[0].items) or self.jobs[0].done

    def _work(self) -> None:
        while (begun := self._begin()) is not None:
            job, source = begun
            error: BaseException | None = None
            try:
                items = self.read(source)
                for item in items:
                    if not self._put(job, item):
                        items.close()
                        break
            except BaseException as caught:
                error = caught
            with self.lock:
                job.error, job.done = error, True
                self._say_filled(job)

    def _begin(self) -> tuple[_Job[T], S] | None:
        """The next source and its job, in order; None when there is none, or an error stands in its place."""
        with self.lock:
            if self.all_begun or self.stopped:
                return None
            job: _Job[T] = _Job()
            try:
                source = next(self.sources)
            except StopIteration:
                self.all_begun = True
            except BaseException as error:
                job.error, job.done, self.all_begun = error, True, True
                self.jobs.append(job)
            else:
                self.jobs.append(job)
                return job, source
            self.filled.notify()
            return None

    def _put(self, job: _Job[T], item: T) -> bool:
        """Hand an item over once there is room (the first job always has some for one); False: stop."""
        with self.lock:
            while not self.stopped and self.room <= 0 and not (self.jobs[0] is job and not job.items):
                self.emptied.wait()
            if self.stopped:
                return False
            job.items.append(item)
            self.room -= item.size_bytes
            self._say_filled(job)
            return True

    def _say_filled(self, job: _Job[T]) -> None:
        """Only the first job is waited for."""
        if self.jobs and self.jobs[0] is job:
            self.filled.notify()
