#!/bin/sh
# List the licenses of everything locked, and fail where a vulnerability is known or the server cannot be asked.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/tools"
"$work/tools/bin/python" -m pip install --quiet --disable-pip-version-check pip-audit pip-licenses
"${PYTHON:-python3}" -m venv --without-pip "$work/locked"
if ! .venv/bin/uv pip install --quiet --python "$work/locked/bin/python" --no-deps --require-hashes -r packaging/lock/image.txt; then
    echo "not audited: the packages cannot be installed" >&2
    exit 1
fi
"$work/tools/bin/pip-licenses" --python="$work/locked/bin/python" --order=license
# --strict: a package that could not be looked up is a failure, not a pass.
if "$work/tools/bin/pip-audit" --strict --path "$(echo "$work"/locked/lib/python3*/site-packages)" 2> "$work/errors"; then
    exit 0
fi
cat "$work/errors" >&2
if grep -q -e "could not be audited" -e "ConnectionError" "$work/errors"; then
    echo "not audited: the server that knows the vulnerabilities cannot be reached" >&2
else
    echo "audited, with findings: see above" >&2
fi
exit 1
