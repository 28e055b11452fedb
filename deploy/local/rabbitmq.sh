#!/usr/bin/env bash
# A throw-away RabbitMQ on free loopback ports.
#
# usage: rabbitmq.sh start FOLDER   (writes FOLDER/url)  |  rabbitmq.sh resume FOLDER (after a crash)  |  rabbitmq.sh stop FOLDER
# shellcheck source=deploy/local/lib.sh
source "$(dirname "$0")/lib.sh"

command=${1:?start, resume or stop} folder=${2:?folder}
user=$(server_user rabbitmq)
# The programs in /usr/sbin change the user themselves; these do not.
sbin=$(printf '%s\n' /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin | sort -V | tail -1)

write_settings() { # AMQP, distribution and epmd ports
  {
    cat "$ROOT/deploy/rabbitmq/rabbitmq.conf"
    printf 'listeners.tcp.1 = 127.0.0.1:%s\n' "$1"
    printf 'disk_free_limit.absolute = 50MB\n'
  } >"$folder/rabbitmq.conf"
  printf '[].\n' >"$folder/enabled_plugins"
  cat >"$folder/environment" <<ENV
export HOME=$folder
export RABBITMQ_NODENAME=sanitizer$1@localhost
export RABBITMQ_CONF_ENV_FILE=/dev/null
export RABBITMQ_CONFIG_FILE=$folder/rabbitmq.conf
export RABBITMQ_ENABLED_PLUGINS_FILE=$folder/enabled_plugins
export RABBITMQ_MNESIA_BASE=$folder/mnesia
export RABBITMQ_LOG_BASE=$folder/log
export RABBITMQ_PID_FILE=$folder/pid
export RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
export RABBITMQ_NODE_PORT=$1
export RABBITMQ_DIST_PORT=$2
export ERL_EPMD_PORT=$3
export ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
ENV
}

start() {
  [ -x "$sbin/rabbitmq-server" ] || die "RabbitMQ is not installed: run deploy/setup/install.sh test"
  local ports
  read -r -a ports <<<"$(free_ports 3)"
  private_folder "$user" "$folder"
  write_settings "${ports[@]}"
  [ "$user" = "$(id -un)" ] || chown -R "$user" "$folder"
  launch
  printf 'amqp://guest:guest@127.0.0.1:%s/\n' "${ports[0]}" >"$folder/url"
}

# On the same port, with the data that is there.
launch() {
  (
    # shellcheck source=/dev/null
    source "$folder/environment"
    cd "$folder"
    start_detached "$user" "$folder/launcher.pid" "$sbin/rabbitmq-server"
    wait_until 120 "RabbitMQ" port_answers "$RABBITMQ_NODE_PORT" || die "RabbitMQ did not start: $(tail -n 5 "$folder/output")"
  )
}

stop() {
  [ -f "$folder/environment" ] || return 0
  # shellcheck source=/dev/null
  source "$folder/environment"
  stop_pid "$folder/pid" TERM 30
  # The name server of this node only; it outlives the node.
  as_user "$user" epmd -port "$ERL_EPMD_PORT" -kill >/dev/null 2>&1 || true
}

case $command in
  start) start ;;
  resume) launch ;;
  stop) stop ;;
  *) die "usage: rabbitmq.sh start|resume|stop FOLDER" ;;
esac
