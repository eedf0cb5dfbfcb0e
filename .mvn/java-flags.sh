# Sourced by ./millrace and server/make-aot-caches, which must use the same flags.

java_flags() { # sets flags and aot_cache for the command named $1, of the build in folder $2
    # Netty and protobuf access direct memory through sun.misc.Unsafe.
    flags="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Djava.util.logging.manager=org.jboss.logmanager.LogManager"
    aot_cache=$2/commands.aot
    case $1 in
        up | node | compact)
            # These limits together keep the process under 768 MiB resident: see docs/configuration.md.
            flags="$flags -Xms96m -Xmx400m -XX:+UseG1GC -XX:G1HeapRegionSize=1m -XX:MaxDirectMemorySize=112m"
            flags="$flags -XX:MaxMetaspaceSize=112m -XX:ReservedCodeCacheSize=64m -Xss512k -XX:+ExitOnOutOfMemoryError"
            flags="$flags -Djdk.nio.maxCachedBufferSize=1048576"
            aot_cache=$2/server.aot
            MALLOC_ARENA_MAX=2
            export MALLOC_ARENA_MAX
            ;;
        bench | verify)
            flags="$flags -Xmx512m -XX:+UseG1GC -XX:MaxDirectMemorySize=256m"
            ;;
        *)
            flags="$flags -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
            ;;
    esac
}
