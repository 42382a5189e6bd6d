"""Prints the lowest version of every dependency that pyproject.toml allows, as constraints for pip."""

import re
import tomllib
from pathlib import Path


def lowest(requirement: str) -> str:
    """Turn `babel>=2.14` into `babel==2.14`."""
    found = re.fullmatch(r"([A-Za-z0-9._-]+)>=([0-9.]+)(?:,.*)?", requirement)
    if found is None:
        raise SystemExit(f"no lower bound: {requirement}")
    return f"{found[1]}=={found[2]}"


def constraints(pyproject: Path) -> list[str]:
    """Give one line a dependency, of the program and of its tests."""
    read = tomllib.loads(pyproject.read_text("utf-8"))
    return [lowest(one) for one in (*read["project"]["dependencies"], *read["dependency-groups"]["test"])]


if __name__ == "__main__":
    print("\n".join(constraints(Path(__file__).parents[1] / "pyproject.toml")))
