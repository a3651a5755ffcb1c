#!/usr/bin/env bash
# Builds the unchanged Dockerfile without a Docker engine and runs the result the way docker-compose.yml does: read-only,
# as uid 10001, without capabilities. The base image is a stand-in with the same name, made of Debian's packages and a
# Node binary of the same version. Needs root, and: apt-get install buildah mmdebstrap bubblewrap
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in buildah mmdebstrap bwrap; do
  command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed (apt-get install buildah mmdebstrap bubblewrap)"; exit 0; }
done
[ "$(id -u)" = 0 ] || { echo 'skipped: needs root'; exit 0; }

work=$(mktemp -d)
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
export CONTAINERS_STORAGE_CONF="$work/storage.conf"
printf '[storage]\ndriver = "vfs"\nrunroot = "%s/run"\ngraphroot = "%s/graph"\n' "$work" "$work" > "$CONTAINERS_STORAGE_CONF"
server=''
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  buildah umount --all >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

base=$(sed -n 's/^FROM \(node:[^ ]*\) AS build$/\1/p' Dockerfile)
node=$(node scripts/node24.mjs)
[ "node:$("$node" -p process.versions.node)-bookworm-slim" = "$base" ] || { echo "scripts/node24.mjs and the Dockerfile name different versions"; exit 1; }
npm=$(dirname "$(readlink -f "$(command -v npm)")")/..

echo "== a stand-in for $base"
mmdebstrap --quiet --variant=essential --include=ca-certificates,libstdc++6 bookworm "$work/rootfs.tar"
c=$(buildah from scratch)
buildah add -q "$c" "$work/rootfs.tar" / >/dev/null
buildah copy -q "$c" "$node" /usr/local/bin/node >/dev/null
buildah copy -q "$c" "$npm" /usr/local/lib/node_modules/npm >/dev/null
buildah run "$c" -- ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
# Where this machine's npm gets its packages from, and whom it trusts; both end with the stand-in.
buildah config --env "npm_config_registry=$(npm config get registry)" "$c"
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
  buildah copy -q "$c" "$NODE_EXTRA_CA_CERTS" /etc/stand-in-ca.pem >/dev/null
  buildah config --env NODE_EXTRA_CA_CERTS=/etc/stand-in-ca.pem "$c"
fi
buildah commit -q "$c" "docker.io/library/$base" >/dev/null
buildah rm "$c" >/dev/null

echo '== build'
time buildah bud --quiet --pull-never --format docker --tag omie-mcp-hub:check . >/dev/null
buildah inspect --type image omie-mcp-hub:check > "$work/image.json"
node - "$work/image.json" <<'JS'
const { config } = JSON.parse(require('node:fs').readFileSync(process.argv[2], 'utf8')).Docker;
const { User, Entrypoint, Cmd, Healthcheck, StopSignal } = config;
console.log(JSON.stringify({ User, Entrypoint, Cmd, StopSignal, Healthcheck: Healthcheck?.Test?.slice(0, 2) }));
JS

echo '== run: read-only, uid 10001, no capabilities, no new privileges'
c=$(buildah from --pull-never omie-mcp-hub:check)
root=$(buildah mount "$c")
du -sh "$root/app" | sed "s|$root||"
echo "files of /app that uid 10001 may write to: $(find "$root/app" ! -type l \( ! -uid 0 -o -perm /022 \) | wc -l)"
mkdir -p "$work/secrets"
port=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
omie=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
run() {
  bwrap --ro-bind "$root" / --proc /proc --dev /dev --tmpfs /tmp --tmpfs /run --perms 0755 --dir /run/secrets --ro-bind "$work/secrets" /run/secrets/hub \
    --unshare-pid --unshare-ipc --unshare-uts --die-with-parent --cap-drop ALL --cap-add CAP_SETUID --cap-add CAP_SETGID \
    --cap-add CAP_SETPCAP \
    --clearenv --setenv PATH /usr/local/bin:/usr/bin:/bin --setenv NODE_ENV production --setenv MCP_HOST 0.0.0.0 \
    --setenv MCP_PORT "$port" --setenv CREDENTIALS_FILE /run/secrets/hub/credentials.json \
    --setenv MCP_AUTH_TOKEN_FILE /run/secrets/hub/auth_token --setenv OMIE_BASE_URL "http://127.0.0.1:$omie/api/v1/" \
    --chdir /app -- setpriv --reuid 10001 --regid 10001 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs -- "$@"
}
node dist/main.js simulate --port "$omie" --credentials-out "$work/secrets/credentials.json" >/dev/null 2>&1 &
simulator=$!
trap 'kill $simulator 2>/dev/null || true; cleanup' EXIT
for _ in $(seq 100); do [ -s "$work/secrets/credentials.json" ] && break; sleep 0.1; done
echo 'token-of-this-check-only' > "$work/secrets/auth_token"
chown -R 10001:10001 "$work/secrets"; chmod 0755 "$work"
run grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs)' /proc/self/status
run sh -c 'touch /app/x 2>&1 || true; touch /var/lib/omie-mcp-hub/x 2>&1 || true'
run node /app/dist/main.js serve --transports sse,http 2> "$work/log" &
server=$!
health=$(node -e "console.log(JSON.parse(process.argv[1])[3])" "$(node -p 'JSON.stringify(JSON.parse(require("fs").readFileSync(process.argv[1])).Docker.config.Healthcheck.Test)' "$work/image.json")")
for _ in $(seq 50); do run node -e "$health" && break; sleep 0.2; done
run node -e "$health" && echo 'the HEALTHCHECK of the image says: healthy'
run node /app/dist/main.js report --url "http://127.0.0.1:$port/mcp" --json | node -e 'let t="";process.stdin.on("data",(d)=>t+=d).on("end",()=>console.log("report over", JSON.parse(t).empresas.length, "companies"))'
kill -TERM "$(pgrep -n -u 10001 -f '^node /app/dist/main.js serve')"
wait "$server" && echo 'SIGTERM: exit 0'
server=''
