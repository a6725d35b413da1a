#!/bin/sh
# Sets up everything in this checkout: system libraries where they are missing, .venv, the page.
#
#   sh viewer/setup.sh          to run Sparseview
#   sh viewer/setup.sh test     with the tools of the tests too
#
# Safe to run again: what is there already is left alone. Only Debian's and Ubuntu's packages are
# installed; elsewhere, or without root and sudo, it says what the window will miss and goes on.
set -eu
cd "$(dirname "$0")/.."
extra=${1:+[$1]}

say() { printf 'setup: %s\n' "$*" >&2; }

# retry COMMAND...: three times, because networks fail.
retry() {
  for pause in 3 10 0; do
    "$@" && return 0
    [ "$pause" = 0 ] || { say "that failed, trying again: $*"; sleep "$pause"; }
  done
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    say "this needs root, and there is no sudo: $*"
    return 1
  fi
}

# The packages whose library the loader does not know.
missing_packages() {
  known=$(/sbin/ldconfig -p 2>/dev/null || true)
  {
    cat viewer/sparseview/app/qt_libraries.txt
    # Playwright's own Node, which drives the window in tests.
    [ "$extra" != '[test]' ] || echo 'libatomic.so.1 libatomic1'
  } | while read -r library package; do
    case "$known" in *"$library "*) ;; *) printf '%s ' "$package" ;; esac
  done
}

# Newer releases renamed some packages: libasound2 is libasound2t64 there.
installable() {
  for package in "$@"; do
    candidate=$(apt-cache policy "$package" 2>/dev/null | sed -n 's/^  Candidate: //p')
    case "$candidate" in
      '' | '(none)') printf '%st64 ' "$package" ;;
      *) printf '%s ' "$package" ;;
    esac
  done
}

if [ "$(uname -s)" = Linux ] && command -v apt-get >/dev/null 2>&1; then
  packages=$(missing_packages)
  command -v python3 >/dev/null 2>&1 && python3 -c 'import ensurepip, venv' 2>/dev/null ||
    packages="$packages python3-venv"
  if [ -n "${packages# }" ]; then
    say "installing system packages: $packages"
    # shellcheck disable=SC2046,SC2086  # one word per package
    { retry as_root apt-get update -q &&
      retry as_root apt-get install -y -q --no-install-recommends $(installable $packages); } ||
      say "going on without them; Sparseview will use the browser and say what is missing"
  fi
fi

if ! .venv/bin/python -c '' 2>/dev/null; then
  say "making .venv"
  "${PYTHON:-python3}" -m venv --clear .venv
fi
.venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
  say "Python 3.10 or newer is needed; name one with PYTHON=python3.12 sh viewer/setup.sh"
  exit 1
}

# What was installed from, and whether the page is newer than its sources: then all is done.
stamp=.venv/.setup$extra
page=viewer/sparseview/static/.stamp
wanted=$(cat pyproject.toml viewer/hatch_build.py | cksum)
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && [ -f "$page" ] &&
  [ -z "$(find frontend -name node_modules -prune -o -type f -newer "$page" -print)" ]; then
  exit 0
fi
say "installing Sparseview into .venv and building its page"
retry .venv/bin/python -m pip install -q --disable-pip-version-check -e ".$extra"
printf '%s\n' "$wanted" >"$stamp"
