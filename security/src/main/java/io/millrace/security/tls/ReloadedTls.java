package io.millrace.security.tls;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.tls.TlsFileException;
import io.millrace.runtime.tls.TlsFiles;
import io.millrace.runtime.tls.TlsIdentity;
import io.millrace.runtime.tls.TlsMaterial;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;

/**
 * The TLS contexts of a server, built again when the content of the certificate files has changed.
 * New connections use the new contexts. Unusable files are refused, and the contexts stay. Any
 * thread may read the contexts.
 *
 * <p>The content is compared, not the time of a change: Kubernetes replaces the files of a Secret
 * by replacing a symbolic link.
 *
 * @param <T> the type of the contexts
 */
public final class ReloadedTls<T> implements Supplier<T> {

    private static final Logger LOG = Logger.getLogger(ReloadedTls.class);

    static final Duration INTERVAL = Duration.ofSeconds(10);

    private static final String LISTENER = "listener";

    /** Builds contexts. */
    public interface ContextBuilder<T> {

        /**
         * @throws SSLException if the certificates cannot be used
         */
        T build(TlsMaterial material) throws SSLException;
    }

    private record Loaded<T>(TlsFiles.Content content, TlsMaterial material, T contexts) {}

    private final TlsFiles files;
    private final ContextBuilder<T> builder;
    private final EventLoop loop;
    private final Executor reader;
    private final Counter loads;
    private final Counter refusals;
    private volatile Loaded<T> loaded;
    // Owned by the task on the reader; there is one at a time.
    private Optional<String> reported = Optional.empty();

    private ReloadedTls(
            TlsFiles files,
            ContextBuilder<T> builder,
            EventLoop loop,
            Executor reader,
            MeterRegistry registry,
            String listener) {
        this.files = files;
        this.builder = builder;
        this.loop = loop;
        this.reader = reader;
        this.loaded = load(files.read());
        this.loads = counter(registry, listener, "loaded");
        this.refusals = counter(registry, listener, "refused");
        Gauge.builder("millrace.tls.certificate.expiry", this, ReloadedTls::expirySeconds)
                .baseUnit("seconds")
                .tag(LISTENER, listener)
                .strongReference(true)
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, String listener, String result) {
        return registry.counter("millrace.tls.reloads", LISTENER, listener, "result", result);
    }

    /**
     * Loads the files and begins to watch them.
     *
     * @param loop the loop that schedules the checks
     * @param reader the executor that reads the files
     * @param listener the name of the port in the metrics
     * @throws TlsFileException if the files cannot be used
     */
    public static <T> ReloadedTls<T> start(
            TlsFiles files,
            ContextBuilder<T> builder,
            EventLoop loop,
            Executor reader,
            MeterRegistry registry,
            String listener) {
        ReloadedTls<T> tls = new ReloadedTls<>(files, builder, loop, reader, registry, listener);
        tls.scheduleCheck();
        return tls;
    }

    @Override
    public T get() {
        return loaded.contexts();
    }

    /** Returns the time at which the certificate expires, in seconds since the epoch. */
    private double expirySeconds() {
        return loaded.material()
                .own()
                .map(TlsIdentity::expiry)
                .map(expiry -> (double) expiry.getEpochSecond())
                .orElse(Double.NaN);
    }

    private void scheduleCheck() {
        loop.schedule(
                INTERVAL,
                () -> {
                    try {
                        reader.execute(this::check);
                    } catch (RejectedExecutionException closed) {
                        // The node stops.
                    }
                });
    }

    private void check() {
        try {
            TlsFiles.Content now = files.read();
            if (!now.equalsContent(loaded.content())) {
                loaded = load(now);
                loads.increment();
                LOG.infof(
                        "The TLS certificates have changed and are in use: %s.",
                        loaded.material().own().map(TlsIdentity::toString).orElse("none"));
            }
            reported = Optional.empty();
        } catch (TlsFileException unusable) {
            refuse(String.valueOf(unusable.getMessage()));
        } finally {
            scheduleCheck();
        }
    }

    private void refuse(String cause) {
        if (!reported.equals(Optional.of(cause))) {
            reported = Optional.of(cause);
            refusals.increment();
            LOG.warnf(
                    "The changed TLS certificates are not used: %s New connections still use the"
                            + " certificates that were loaded before.",
                    cause);
        }
    }

    private Loaded<T> load(TlsFiles.Content content) {
        try {
            TlsMaterial material = content.parse();
            return new Loaded<>(content, material, builder.build(material));
        } catch (SSLException unusable) {
            throw content.unusable(String.valueOf(unusable.getMessage()));
        }
    }
}
