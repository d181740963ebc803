#!/bin/sh
# Makes sure that a PgBouncer can be started, and prints its path. Installs the system's own when we may: the tests
# start the binary themselves, so the service of the package is not started.
set -eu

find_pgbouncer() {
    for name in "${SNP_PGBOUNCER:-}" pgbouncer /usr/sbin/pgbouncer; do
        if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

if find_pgbouncer; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    apt-get update -q >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends pgbouncer >&2
    find_pgbouncer
    exit 0
fi
printf '%s\n' "PgBouncer is missing: install it (Debian: apt-get install pgbouncer), or name one in SNP_PGBOUNCER." >&2
exit 1
