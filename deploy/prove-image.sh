#!/usr/bin/env bash
# Carries out the Dockerfile without a container engine, in fresh Debian roots, and tries what an image must do.
#
#   deploy/prove-image.sh [CACHE]
#
# CACHE is a folder that keeps the bare Debian root for the next time. Needs root, debootstrap, iproute2 and npm. The
# base image is made here: Debian by debootstrap, Node from npm's package of it at the version of the Dockerfile.
# Mounts live in namespaces of their own and end with their processes; folders are removed however this ends.
set -euo pipefail
usage='usage: deploy/prove-image.sh [CACHE]'
case ${1:-} in
  -h | --help) echo "$usage" && exit 0 ;;
  -*) echo "$usage" >&2 && exit 64 ;;
esac
[ $# -le 1 ] || { echo "$usage" >&2 && exit 64; }
cd "$(dirname "$0")/.."

work=$(mktemp -d)
cache=${1:-$work/cache}
container=
failures=0

clean_up() {
  [ -z "$container" ] || kill -KILL "$container" 2>/dev/null || true
  # Were a mount left inside, this would empty what is mounted.
  if grep -q " $work" /proc/self/mounts; then echo "still mounted below $work: not removed"; else rm -rf "$work"; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

say() { echo "== $*"; }
check() {
  local what=$1
  shift
  if "$@" >"$work/check.log" 2>&1; then echo "ok   $what"; else
    failures=$((failures + 1))
    echo "FAIL $what"
    sed 's/^/     /' "$work/check.log"
  fi
}
refuse() { ! "$@"; }

# --- The Dockerfile: comments dropped, continued lines joined, one instruction a line.
instructions() { sed -e '/^[[:space:]]*#/d' Dockerfile | sed -e ':a' -e '/\\$/N' -e 's/\\\n[[:space:]]*/ /' -e 'ta' | sed '/^[[:space:]]*$/d'; }
base_image=$(instructions | sed -n 's/^FROM \([^ ]*\).*/\1/p' | sort -u)
if ! [[ $base_image =~ ^node:([0-9.]+)-([a-z]+)-slim(@sha256:[0-9a-f]+)?$ ]]; then
  echo "the base is not one node:<version>-<suite>-slim: $base_image"
  exit 1
fi
node_version=${BASH_REMATCH[1]}
suite=${BASH_REMATCH[2]}

# --- What .dockerignore lets into the build: `*`, then the names that it takes back.
make_context() {
  grep -qx '\*' .dockerignore || { echo '.dockerignore does not begin with everything'; exit 1; }
  mkdir "$work/context"
  local name
  while read -r name; do cp -a "$name" "$work/context/"; done < <(sed -n 's/^!//p' .dockerignore)
}

# --- The base image.
make_debian() {
  local root=$cache/debian-$suite
  if [ ! -e "$root.complete" ]; then
    say "debootstrap $suite"
    rm -rf "$root"
    mkdir -p "$cache"
    # Node links to libatomic, which the official image has as well.
    debootstrap --variant=minbase --include=libatomic1 "$suite" "$root" >"$work/debootstrap.log" 2>&1 ||
      { tail -5 "$work/debootstrap.log"; exit 1; }
    touch "$root.complete"
  fi
  cp -a "$root" "$work/base"
}
add_node() {
  local architecture=x64 base=$work/base
  [ "$(uname -m)" = x86_64 ] || architecture=arm64
  npm install --prefix "$work/node" --no-save --no-audit --no-fund --ignore-scripts --force --loglevel=error \
    "node-linux-$architecture@$node_version" npm@11 >/dev/null
  install -m 0755 "$work/node/node_modules/node-linux-$architecture/bin/node" "$base/usr/local/bin/node"
  mkdir -p "$base/usr/local/lib/node_modules"
  cp -a "$work/node/node_modules/npm" "$base/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$base/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$base/usr/local/bin/npx"
  chroot "$base" groupadd --gid 1000 node
  chroot "$base" useradd --uid 1000 --gid node --create-home node
  chroot "$base" node --version
}

# --- Building. The ways to the network and npm's configuration are this machine's: lent to a RUN, then taken away.
declare -A stage_root=()
declare -a image_env=()
root= directory=/ user= stages=0
lend() {
  local kind file
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  for kind in userconfig globalconfig; do
    file=$(npm config get "$kind")
    [ ! -f "$file" ] || install -D -m 0600 "$file" "$root/run/lent/$kind"
  done
  [ -z "${NODE_EXTRA_CA_CERTS:-}" ] || install -D "$NODE_EXTRA_CA_CERTS" "$root/run/lent/ca.pem"
}
take_back() { rm -rf "$root/run/lent" "$root/etc/resolv.conf"; }
run_command() {
  lend
  local -a lent=()
  [ ! -e "$root/run/lent/userconfig" ] || lent+=(npm_config_userconfig=/run/lent/userconfig)
  [ ! -e "$root/run/lent/globalconfig" ] || lent+=(npm_config_globalconfig=/run/lent/globalconfig)
  [ ! -e "$root/run/lent/ca.pem" ] || lent+=(NODE_EXTRA_CA_CERTS=/run/lent/ca.pem)
  # Within a namespace of its own the mount of /proc ends with the command.
  unshare --mount --pid --fork bash -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "${@}"' "$root" \
    env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root "${image_env[@]}" "${lent[@]}" \
    sh -c "cd '$directory' && $1"
  take_back
}
copy() {
  local from=$work/context
  if [[ $1 == --from=* ]]; then from=${stage_root[${1#--from=}]}; shift; fi
  local -a sources=("${@:1:$#-1}")
  local target=${*: -1} source destination
  [[ $target == /* ]] || target=$directory/$target
  destination=$root$target
  if [[ $target == */ ]] || [ ${#sources[@]} -gt 1 ]; then mkdir -p "$destination"; fi
  for source in "${sources[@]}"; do
    # As Docker does: of a folder its content is copied, and everything belongs to root.
    if [ -d "$from/$source" ]; then mkdir -p "$destination" && cp -a "$from/$source/." "$destination/"; else cp -a "$from/$source" "$destination"; fi
    chown -R 0:0 "$destination"
  done
}
begin_stage() {
  stages=$((stages + 1))
  root=$work/stage-$stages directory=/ user= image_env=()
  cp -a "$work/base" "$root"
  [ "${2:-}" != AS ] || stage_root[$3]=$root
}
healthcheck= command= volume=
build() {
  local word rest
  while read -r word rest; do
    echo "   $word ${rest:0:100}"
    case $word in
      FROM) read -ra words <<<"$rest" && begin_stage "${words[@]}" ;;
      WORKDIR) directory=$rest && mkdir -p "$root$rest" ;;
      ENV) read -ra words <<<"$rest" && image_env+=("${words[@]}") ;;
      COPY) read -ra words <<<"$rest" && copy "${words[@]}" ;;
      RUN) run_command "$rest" </dev/null ;;
      USER) user=$rest ;;
      VOLUME) volume=$rest ;;
      HEALTHCHECK) healthcheck=${rest#*CMD } ;;
      CMD) command=$rest ;;
      LABEL | EXPOSE) ;;
      *) echo "this script does not know $word" && exit 1 ;;
    esac
  done < <(instructions)
}

