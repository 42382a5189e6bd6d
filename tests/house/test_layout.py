"""How the code is laid out: sizes, names, and which test may import what."""

from __future__ import annotations

import ast
import builtins
import re
import tomllib
from collections import defaultdict
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "daemon" / "renewd"
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
NAMES_OF_TESTS = {test.stem for test in TESTS}

MOST_LINES, MOST_LINES_OF_A_FUNCTION, MOST_ENTRIES = 400, 50, 20

DRAWERS = {"base", "common", "core", "helpers", "manager", "misc", "types", "util", "utils"}
NO_BEGINNING = {"Get", "Gets", "Give", "Gives", "Helper", "Returns", "This", "Yields"}

# A command or a stage has the name of what it is about.
NAMED_AFTER = {"agenda.py", "carriers.py", "due.py", "undo.py"}

pytestmark = pytest.mark.checkout


@cache
def modules() -> dict[str, list[ast.AST]]:
    """Return every node of each module."""
    return {
        file.relative_to(PACKAGE).as_posix(): list(ast.walk(ast.parse(file.read_bytes())))
        for file in PACKAGE.rglob("*.py")
    }


def test_no_file_is_long() -> None:
    lines = {name: len((PACKAGE / name).read_bytes().splitlines()) for name in modules()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_no_function_is_long() -> None:
    functions = {
        f"{name}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for name, nodes in modules().items()
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: count for name, count in functions.items() if count > MOST_LINES_OF_A_FUNCTION} == {}


def test_a_class_name_stands_once() -> None:
    places = defaultdict(list)
    for name, nodes in modules().items():
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(name)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_a_file_name_stands_once() -> None:
    places = defaultdict(list)
    for name in modules():
        places[Path(name).name].append(name)
    twice = {name: found for name, found in places.items() if len(found) > 1 and name != "__init__.py"}
    assert twice.keys() == NAMED_AFTER, twice


def test_no_module_is_a_drawer_or_a_manager() -> None:
    classes = {node.name for nodes in modules().values() for node in nodes if isinstance(node, ast.ClassDef)}
    assert [name for name in modules() if Path(name).stem in DRAWERS] == []
    assert [name for name in classes if name.endswith(("Manager", "Helper", "Handler", "Util", "Utils"))] == [
        "JournalHandler"
    ]


def test_no_module_hides_a_builtin_from_its_package() -> None:
    """Once `cli/next.py` is imported, `next` in `cli/__init__.py` is that module."""
    hidden = {
        f"{Path(name).parent}/{node.id}.py"
        for name, nodes in modules().items()
        if name.endswith("__init__.py")
        for node in nodes
        if isinstance(node, ast.Name)
        and hasattr(builtins, node.id)
        and f"{Path(name).parent}/{node.id}.py" in modules()
    }
    assert hidden == set()


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports within functions count, those for types alone do not."""
    names = {f"renewd.{name.removesuffix('.py').replace('/', '.')}".removesuffix(".__init__") for name in modules()}
    imports = {}
    for name, nodes in modules().items():
        module = f"renewd.{name.removesuffix('.py').replace('/', '.')}".removesuffix(".__init__")
        for_types = {
            node
            for guard in nodes
            if isinstance(guard, ast.If) and ast.unparse(guard.test) == "TYPE_CHECKING"
            for node in ast.walk(guard)
        }
        imports[module] = {
            full if (full := f"{node.module}.{alias.name}") in names else node.module
            for node in nodes
            if isinstance(node, ast.ImportFrom) and node.module in names and node not in for_types
            for alias in node.names
        } - {module}
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the modules


def test_a_docstring_begins_with_what_it_is_or_does() -> None:
    first = {
        f"{name}:{node.lineno} {node.name}": docstring.split()[0]
        for name, nodes in modules().items()
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and (docstring := ast.get_docstring(node))
    }
    assert {place: word for place, word in first.items() if word in NO_BEGINNING} == {}


def test_the_package_has_few_entries_and_contributing_shows_each() -> None:
    entries = {entry.name.removesuffix(".py") for entry in PACKAGE.iterdir()} - {"__pycache__"}
    assert len(entries) <= MOST_ENTRIES
    house = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("daemon/renewd/\n")[1].split("\ntemplates/")[0]
    assert set(re.findall(r"(?<!\S)\w+(?=/ |\.py\b)", house)) == entries - {"__init__", "__main__"}


def test_contributing_shows_the_layers_that_are_checked() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][0]
    layers = "\n".join(contract["layers"])
    assert f"```\n{layers}\n```" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@pytest.mark.parametrize("module", TESTS, ids=lambda module: module.relative_to(ROOT / "tests").as_posix())
def test_no_test_module_imports_another(module: Path) -> None:
    imported = set()
    source = module.read_text("utf-8")
    for node in ast.walk(ast.parse(source)) if NAMES_OF_TESTS.intersection(re.findall(r"\w+", source)) else ():
        if isinstance(node, ast.ImportFrom):
            imported |= {node.module or "", *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    others = {name for name in imported if name.rpartition(".")[2] in NAMES_OF_TESTS}
    assert others == set()


def test_each_thing_to_add_by_contributing_is_added_by_a_test() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## To add\n")[1].split("\n### ")[0]
    things = {
        thing.split(" of ")[0].replace(" ", "_") for thing in re.findall(r"^\| an? (.+?) \|", table, re.MULTILINE)
    }
    followed = {re.sub(r"^test_add_an?_", "", test.stem) for test in TESTS if test.match("house/test_add_*")}
    assert things == followed
