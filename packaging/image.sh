#!/bin/sh
# Build the image `renewd` from Containerfile, with the engine that is here: docker, podman, or buildah without one.
set -eu
cd "$(dirname "$0")/.."
if docker info > /dev/null 2>&1; then
    exec docker build -f Containerfile -t renewd .
elif command -v podman > /dev/null; then
    exec podman build --format docker -t renewd .
elif command -v buildah > /dev/null; then
    exec buildah bud --format docker -t renewd .
fi
echo "docker, podman or buildah is needed" >&2
exit 1
