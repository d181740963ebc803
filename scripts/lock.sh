#!/bin/sh
# Resolves the dependencies for every platform and Python 3.11+, and records the hash of each file.
# No address of a registry is recorded: whoever installs uses the one his machine is set to.
# Arguments go to uv: `make lock ARGS=--upgrade`, `make lock ARGS="--upgrade-package fastapi"`.
set -eu
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header --no-emit-find-links --no-emit-index-url "$@"
}

compile "$@" requirements/build.in -o requirements/build.txt
compile "$@" requirements/assets.in -o requirements/assets.txt
compile "$@" pyproject.toml -o requirements/app.txt
compile "$@" -c requirements/app.txt -c requirements/build.txt pyproject.toml --group dev --group bench \
    -o requirements/dev.txt
