# Starts a server and builds what the suites beside this file need; the suites read it with "." and `project` set.

. "$project/.mvn/find-jdk.sh"
find_jdk
started=()
temporary=

# Sets `work` to the folder $1, or to a temporary folder named after $2 that is deleted at the end.
open_work_folder() {
    if [ -n "$1" ]; then
        mkdir -p "$1"
        work=$(readlink -f "$1")
    else
        work=$(mktemp -d "${TMPDIR:-/tmp}/millrace-$2.XXXXXX")
        temporary=$work
    fi
    trap close_suite EXIT
    trap 'exit 130' INT TERM
}

# Stops the servers and deletes the temporary folder, but keeps the logs of a run that failed.
close_suite() {
    local status=$?
    if [ ${#started[@]} -gt 0 ]; then kill "${started[@]}" 2>/dev/null || true; fi
    wait
    if [ -z "$temporary" ]; then return; fi
    if [ $status -eq 0 ]; then rm -rf "$temporary"; else echo "The logs are in $temporary." >&2; fi
}

# Starts a server with an empty folder and the options $@, and sets `bootstrap` to its Kafka port.
start_server() {
    rm -rf "$work/data"
    "$project/millrace" up --data "$work/data" --grpc-port 0 --management-port 0 --kafka-port 0 "$@" \
        >"$work/server.log" 2>&1 &
    started+=($!)
    until bootstrap=$(sed -n 's/.* is ready: .*kafka=\([^ ]*\).*/\1/p' "$work/server.log") &&
        [ -n "$bootstrap" ]; do
        kill -0 "${started[-1]}" 2>/dev/null || {
            cat "$work/server.log" >&2
            echo "The server did not start." >&2
            exit 1
        }
        sleep 1
    done
}
