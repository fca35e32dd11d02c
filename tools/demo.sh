#!/bin/sh
# Open the window on the sample study; where there is no display, say so and draw pictures instead.
# What the demonstration keeps lies in demo-data, its pictures in demo-out: remove both at will.
set -eu
cd "$(dirname "$0")/.."
if [ "$(uname)" = Linux ] && [ -z "${DISPLAY:-}" ] && [ -z "${WAYLAND_DISPLAY:-}" ]; then
    echo "There is no display here: Knuckle works through the sample study unseen, pictures go to demo-out."
    QT_QPA_PLATFORM=offscreen exec .venv/bin/knuckle demo --headless --data demo-data --out demo-out
fi
exec .venv/bin/knuckle demo --data demo-data