# --- Running: own mounts, processes and network (loopback alone), read-only root, no capability, the image's user.
exec_form() { "$work/base/usr/local/bin/node" -e 'for (const word of JSON.parse(process.argv[1])) process.stdout.write(word + "\0")' "$1"; }
as_user() {
  echo chroot "$root" setpriv --reuid "${user%:*}" --regid "${user#*:}" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
    env -i -C "$directory" PATH=/usr/local/bin:/usr/bin:/bin "${image_env[@]}"
}
start_container() {
  local -a words
  mapfile -d '' words < <(exec_form "$command")
  touch "$work/started"
  # shellcheck disable=SC2046
  unshare --mount --net --pid --fork --kill-child bash -c '
    root=$1 volume=$2; shift 2
    ip link set lo up
    mount --bind "$root" "$root"
    mount --bind "$root-data" "$root$volume"
    mount -t proc proc "$root/proc"
    mount -o remount,bind,ro "$root"
    exec "$@"' container "$root" "$volume" $(as_user) "${words[@]}" >"$work/service.log" 2>&1 &
  container=$!
  for _ in $(seq 50); do process=$(pgrep -P "$container" || true) && [ -n "$process" ] && break; sleep 0.1; done
}
inside() {
  # shellcheck disable=SC2046
  nsenter --target "$process" --mount --net --pid $(as_user) "$@"
}
status_of() { inside node -e 'fetch(`http://127.0.0.1:${process.env.PORT}${process.argv[1]}`).then((r) => console.log(r.status), () => console.log(0))' "$1"; }
answers() { [ "$(status_of "$1")" = "$2" ]; }
wait_until_live() {
  for _ in $(seq 100); do
    answers /health/live 200 && return 0
    sleep 0.1
  done
  cat "$work/service.log"
  return 1
}
is_healthy() {
  local -a words
  mapfile -d '' words < <(exec_form "$healthcheck")
  inside "${words[@]}"
}
runs_unprivileged() {
  local state=/proc/$process/status
  grep -E '^(Uid|Gid|CapEff|CapBnd|NoNewPrivs)' "$state"
  grep -qP "^Uid:(\t${user%:*}){4}$" "$state" && grep -qP '^CapEff:\t0+$' "$state" && grep -qP '^NoNewPrivs:\t1$' "$state"
}
can_write() { inside sh -c "touch '$1' && rm '$1'"; }
# Fails as well when there is nobody inside to try.
cannot_write() { inside sh -c "! touch '$1'"; }
changed_outside_volume() { find "$root" -xdev -newer "$work/started" -not -path "$root/proc*" -print | grep . ; }
stops_with_0() {
  kill -TERM "$process"
  local code=0
  wait "$container" || code=$?
  container=
  echo "exit code $code"
  [ "$code" -eq 0 ]
}
megabytes() { du -sm --apparent-size "$1" | cut -f1; }

