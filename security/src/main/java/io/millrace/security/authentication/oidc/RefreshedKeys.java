package io.millrace.security.authentication.oidc;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an issuer that publishes them by HTTP. Refreshed every 5 minutes, and when a token
 * names an unknown key, for that at most once a minute. While the issuer is unavailable, the known
 * keys are used for up to a day after the last refresh. Any thread may read; refreshes are owned by
 * the loop.
 */
final class RefreshedKeys implements IssuerKeys {

    static final Duration REFRESH_INTERVAL = Duration.ofMinutes(5);
    static final Duration MIN_INTERVAL = Duration.ofMinutes(1);
    static final Duration MAX_AGE = Duration.ofHours(24);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final int MAX_UNKNOWN = 100;

    private record Known(KeySet keys, long atNanos, long version) {}

    private final String issuer;
    private final Supplier<CompletableFuture<KeySet>> source;
    private final KeyObserver observer;
    private final EventLoop loop;
    private volatile @Nullable Known known;
    private final AtomicInteger refreshes = new AtomicInteger();
    private volatile boolean closed;

    /** Key ids that no refresh has found, with the number of refreshes before the first use. */
    private final Map<String, Integer> unknownIds = new ConcurrentHashMap<>();

    // Owned by the loop.
    private EventLoop.@Nullable Timer next;
    private boolean refreshing;
    private boolean wanted;
    private int failures;
    private long lastAttemptNanos;

    /**
     * @param source starts to read the keys; the future may complete on any thread
     */
    RefreshedKeys(
            String issuer,
            Supplier<CompletableFuture<KeySet>> source,
            KeyObserver observer,
            EventLoop loop) {
        this.issuer = issuer;
        this.source = source;
        this.observer = observer;
        this.loop = loop;
    }

    /** Starts the first refresh. */
    void start() {
        loop.execute(this::refresh);
    }

    @Override
    public Optional<KeySet> current() {
        Known last = known;
        return last == null || isTooOld(last) ? Optional.empty() : Optional.of(last.keys());
    }

    private boolean isTooOld(Known last) {
        return loop.nanoTime() - last.atNanos() > MAX_AGE.toNanos();
    }

    @Override
    public long version() {
        Known last = known;
        return last == null ? 0 : isTooOld(last) ? -1 : last.version();
    }

    /** Returns the time since the last refresh; empty without keys. */
    Optional<Duration> age() {
        Known last = known;
        return last == null
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(loop.nanoTime() - last.atNanos()));
    }

    @Override
    public boolean mayAppear(String keyId) {
        if (unknownIds.size() >= MAX_UNKNOWN) {
            unknownIds.clear();
        }
        int done = refreshes.get();
        @Nullable Integer first = unknownIds.putIfAbsent(keyId, done);
        if (first != null && first != done) {
            return false;
        }
        if (first == null) {
            loop.execute(this::refreshForUnknown);
        }
        return true;
    }

    private void refreshForUnknown() {
        // A failed refresh is retried soon.
        if (refreshing || wanted || failures > 0) {
            return;
        }
        long sinceNanos = loop.nanoTime() - lastAttemptNanos;
        if (sinceNanos >= MIN_INTERVAL.toNanos()) {
            refresh();
        } else {
            wanted = true;
            schedule(MIN_INTERVAL.minusNanos(sinceNanos));
        }
    }

    private void schedule(Duration delay) {
        if (next != null) {
            next.cancel();
        }
        next = loop.schedule(delay, this::refresh);
    }

    private void refresh() {
        if (closed || refreshing) {
            return;
        }
        refreshing = true;
        wanted = false;
        lastAttemptNanos = loop.nanoTime();
        var unused =
                source.get()
                        .whenComplete(
                                (keys, failure) -> loop.execute(() -> completed(keys, failure)));
    }

    private void completed(@Nullable KeySet keys, @Nullable Throwable failure) {
        refreshing = false;
        if (keys == null) {
            failures++;
            Throwable cause = failure == null ? new IllegalStateException("no keys") : failure;
            observer.failed(issuer, KeyDownload.reason(cause), age());
            schedule(retryDelay());
            return;
        }
        failures = 0;
        Known last = known;
        boolean same = last != null && last.keys().equals(keys);
        long version = last == null ? 1 : same ? last.version() : last.version() + 1;
        known = new Known(keys, loop.nanoTime(), version);
        refreshes.incrementAndGet();
        observer.refreshed(issuer, keys.size());
        schedule(REFRESH_INTERVAL);
    }

    private Duration retryDelay() {
        Duration delay = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 6));
        return delay.compareTo(MIN_INTERVAL) < 0 ? delay : MIN_INTERVAL;
    }

    @Override
    public void close() {
        closed = true;
    }
}
