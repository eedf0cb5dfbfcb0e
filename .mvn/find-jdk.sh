# Sourced by ./mvnw and ./millrace: sets JAVA_HOME to a JDK of this major version or newer, or exits with one sentence.
MILLRACE_JDK=25

jdk_major() { # the major version of the JDK in folder $1, or nothing where there is none
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
    echo "Millrace needs a JDK $MILLRACE_JDK or newer: install one (for example Temurin $MILLRACE_JDK) or point JAVA_HOME at it." >&2
    exit 1
}
