package io.millrace.security.audit;

import io.millrace.security.quota.TokenBucket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Limits the refused operations in the audit log, so that a client cannot fill the disk: each
 * source has {@link #BURST} events and then one in a second, and all together have {@link
 * #MAX_PER_SECOND}. Remembers the last {@link #MAX_SOURCES} sources. Any thread.
 */
final class RefusalLimiter {

    static final int BURST = 10;
    static final int MAX_PER_SECOND = 100;
    static final int MAX_SOURCES = 1_000;

    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

    private record Source(String name, String method) {}

    private static final class SourceLimit {

        private final TokenBucket bucket;
        private long suppressed;

        private SourceLimit(long nowNanos) {
            bucket = new TokenBucket(1, (BURST - 1) * SECOND_NANOS, nowNanos);
        }
    }

    private final TokenBucket all;
    private final Map<Source, SourceLimit> sources =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Source, SourceLimit> leastRecent) {
                    return size() > MAX_SOURCES;
                }
            };

    RefusalLimiter(long nowNanos) {
        all = new TokenBucket(MAX_PER_SECOND, SECOND_NANOS, nowNanos);
    }

    /**
     * Returns the number of events of the source that were suppressed since its last event, or
     * empty to suppress this event.
     *
     * @param name the principal or host
     * @param method empty to limit all methods of the name together
     */
    synchronized OptionalLong admit(String name, String method, long nowNanos) {
        SourceLimit source =
                sources.computeIfAbsent(
                        new Source(name, method), unknown -> new SourceLimit(nowNanos));
        if (source.bucket.delayNanos(nowNanos) > 0 || all.delayNanos(nowNanos) > 0) {
            source.suppressed++;
            return OptionalLong.empty();
        }
        source.bucket.charge(1, nowNanos);
        all.charge(1, nowNanos);
        long suppressed = source.suppressed;
        source.suppressed = 0;
        return OptionalLong.of(suppressed);
    }
}
