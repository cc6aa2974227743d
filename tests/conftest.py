"""Shared fixtures, and the rule that nothing fails silently."""

import importlib.util
import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("engine_rows")

DIVISOR = max(1, int(os.environ.get("ARROWTRAIL_RECORDS_DIVISOR", "1")))

settings.register_profile(
    "default",
    deadline=None,
    max_examples=max(5, 150 // DIVISOR),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("default")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """An exception in a destructor or callback is only printed; a test that prints one fails."""
    report = yield
    printed = report.capstdout + report.capstderr
    if report.passed and "Exception ignored" in printed:
        report.outcome, report.longrepr = "failed", f"{item.name} printed:\n{printed}"
    return report


@pytest.fixture(scope="session")
def native():
    """The compiled module; tests that need it are skipped until it is built, and fail in CI."""
    if importlib.util.find_spec("arrowtrail") is None or importlib.util.find_spec("arrowtrail._native") is None:
        if os.environ.get("CI"):
            pytest.fail("arrowtrail._native is not built")
        pytest.skip("arrowtrail._native is not built")
    from arrowtrail import _native

    return _native


@pytest.fixture
def engine_agrees(monkeypatch: pytest.MonkeyPatch, native):
    """Whatever the test asks the oracle, the engine must answer alike."""
    import oracle
    from engine_rows import assert_same, engine_rows, oracle_rows

    asked: list[tuple] = []
    read = oracle.read

    def watched(data: bytes, log_type: str | None = None, **options):
        asked.append((data, log_type, options))
        return read(data, log_type, **options)

    with monkeypatch.context() as patch:
        patch.setattr(oracle, "read", watched)
        yield
    for data, log_type, options in asked:
        options = {name: value for name, value in options.items() if name not in ("stream", "parse_time_us")}
        assert_same(engine_rows(data, log_type, **options), oracle_rows(data, log_type, **options))


def run_with_other_kernels(native: Any, file: str, tests: str, records: int) -> None:
    """Run the tests of a file in a process for each instruction set that simdjson did not choose."""
    others = [kernel for kernel in native.kernels() if kernel != native.kernel()]
    assert others, native.kernels()
    for kernel in others:
        counts = dict.fromkeys(("ARROWTRAIL_RECORDS", "ARROWTRAIL_TEXTS"), str(records))
        environment = {**os.environ, "SIMDJSON_FORCE_IMPLEMENTATION": kernel, **counts}
        code = f"from arrowtrail import _native; assert _native.kernel() == {kernel!r}, _native.kernel()"
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file, "-k", tests]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, f"{kernel}:\n{run.stdout[-5000:]}{run.stderr[-2000:]}"
