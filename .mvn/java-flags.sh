#!/bin/sh
# Sourced by ./millrace, server/make-aot-caches and the command of the container image, which must use the same flags.

java_flags() { # sets flags and aot_cache for the command named $1, of the build in folder $2; $3: its subcommand
    # Netty and protobuf access direct memory through sun.misc.Unsafe.
    flags="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Djava.util.logging.manager=org.jboss.logmanager.LogManager"
    aot_cache=$2/commands.aot
    case $1 in
        up | node | compact)
            server_memory
            # These limits together keep the process under the memory limit: see docs/configuration.md.
            flags="$flags -Xms96m -Xmx${heap_mib}m -XX:+UseG1GC -XX:G1HeapRegionSize=1m -XX:MaxDirectMemorySize=${direct_mib}m"
            flags="$flags -XX:MaxMetaspaceSize=112m -XX:ReservedCodeCacheSize=64m -Xss512k -XX:+ExitOnOutOfMemoryError"
            flags="$flags -Djdk.nio.maxCachedBufferSize=1048576 -Djdk.tls.rejectClientInitiatedRenegotiation=true"
            if [ -n "${MILLRACE_CPUS:-}" ]; then
                # Thread pools, and with them native memory, are sized by this number.
                flags="$flags -XX:ActiveProcessorCount=$MILLRACE_CPUS"
            fi
            aot_cache=$2/server.aot
            MALLOC_ARENA_MAX=2
            export MALLOC_ARENA_MAX
            ;;
        cluster)
            case ${3:-} in
                backup | restore)
                    # These read the whole metadata, as a node does.
                    server_memory
                    flags="$flags -Xmx${heap_mib}m -XX:+UseG1GC -XX:MaxDirectMemorySize=${direct_mib}m"
                    ;;
                *)
                    flags="$flags -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
                    ;;
            esac
            ;;
        bench | verify)
            flags="$flags -Xmx512m -XX:+UseG1GC -XX:MaxDirectMemorySize=256m"
            ;;
        *)
            flags="$flags -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
            ;;
    esac
}

server_memory() { # sets heap_mib and direct_mib for a process of at most MILLRACE_MEMORY_LIMIT bytes, 768 MiB by default
    limit=${MILLRACE_MEMORY_LIMIT:-805306368}
    case $limit in
        *[!0-9]* | ????????????????????*)
            echo "millrace: MILLRACE_MEMORY_LIMIT must be a number of bytes, not \"$limit\"." >&2
            exit 2
            ;;
    esac
    if [ "$limit" -lt 805306368 ]; then
        echo "millrace: a server needs a memory limit of at least 805306368 bytes (768 MiB), not $limit: raise it." >&2
        exit 2
    fi
    # 208 MiB are for classes, compiled code, threads and libraries at any size. Of the rest, five sevenths are heap, a fifth is
    # network buffers, and 6 % are for the garbage collector's tables and the allocator, which grow with both.
    variable=$((limit / 1048576 - 208))
    heap_mib=$((variable * 5 / 7))
    direct_mib=$((variable / 5))
}
