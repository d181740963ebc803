#!/bin/sh
# Makes sure that a Chromium can be started, and prints its path. Installs the system's own when we may.
set -eu

find_chromium() {
    for name in "${SNP_CHROMIUM:-}" chromium chromium-headless-shell chromium-browser google-chrome; do
        if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

if find_chromium; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -q >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium >&2
    find_chromium
    exit 0
fi
printf '%s\n' "Chromium is missing: install it (Debian: apt-get install chromium), or name one in SNP_CHROMIUM." >&2
exit 1
