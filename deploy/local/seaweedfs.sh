#!/usr/bin/env bash
# A throw-away S3 server (SeaweedFS) on free loopback ports.
#
# usage: seaweedfs.sh start FOLDER   (writes FOLDER/{endpoint,access-key,secret-key}; endpoint is host:port)
#        seaweedfs.sh resume FOLDER (after a crash)  |  seaweedfs.sh stop FOLDER
# shellcheck source=deploy/local/lib.sh
source "$(dirname "$0")/lib.sh"

command=${1:?start, resume or stop} folder=${2:?folder}
user=$(server_user nobody)
weed=$ROOT/.deps/seaweedfs/weed

healthy() { [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$1/healthz")" = 200 ]; }

start() {
  [ -x "$weed" ] || die "SeaweedFS is not installed: run deploy/setup/install.sh test"
  local access secret
  private_folder "$user" "$folder"
  mkdir -p "$folder/data"
  access=test$(openssl rand -hex 6)
  secret=$(openssl rand -hex 20)
  printf '{"identities":[{"name":"test","credentials":[{"accessKey":"%s","secretKey":"%s"}],"actions":["Admin","Read","Write","List","Tagging"]}]}\n' \
    "$access" "$secret" >"$folder/s3.json"
  # The server's user may not reach into the checkout.
  cp "$weed" "$folder/weed"
  free_ports 8 >"$folder/ports"
  [ "$user" = "$(id -un)" ] || chown -R "$user" "$folder"
  printf '%s\n' "$access" >"$folder/access-key"
  printf '%s\n' "$secret" >"$folder/secret-key"
  resume
}

resume() {
  local ports
  read -r -a ports <"$folder/ports"
  cd "$folder"
  start_detached "$user" "$folder/pid" "$folder/weed" -logdir="$folder" server -dir="$folder/data" -ip=127.0.0.1 -ip.bind=127.0.0.1 \
    -master.telemetry=false -master.port="${ports[1]}" -master.port.grpc="${ports[2]}" -master.volumeSizeLimitMB=64 \
    -volume.port="${ports[3]}" -volume.port.grpc="${ports[4]}" -volume.max=50 -volume.preStopSeconds=0 \
    -filer -filer.port="${ports[5]}" -filer.port.grpc="${ports[6]}" -filer.localSocket="$folder/filer.sock" \
    -s3 -s3.port="${ports[0]}" -s3.port.grpc="${ports[7]}" -s3.port.iceberg=0 -s3.port.lance=0 \
    -s3.config="$folder/s3.json" -s3.localSocket="$folder/s3.sock"
  wait_until 60 "SeaweedFS" healthy "${ports[0]}" || die "SeaweedFS did not start: $(tail -n 5 "$folder/output")"
  printf '127.0.0.1:%s\n' "${ports[0]}" >"$folder/endpoint"
}

case $command in
  start) start ;;
  resume) resume ;;
  # A polite stop takes 15 s; nothing here is worth it.
  stop) stop_pid "$folder/pid" KILL 5 ;;
  *) die "usage: seaweedfs.sh start|resume|stop FOLDER" ;;
esac
