package io.millrace.server.node;

import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.codec.UnsupportedEntryException;
import io.millrace.metadata.log.LogException;
import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.tls.TlsFileException;
import io.millrace.security.authentication.methods.EnabledMethods;
import io.millrace.storage.object.ObjectStoreException;
import io.quarkus.runtime.QuarkusBindException;
import java.io.IOException;
import java.nio.file.FileSystemException;

/** The reason why a server did not start: one sentence for the operator. */
public final class StartFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StartFailure(String sentence) {
        super(sentence);
    }

    /** Returns the most informative sentence of a failure and its causes. */
    public static String sentence(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof StartFailure
                    || at instanceof ProblemException
                    || at instanceof ObjectStoreException
                    || at instanceof TlsFileException
                    || at instanceof LogException
                    || at instanceof EnabledMethods.UnusableFileException
                    || at instanceof CorruptMetadataException
                    || at instanceof UnsupportedEntryException) {
                return String.valueOf(at.getMessage());
            }
            if (at instanceof QuarkusBindException http) {
                return cannotListen(http.getHost(), http.getPort(), "HTTP", "--http-port");
            }
            if (at instanceof FileSystemException files) {
                String reason = files.getReason();
                return "cannot use "
                        + files.getFile()
                        + ": "
                        + (reason == null ? files.getClass().getSimpleName() : reason)
                        + ".";
            }
            if (at instanceof IOException io && io.getCause() == null) {
                return String.valueOf(io.getMessage());
            }
        }
        return "internal error of Millrace, please report: " + failure;
    }

    static String cannotListen(String host, int port, String protocol, String flag) {
        return "cannot listen on %s:%d for %s: the address is in use or not of this machine. Stop the process that uses the address, or set another --host or %s."
                .formatted(host, port, protocol, flag);
    }
}
