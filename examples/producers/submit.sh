#!/bin/sh
# Over HTTP, because the usual tools of a shell cannot set the message_id of an AMQP message.
set -eu

curl --fail-with-body "${LONGHAUL_URL:-http://127.0.0.1:3000}/jobs" -H 'content-type: application/json' \
  -H "idempotency-key: from-the-shell-$(date +%s)-$$" -d '{"kind":"debug.echo","payload":{"value":"from shell"}}'
