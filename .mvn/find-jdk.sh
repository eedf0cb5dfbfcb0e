# Sourced by ./mvnw and ./millrace. Sets JAVA_HOME to a JDK of this major version or newer, or exits with an error message.
MILLRACE_JDK=25

jdk_major() { # prints the major version of the JDK in folder $1; prints nothing if there is no JDK
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

find_jdk() {
    on_path=$(command -v javac 2>/dev/null || true)
    if [ -n "$on_path" ]; then on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")"); fi
    for candidate in "${JAVA_HOME:-}" "$on_path" \
        /usr/lib/jvm/* /opt/*jdk* /opt/java/* "${HOME:-}"/.jdks/* "${HOME:-}"/.sdkman/candidates/java/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        [ -n "$candidate" ] || continue
        major=$(jdk_major "$candidate")
        if [ -n "$major" ] && [ "$major" -ge "$MILLRACE_JDK" ]; then
            JAVA_HOME=$candidate
            export JAVA_HOME
            return 0
        fi
    done
    echo "Millrace needs a JDK $MILLRACE_JDK or newer: install a JDK (for example Temurin $MILLRACE_JDK) or set JAVA_HOME." >&2
    exit 1
}
