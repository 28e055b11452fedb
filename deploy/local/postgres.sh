#!/usr/bin/env bash
# A throw-away PostgreSQL on a free loopback port.
#
# usage: postgres.sh start FOLDER   (writes FOLDER/url)  |  postgres.sh resume FOLDER (after a crash)  |  postgres.sh stop FOLDER
# shellcheck source=deploy/local/lib.sh
source "$(dirname "$0")/lib.sh"

command=${1:?start, resume or stop} folder=${2:?folder}
bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
user=$(server_user postgres)

start() {
  [ -x "$bin/initdb" ] || die "PostgreSQL is not installed: run deploy/setup/install.sh test"
  local port password
  port=$(free_ports 1)
  password=$(openssl rand -hex 16)
  private_folder "$user" "$folder"
  printf '%s' "$password" >"$folder/password"
  [ "$user" = "$(id -un)" ] || chown "$user" "$folder/password"
  cd "$folder"
  as_user "$user" "$bin/initdb" -D "$folder/data" -U sanitizer -A scram-sha-256 --pwfile="$folder/password" \
    -E UTF8 --locale=C --no-sync >"$folder/initdb.log"
  printf '%s\n' "$port" >"$folder/port"
  settings
  launch || die "PostgreSQL did not start: $(tail -n 3 "$folder/log")"
  PGPASSWORD=$password "$bin/createdb" -h 127.0.0.1 -p "$port" -U sanitizer sanitizer
  printf 'postgres://sanitizer:%s@127.0.0.1:%s/sanitizer\n' "$password" "$port" >"$folder/url"
  say "PostgreSQL is up on port $port"
}

# The product's own settings, with what a throw-away server may do without.
settings() {
  {
    cat "$folder/data/postgresql.conf" "$ROOT/deploy/postgres/postgresql.conf"
    printf "hba_file = '%s/data/pg_hba.conf'\nident_file = '%s/data/pg_ident.conf'\n" "$folder" "$folder"
    printf 'data_directory = %s\nmax_connections = 200\n' "'$folder/data'"
  } >"$folder/postgresql.conf"
  [ "$user" = "$(id -un)" ] || chown "$user" "$folder/postgresql.conf"
}

launch() {
  as_user "$user" "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 start -o \
    "-c listen_addresses=127.0.0.1 -c port=$(cat "$folder/port") -c unix_socket_directories=$folder -c config_file=$folder/postgresql.conf" \
    >/dev/null
}

# On the same port, with the data that is there. Processes of a killed server may hold its memory for a moment.
resume() {
  cd "$folder"
  wait_until 30 "PostgreSQL" launch || die "PostgreSQL did not start: $(tail -n 3 "$folder/log")"
}

stop() {
  [ -f "$folder/data/postmaster.pid" ] || return 0
  cd "$folder"
  as_user "$user" "$bin/pg_ctl" -D "$folder/data" -m fast -w -t 30 stop >/dev/null || stop_pid "$folder/data/postmaster.pid" QUIT 5
}

case $command in
  start) start ;;
  resume) resume ;;
  stop) stop ;;
  *) die "usage: postgres.sh start|resume|stop FOLDER" ;;
esac
