#!/bin/sh
# Peers for `socklab bench containers`, on Debian and Ubuntu, as root:
#
#   scripts/peers.sh start    installs missing packages, and starts a separate Docker daemon
#   scripts/peers.sh stop     stops that daemon and removes its files; packages stay installed
#
# The daemon needs no systemd and does not change the machine's firewall or network: containers have
# the host's network or no network. The bench finds the daemon by its socket. A Docker daemon that
# already runs is not touched.
set -eu

PACKAGES="docker.io podman runc crun bubblewrap systemd-container"
RUN=/run/socklab-peers
DATA=/var/lib/socklab-peers
SOCKET=$RUN/docker.sock
LOG=$RUN/dockerd.log

fail() {
  echo "peers.sh: $1" >&2
  exit 3
}

answers() {
  curl --silent --fail --max-time 2 --unix-socket "$SOCKET" http://docker/_ping >/dev/null 2>&1
}

install_missing() {
  missing=
  for package in $PACKAGES curl; do
    dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
      missing="$missing $package"
  done
  [ -z "$missing" ] && return
  echo "installing$missing"
  apt-get update --quiet=2
  # shellcheck disable=SC2086 # words are split on purpose
  DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends $missing
}

start() {
  install_missing
  if answers; then
    echo "dockerd runs already: $SOCKET"
    return
  fi
  mkdir -p "$RUN" "$DATA"
  setsid dockerd --data-root "$DATA" --exec-root "$RUN/exec" --pidfile "$RUN/dockerd.pid" \
    --host "unix://$SOCKET" --cgroup-parent /socklab-peers --bridge none --iptables=false --ip6tables=false \
    >"$LOG" 2>&1 </dev/null &
  tries=0
  until answers; do
    tries=$((tries + 1))
    [ "$tries" -le 100 ] || fail "dockerd does not answer after 20 s: $(tail -n 1 "$LOG")"
    sleep 0.2
  done
  echo "dockerd answers: $SOCKET"
}

stop() {
  if [ -f "$RUN/dockerd.pid" ]; then
    pid=$(cat "$RUN/dockerd.pid")
    kill "$pid" 2>/dev/null || true
    tries=0
    while kill -0 "$pid" 2>/dev/null; do
      tries=$((tries + 1))
      [ "$tries" -le 100 ] || fail "dockerd ($pid) does not end"
      sleep 0.2
    done
  fi
  find /sys/fs/cgroup -maxdepth 2 -type d -name socklab-peers | while read -r group; do
    find "$group" -depth -type d -exec rmdir {} +
  done
  for folder in "$RUN" "$DATA"; do
    # the last mount is unmounted first
    awk -v folder="$folder/" 'index($2, folder) == 1 { print $2 }' /proc/self/mounts | tac |
      while read -r mount; do umount "$mount"; done
    rm -rf --one-file-system "$folder"
  done
  echo "stopped"
}

[ "$(id -u)" = 0 ] || fail "needs root: sudo scripts/peers.sh $*"
case "${1-}" in
  start) start ;;
  stop) stop ;;
  *)
    echo "usage: scripts/peers.sh start|stop" >&2
    exit 2
    ;;
esac
