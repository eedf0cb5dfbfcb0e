package io.millrace.client.tls;

import io.millrace.runtime.tls.TlsFileException;
import io.millrace.runtime.tls.TlsFiles;
import io.netty.handler.ssl.SslContext;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS context of a client, built again when its files have changed. Reads the files for each
 * connection, on the thread that opens it. With unusable files, the last context stays in use.
 * Thread-safe.
 */
public final class RereadContext implements Supplier<SslContext> {

    private static final Logger LOG = LoggerFactory.getLogger(RereadContext.class);

    private final TlsFiles files;
    private TlsFiles.Content content;
    private SslContext context;
    private Optional<String> reported = Optional.empty();

    /**
     * @throws TlsFileException if a file is missing or cannot be used
     */
    public RereadContext(TlsFiles files) {
        this.files = files;
        this.content = files.read();
        this.context = build(content);
    }

    @Override
    public synchronized SslContext get() {
        try {
            TlsFiles.Content now = files.read();
            if (!now.equalsContent(content)) {
                context = build(now);
                content = now;
            }
            reported = Optional.empty();
        } catch (TlsFileException unusable) {
            report(String.valueOf(unusable.getMessage()));
        }
        return context;
    }

    private void report(String cause) {
        if (!reported.equals(Optional.of(cause))) {
            reported = Optional.of(cause);
            LOG.warn("{} New connections use the certificates that were read before.", cause);
        }
    }

    private static SslContext build(TlsFiles.Content content) {
        try {
            return GrpcTlsContexts.forClient(content.parse());
        } catch (SSLException unusable) {
            throw content.unusable(String.valueOf(unusable.getMessage()));
        }
    }
}
