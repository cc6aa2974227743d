"""Shared fixtures, and the rule that nothing fails silently."""

import importlib.util
import os

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
