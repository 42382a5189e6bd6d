#!/bin/sh
# Write the locked dependencies: one file for renewd alone, one for each extra, one for the .deb and the image.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}

lock() { # FILE OPTIONS...
    file=packaging/lock/$1.txt
    shift
    "$uv" pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
        --no-emit-index-url --output-file "$file" "$@"
}

lock renewd pyproject.toml
for extra in $("${PYTHON:-python3}" -c '
import tomllib
print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"])'); do
    lock "$extra" --extra "$extra" pyproject.toml
done
# psycopg without its compiled part uses the libpq5 of the system: so the package is the same on every processor.
printf 'psycopg\n' > packaging/lock/psycopg.in
lock package $("${PYTHON:-python3}" -c '
import tomllib
left_out = ("postgres", "apprise", "encrypt")
print(*(f"--extra={name}" for name in tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"] if name not in left_out))') packaging/lock/psycopg.in pyproject.toml
rm packaging/lock/psycopg.in
lock image --all-extras pyproject.toml
lock build --group build
