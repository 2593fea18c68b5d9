#!/usr/bin/env bash
# Takes the Dockerfile's steps without Docker: builds /opt/receiver in a temporary root as the first stage does, then
# runs it as the image does (another user, a read-only root, a volume at /data) and asks it for a delivery's 200.
# Needs Linux, root, a Python that every user may run (PYTHON), with venv and pip, redis-server, and the package registry. Not run: the base image, apt-get, tini.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
place=$(mktemp -d -p /var/tmp)  # not in /tmp, which is covered below
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true; umount "$place/data" 2>/dev/null || true; rm -rf "$place"' EXIT
chmod 755 "$place"
user=65534  # nobody
secret=a-secret-for-the-image

mkdir "$place/src" "$place/data"
# What .dockerignore lets through, by the names in the Dockerfile's COPY lines.
for path in $(sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' Dockerfile); do
  mkdir -p "$place/src/$(dirname "$path")"
  cp -r "$path" "$place/src/$(dirname "$path")/"
done
cd "$place/src"
echo "build: venv, pip install --require-hashes, the project" >&2
"$python" -m venv --without-pip "$place/receiver"
# The lines of the Dockerfile, with this place for /opt/receiver.
sed -n 's/^RUN pip \(.*\)$/\1/p' "$OLDPWD/Dockerfile" | while read -r arguments; do
  # shellcheck disable=SC2086 - words are wanted
  "$python" -m pip --quiet --no-input --disable-pip-version-check ${arguments//\/opt\/receiver/$place/receiver}
done
du -sh "$place/receiver" >&2

chown "$user:$user" "$place/data"
chmod 700 "$place/data"
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
echo "run: as user $user, everything read-only but /data and /tmp" >&2
# shellcheck disable=SC2016 - expanded inside
unshare --mount bash -euc '
  mount --make-rprivate /
  mount --bind "$1/data" "$1/data"
  mount -t tmpfs tmpfs /tmp
  cd "$1/receiver"
  mount -o remount,bind,ro /
  exec setpriv --reuid="$2" --regid="$2" --clear-groups --no-new-privs --bounding-set=-all \
    env -i PATH="$1/receiver/bin:/usr/bin:/bin" PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT="$3" DATA_DIR="$1/data" \
    INBOUNDFLOW_SIGNING_SECRET="$4" receiver up
' - "$place" "$user" "$port" "$secret" &
pid=$!

for _ in $(seq 100); do
  env -i PORT="$port" "$place/receiver/bin/python" -c 'import os, urllib.request as u; u.urlopen("http://127.0.0.1:%s/healthz" % os.environ["PORT"], timeout=4)' 2>/dev/null && break
  sleep 0.2
done
"$place/receiver/bin/mock-sender" call --to "http://127.0.0.1:$port/webhooks/inboundflow" --secret "$secret"
kill -TERM "$pid"
wait "$pid"
pid=
echo "ended with 0 after SIGTERM" >&2
ls -l "$place/data" >&2