begun=$SECONDS
make_context
make_debian
add_node
say "build ($base_image)"
build
# A volume begins with what the image has there, its owner too.
cp -a "$root$volume" "$root-data"
built=$SECONDS

say 'run'
start_container
check 'CMD answers /health/live with 200' wait_until_live
check '/health/ready is 503: the sample is never served' answers /health/ready 503
check '/v1/trials is 503 as well' answers /v1/trials 503
check "the HEALTHCHECK succeeds" is_healthy
check "runs as $user, without capabilities, with no-new-privileges" runs_unprivileged
check "can write in $volume" can_write "$volume/probe"
for place in / /app /app/src /tmp /var/tmp /home/node; do
  check "cannot write in $place" cannot_write "$place/probe"
done
check 'npm is not in the image' test ! -e "$root/usr/local/bin/npm"
check 'no test, tool or document is in the image' refuse ls -d "$root"/app/{tests,tools,docs,bench,node_modules/vitest}
check 'the Node in it is not a second one' refuse ls -d "$root"/app/node_modules/node-*
check 'SIGTERM ends it with exit code 0' stops_with_0
check "something was written in $volume" test -n "$(ls -A "$root-data")"
check 'nothing was written elsewhere' refuse changed_outside_volume
echo "   in $volume: $(cd "$root-data" && ls -A | tr '\n' ' ')"

say 'sizes'
echo "base (Debian, Node, npm)  $(megabytes "$work/base") MB"
echo "app                       $(megabytes "$root/app") MB, of it node_modules $(megabytes "$root/app/node_modules") MB"
echo "root of the image         $(megabytes "$root") MB"
echo "time                      $((built - begun)) s to build, $((SECONDS - built)) s to try"
[ "$failures" -eq 0 ] && echo 'all proved' || { echo "$failures failed"; tail -20 "$work/service.log"; exit 1; }
