#!/bin/sh
# Starts the broker in its container with a user whose password is a mounted secret.
set -eu
cat >/etc/rabbitmq/conf.d/60-user.conf <<CONF
default_user = sanitizer
default_pass = $(cat /run/secrets/rabbitmq_password)
CONF
exec docker-entrypoint.sh rabbitmq-server
