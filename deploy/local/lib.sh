# shellcheck shell=bash
# Helpers for local servers: unprivileged users, free ports, waiting, stopping by process id.
# shellcheck source=deploy/setup/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../setup/lib.sh"

# The user for a server: $1 when we are root and it exists, else who we are.
server_user() {
  if [ "$(id -u)" = 0 ] && getent passwd "$1" >/dev/null; then printf '%s\n' "$1"; else id -un; fi
}

# as_user USER COMMAND...: servers refuse to run as root, and should not.
as_user() {
  local user=$1
  shift
  if [ "$user" = "$(id -un)" ]; then
    "$@"
  else
    setpriv --reuid="$user" --regid="$(id -gn "$user")" --init-groups "$@"
  fi
}

# start_detached USER PIDFILE COMMAND...: in a session of its own, so that an interrupt at the terminal does not reach it.
# Output goes to the file "output" beside the pid file.
start_detached() {
  local user=$1 pid_file=$2
  shift 2
  # shellcheck disable=SC2016  # expanded by the inner shell
  as_user "$user" setsid --fork sh -c 'echo $$ >"$0"; exec "$@"' "$pid_file" "$@" \
    >"$(dirname "$pid_file")/output" 2>&1 </dev/null
}

# Makes a folder that only its owner can read or change.
private_folder() { # USER FOLDER
  mkdir -p "$2"
  [ "$1" = "$(id -un)" ] || chown "$1" "$2"
  chmod 700 "$2"
}

# Prints N free loopback ports, below the range that the kernel gives to outgoing connections.
free_ports() {
  python3 - "$1" <<'PY'
import random, socket, sys
held = []
while len(held) < int(sys.argv[1]):
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", random.randint(15000, 32000)))
        held.append(s)
    except OSError:
        s.close()
print(*(s.getsockname()[1] for s in held))
PY
}

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# wait_until SECONDS WHAT COMMAND...: polls until the command succeeds.
wait_until() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
  say "$what is up"
}

# stop_pid FILE [SIGNAL] [SECONDS]: ends the process whose id is in FILE, by force when it does not end in time.
stop_pid() {
  local file=$1 signal=${2:-TERM} deadline=$((SECONDS + ${3:-30})) pid
  [ -f "$file" ] || return 0
  pid=$(head -n 1 "$file")
  rm -f "$file"
  kill -"$signal" "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      kill -KILL "$pid" 2>/dev/null || true
      return 0
    fi
    sleep 0.1
  done
}
