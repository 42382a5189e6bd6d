#!/bin/sh
# Write dist/renewd-VERSION.cdx.json: everything that is locked, with its license, as CycloneDX.
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' daemon/renewd/__init__.py)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv --without-pip "$work/venv"
$bin/uv pip install --quiet --python "$work/venv/bin/python" --require-hashes --no-deps -r packaging/lock/image.txt
$bin/cyclonedx-py environment "$work/venv/bin/python" --pyproject pyproject.toml --mc-type application \
    --output-reproducible --output-file "$work/components.json"
# The version is in the program, where cyclonedx-py does not look for it.
$bin/python - "$work/components.json" "dist/renewd-$version.cdx.json" "$version" <<'PY'
import json
import sys
from pathlib import Path

made, path, version = sys.argv[1:]
components = json.loads(Path(made).read_text("utf-8"))
components["metadata"]["component"]["version"] = version
Path(path).write_text(json.dumps(components, ensure_ascii=False, indent=2) + "\n", "utf-8")
PY
