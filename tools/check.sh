#!/bin/sh
# Style and types, and with `check.sh all` every test as well, without a screen.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
[ "${1:-}" = all ] || exit 0
export QT_QPA_PLATFORM=offscreen
exec .venv/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadgroup
