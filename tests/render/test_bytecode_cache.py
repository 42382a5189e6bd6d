"""The compiled templates: where they are kept, and what is not taken from there."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from renewd.i18n import TEMPLATES
from renewd.render.bytecode_cache import CompiledTemplates, cache_folder


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"STATE_DIRECTORY": "/var/lib/renewd", "HOME": "/"}, "/var/lib/renewd/compiled-templates"),
        ({"XDG_CACHE_HOME": "/c", "HOME": "/home/me"}, "/c/renewd"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/home/me"}, "/home/me/.cache/renewd"),
        ({}, "/.cache/renewd"),
    ],
)
def test_the_folder_is_never_the_package(environment: dict[str, str], folder: str) -> None:
    assert cache_folder(environment) == Path(folder)
    assert not cache_folder(environment).is_relative_to(TEMPLATES)


def say(folder: Path, settings: Path, source: str = "one") -> str:
    """Render one template of a new environment that keeps its code in `folder`."""
    cache = CompiledTemplates(folder, settings)
    return (
        Environment(loader=DictLoader({"a": source}), bytecode_cache=cache, autoescape=True).get_template("a").render()
    )


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "settings.py"
    file.touch()
    return file


def test_code_is_taken_from_a_private_folder_and_only_for_the_same_source(tmp_path: Path, settings: Path) -> None:
    folder = tmp_path / "cache"
    assert say(folder, settings) == "one"
    [file] = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    file.write_bytes(file.read_bytes().replace(b"one", b"two"))
    assert say(folder, settings) == "two"
    assert say(folder, settings, "three") == "three"
    assert list(folder.iterdir()) == [file]


def test_code_in_a_folder_that_others_can_write_is_not_run(tmp_path: Path, settings: Path) -> None:
    folder = tmp_path / "cache"
    say(folder, settings)
    [file] = folder.iterdir()
    file.write_bytes(file.read_bytes().replace(b"one", b"two"))
    folder.chmod(0o777)
    assert say(folder, settings) == "one"


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_broken_file_is_compiled_again(tmp_path: Path, settings: Path, content: bytes) -> None:
    folder = tmp_path / "cache"
    say(folder, settings)
    [file] = folder.iterdir()
    file.write_bytes(content)
    assert say(folder, settings) == "one"
    assert file.read_bytes() != content


def test_templates_are_compiled_where_nothing_can_be_kept(tmp_path: Path, settings: Path) -> None:
    (tmp_path / "file").touch()
    assert say(tmp_path / "file" / "cache", settings) == "one"
