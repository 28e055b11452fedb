#!/usr/bin/env bash
# Makes the secrets of docker-compose.yaml, once, in deploy/docker/secrets (ignored by git).
# shellcheck source=deploy/setup/lib.sh
source "$(dirname "$0")/../setup/lib.sh"

folder=$ROOT/deploy/docker/secrets
[ ! -e "$folder" ] || die "$folder is there already: remove it to make new secrets (data made with the old ones is lost)"
umask 077
mkdir -p "$folder"
put() { printf '%s' "$2" >"$folder/$1"; }

postgres=$(openssl rand -hex 24)
rabbitmq=$(openssl rand -hex 24)
access=sanitizer$(openssl rand -hex 4)
secret=$(openssl rand -hex 24)
put postgres_password "$postgres"
put rabbitmq_password "$rabbitmq"
put hmac_key "$(openssl rand -hex 32)"
put database_url "postgres://sanitizer:$postgres@postgres:5432/sanitizer"
put amqp_url "amqp://sanitizer:$rabbitmq@rabbitmq:5672/"
put s3_credentials "$(printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s' "$access" "$secret")"
put s3_identities "{\"identities\":[{\"name\":\"sanitizer\",\"credentials\":[{\"accessKey\":\"$access\",\"secretKey\":\"$secret\"}],\"actions\":[\"Admin\",\"Read\",\"Write\",\"List\",\"Tagging\"]}]}"
# Containers read the single files as other users; on this machine the folder keeps others out.
chmod 644 "$folder"/*
say "secrets are in deploy/docker/secrets"
