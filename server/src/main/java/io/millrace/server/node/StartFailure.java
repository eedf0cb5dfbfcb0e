package io.millrace.server.node;

import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.codec.UnsupportedEntryException;
import io.millrace.metadata.log.LogException;
import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.tls.TlsFileException;
import io.millrace.security.authentication.methods.EnabledMethods;
import io.millrace.server.settings.ServerSettings;
import io.millrace.server.settings.Setting;
import io.millrace.storage.object.ObjectStoreException;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.FileSystemException;

/** The reason why a server did not start: one sentence for the operator. */
public final class StartFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StartFailure(String sentence) {
        super(sentence);
    }

    /** Returns the most informative sentence of a failure and its causes. */
    public static String sentence(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (isSentence(at)) {
                return String.valueOf(at.getMessage());
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

    /**
     * Returns the sentence of a start that failed. The gRPC port reports its own failure, so an
     * address in use is that of the management port.
     */
    public static String sentence(Throwable failure, ServerSettings settings) {
        for (Throwable at = failure; at != null && !isSentence(at); at = at.getCause()) {
            if (at instanceof BindException) {
                return cannotListen(
                        settings.host(),
                        settings.managementPort(),
                        "health and metrics",
                        Setting.MANAGEMENT_PORT.flag());
            }
        }
        return sentence(failure);
    }

    /** Returns whether the message is a sentence for operators. */
    private static boolean isSentence(Throwable failure) {
        return failure instanceof StartFailure
                || failure instanceof ProblemException
                || failure instanceof ObjectStoreException
                || failure instanceof TlsFileException
                || failure instanceof LogException
                || failure instanceof EnabledMethods.UnusableFileException
                || failure instanceof CorruptMetadataException
                || failure instanceof UnsupportedEntryException;
    }

    static String cannotListen(String host, int port, String protocol, String flag) {
        return "cannot listen on %s:%d for %s: the address is in use or not of this machine. Stop the process that uses the address, or set another --host or %s."
                .formatted(host, port, protocol, flag);
    }
}
