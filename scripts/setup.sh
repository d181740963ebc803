#!/bin/sh
# Makes .venv from the locks. Usage: setup.sh app|dev|assets. Every package is checked against its recorded hash.
set -eu
cd "$(dirname "$0")/.."
export UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1

venv=.venv
say() { printf '%s\n' "$*" >&2; }

# A python that is 3.11 or later; $PYTHON when given. Shims of version managers may exist and not work: try them.
find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.14 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    say "Python 3.11 or later is needed and was not found${PYTHON:+ as \"$PYTHON\"}."
    say "Install one (Debian: apt-get install python3 python3-venv), or name it: make setup PYTHON=/path/to/python3"
    exit 1
}

make_venv() {
    if [ -x $venv/bin/python ] && $venv/bin/python -c 'import pip' >/dev/null 2>&1; then
        return
    fi
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        say "$python has no venv module. Debian and Ubuntu ship it apart: apt-get install python$version-venv"
        exit 1
    fi
    rm -rf $venv
    "$python" -m venv $venv
}

# uv reads the same locks as pip and is many times faster; pip itself only fetches uv and the build backend.
install_uv() {
    $venv/bin/python -m pip install --quiet --no-input --require-hashes -r requirements/build.txt
}

case "${1:-app}" in
app)
    make_venv
    install_uv
    $venv/bin/uv pip install --quiet --python $venv/bin/python --require-hashes -r requirements/app.txt
    $venv/bin/uv pip install --quiet --python $venv/bin/python --no-deps --no-build-isolation -e .
    ;;
dev | assets)
    $venv/bin/uv pip install --quiet --python $venv/bin/python --require-hashes -r "requirements/$1.txt"
    ;;
*)
    say "usage: setup.sh app|dev|assets"
    exit 2
    ;;
esac
