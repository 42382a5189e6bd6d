#!/bin/sh
# List the licenses of everything locked, and fail where a vulnerability is known or the server cannot be asked.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check pip-audit pip-licenses
if ! .venv/bin/uv pip install --quiet --python "$work/venv/bin/python" --no-deps --require-hashes -r packaging/lock/image.txt; then
    echo "not audited: the packages cannot be installed" >&2
    exit 1
fi
"$work/venv/bin/pip-licenses" --order=license
# --strict: a package that could not be looked up is a failure, not a pass.
"$work/venv/bin/pip-audit" --strict --local || {
    echo "not audited, or not without findings: see above" >&2
    exit 1
}
