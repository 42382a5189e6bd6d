"""Prints the lowest version of every dependency that pyproject.toml allows the program, as constraints for pip."""

import re
import tomllib
from itertools import chain
from pathlib import Path


def lowest(requirement: str) -> str:
    """Turn `babel>=2.14` into `babel==2.14`."""
    found = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[a-z]+\])?>=([0-9.]+)(?:,.*)?", requirement)
    if found is None:
        raise SystemExit(f"no lower bound: {requirement}")
    return f"{found[1]}=={found[2]}"


def constraints(pyproject: Path) -> list[str]:
    """Return one line a dependency of the program; the tests' own are not what users run with."""
    read = tomllib.loads(pyproject.read_text("utf-8"))
    project = read["project"]
    extras = project.get("optional-dependencies", {}).values()
    return [lowest(one) for one in dict.fromkeys([*project["dependencies"], *chain.from_iterable(extras)])]


if __name__ == "__main__":
    print("\n".join(constraints(Path(__file__).parents[1] / "pyproject.toml")))
