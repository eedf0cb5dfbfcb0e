package io.millrace.security.authentication.methods;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.protocol.error.Problem;
import io.millrace.security.authentication.AuthenticationListener;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.oidc.KeyObserver;
import io.millrace.security.file.ReloadedFile;
import io.millrace.security.principal.Caller;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Counts and logs the results of authentications, and reloads of tokens and keys. Rejected calls
 * are logged once a minute. Any thread.
 */
public final class AuthenticationMeter
        implements AuthenticationListener, KeyObserver, ReloadedFile.Observer {

    private static final Logger LOG = Logger.getLogger(AuthenticationMeter.class);
    private static final long LOG_PAUSE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final String AUTHENTICATIONS = "millrace.auth.authentications";
    private static final String RELOADS = "millrace.auth.reloads";

    private final MeterRegistry registry;
    private final LongSupplier nanoTime;
    private final Map<AuthenticationMethod, Counter> accepted =
            new EnumMap<>(AuthenticationMethod.class);
    private final Map<String, Counter> rejected = new ConcurrentHashMap<>();
    private final AtomicLong nextLogNanos;
    private final AtomicLong unlogged = new AtomicLong();

    /**
     * @param nanoTime a monotonic clock for any thread
     */
    public AuthenticationMeter(MeterRegistry registry, LongSupplier nanoTime) {
        this.registry = registry;
        this.nanoTime = nanoTime;
        this.nextLogNanos = new AtomicLong(nanoTime.getAsLong());
        for (AuthenticationMethod method : AuthenticationMethod.values()) {
            accepted.put(method, counter(method.label(), "accepted"));
        }
    }

    private Counter counter(String method, String result) {
        return registry.counter(AUTHENTICATIONS, "method", method, "result", result);
    }

    @Override
    public void accepted(AuthenticationMethod method, Caller caller) {
        Counter counter = accepted.get(method);
        if (counter != null) {
            counter.increment();
        }
    }

    /** The labels are bounded: five methods, and three reasons of rejections. */
    @Override
    public void rejected(String method, String host, String target, Problem problem) {
        String result =
                switch (problem.reason()) {
                    case CREDENTIALS_EXPIRED -> "expired";
                    case CREDENTIALS_UNVERIFIABLE -> "unverifiable";
                    default -> "rejected";
                };
        rejected.computeIfAbsent(method + "/" + result, first -> counter(method, result))
                .increment();
        long nowNanos = nanoTime.getAsLong();
        long nextNanos = nextLogNanos.get();
        if (nowNanos - nextNanos >= 0
                && nextLogNanos.compareAndSet(nextNanos, nowNanos + LOG_PAUSE_NANOS)) {
            LOG.warnf(
                    "A call of %s from %s was rejected: %s Reported once a minute; %d other calls were rejected since the last report.",
                    target, host, problem.message(), unlogged.getAndSet(0));
        } else {
            unlogged.incrementAndGet();
        }
    }

    /** Exports the age of the issuer's keys; -1 while none are known. */
    void watchKeys(Supplier<Optional<Duration>> age) {
        Gauge.builder(
                        "millrace.auth.oidc.keys.age",
                        age,
                        keys -> keys.get().map(Duration::toSeconds).orElse(-1L).doubleValue())
                .baseUnit("seconds")
                .strongReference(true)
                .register(registry);
    }

    @Override
    public void loaded(Path file) {
        count("file", "loaded");
        LOG.infof("Read %s.", file);
    }

    @Override
    public void failed(Path file, String reason) {
        count("file", "failed");
        LOG.errorf(
                "%s was changed, but is not used: %s The previous content stays in use until the file is corrected.",
                file, reason);
    }

    @Override
    public void refreshed(String issuer, int keys) {
        count("keys", "loaded");
        LOG.debugf("Downloaded %d keys of the issuer %s.", keys, issuer);
    }

    @Override
    public void failed(String issuer, String reason, Optional<Duration> age) {
        count("keys", "failed");
        if (age.isPresent()) {
            LOG.warnf(
                    "The keys of the issuer %s cannot be downloaded: %s. The known keys, %d s old, are used until they are 24 hours old: restore the issuer or the connection to it.",
                    issuer, reason, age.get().toSeconds());
        } else {
            LOG.errorf(
                    "The keys of the issuer %s cannot be downloaded: %s. Its tokens are rejected until then: check millrace.oidc-issuer and millrace.oidc-jwks, and the connection to the issuer.",
                    issuer, reason);
        }
    }

    private void count(String source, String result) {
        registry.counter(RELOADS, "source", source, "result", result).increment();
    }
}
