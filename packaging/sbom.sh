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
    --output-reproducible --output-file "dist/renewd-$version.cdx.json"
