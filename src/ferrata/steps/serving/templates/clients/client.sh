#!/bin/sh
# The model "churn" from a shell: sh churn.sh [FILE]
# FILE is the input (JSON, or an image where the model takes one); without it the example is sent.
# URL and KEY are variables of the environment.
set -eu
URL="${URL:-http://127.0.0.1:8000}"

# <types>
KIND='application/json'
EXAMPLE='{"tenure": 12}'
# </types>

# Status 22 when the service refuses; its problem document says which field, what was expected and what came.
send() {
    if [ -n "${KEY:-}" ]; then
        set -- -H "Authorization: Bearer $KEY" "$@"
    fi
    curl --silent --show-error --fail-with-body --max-time 30 -X POST "$URL/predict" -H "Content-Type: $KIND" "$@"
    echo
}

if [ $# -gt 0 ]; then
    send --data-binary "@$1"
elif [ -n "$EXAMPLE" ]; then
    send --data-binary "$EXAMPLE"
else
    echo "usage: sh $0 FILE" >&2
    exit 2
fi
