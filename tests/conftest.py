"""What every test shares."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import inspect
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import golden_files
from loop_without_threads import run_without_threads

settings.register_profile("renewd", deadline=None)
settings.load_profile("renewd")

_LONGEST = 60.0  # seconds that a test which waits for others may take


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that accepts changed golden files."""
    parser.addoption("--update-golden", action="store_true", help="write changed golden files instead of failing")


def pytest_configure(config: pytest.Config) -> None:
    """Tell the golden files whether they are to be written, and collect garbage seldom: memory is not scarce here."""
    golden_files.update = config.getoption("--update-golden")
    gc.set_threshold(1_000_000, 20)


class _FromOwnShare(pytest.Dir):
    """A folder that each worker reads from another place on: then no two compile the same module."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        found = list(super().collect())
        number, workers = int(os.environ["PYTEST_XDIST_WORKER"][2:]), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        first = found[len(found) * number // workers].path if found else self.path
        return sorted(found, key=lambda one: one.path < first)


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Let each worker begin with another share of a folder."""
    return _FromOwnShare.from_parent(parent, path=path) if "PYTEST_XDIST_WORKER" in os.environ else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long tests, so that no core waits for one of them at the end; all workers have the same order."""
    items.sort(key=lambda item: (item.get_closest_marker("long") is None, item.path))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Let the garbage collector pass over the thousands of tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _disk_without_power_cuts() -> Iterator[None]:
    """Let no test wait for the disk: only a power cut would show it, which tests of the order of writes look at themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _descriptor: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_templates_of_its_own(pytestconfig: pytest.Config) -> Iterator[None]:
    """Keep compiled templates beside pytest's own cache, and leave the user's cache folder alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(pytestconfig.rootpath / ".pytest_cache"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_round_of_the_slow_hash() -> Iterator[None]:
    """Let no test take 40 ms to make the secret of a channel hard to guess; a test of the hash itself puts it back."""

    def fast(name: str, secret: bytes, settings: bytes, _rounds: int, length: int) -> bytes:
        return hashlib.pbkdf2_hmac(name, secret, settings, 1, length)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("renewd.channels.stamp.pbkdf2_hmac", fast)
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return three workers for two cores: some tests wait for a process, and each worker collects every test."""
    cores = os.cpu_count() or 1
    return cores + (cores + 1) // 2


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine in a loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    given = {name: value for name, value in pyfuncitem.funcargs.items() if name in names}

    async def bounded() -> None:
        async with asyncio.timeout(_LONGEST):
            await pyfuncitem.obj(**given)

    if pyfuncitem.get_closest_marker("in_memory"):
        run_without_threads(bounded())
    elif pyfuncitem.get_closest_marker("one_thread"):
        run_without_threads(bounded(), sockets=True)
    else:
        asyncio.run(bounded())
    return True
