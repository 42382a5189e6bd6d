#!/bin/sh
# Make the tree of /usr/lib/renewd in DIR: the wheel in dist/ and all locked dependencies, pure Python only.
# usage: packaging/tree.sh DIR
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
tree=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# MarkupSafe has no pure wheel. Without a compiler its setup falls back to Python.
"$python" - "$work" <<'PY'
import re
import sys
from pathlib import Path

wheels, sources = [], []
for requirement in re.split(r"\n(?=\S)", Path("packaging/lock/package.txt").read_text()):
    (sources if requirement.startswith("markupsafe") else wheels).append(requirement)
Path(sys.argv[1], "wheels.txt").write_text("\n".join(wheels) + "\n")
Path(sys.argv[1], "sources.txt").write_text("\n".join(sources) + "\n")
PY
pip="$python -m pip --disable-pip-version-check --quiet"
$pip download --no-deps --only-binary :all: --platform any --implementation py --abi none --python-version 3.11 \
    --require-hashes -r "$work/wheels.txt" -d "$work/wheels"
$pip download --no-deps --no-binary :all: --require-hashes -r "$work/sources.txt" -d "$work/sources"
CC=/bin/false $pip wheel --no-deps -w "$work/wheels" "$work"/sources/*

rm -rf "$tree"
$pip install --no-index --no-deps --no-compile --target "$tree" "$work"/wheels/*.whl dist/renewd-*.whl

# What nothing here reads.
rm -rf "$tree/bin" "$tree/icalendar/tests"
find "$tree" -name RECORD -path '*.dist-info/*' -delete # it lists files that are gone
find "$tree" -name direct_url.json -delete # it names the folder of the build
find "$tree" -name __pycache__ -type d -prune -exec rm -rf {} +
