package io.millrace.runtime.tls;

import java.nio.file.Path;

/**
 * A certificate or key file that cannot be used. The message names the file, the cause and the
 * action, and never contains parts of a key.
 */
public final class TlsFileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TlsFileException(Path file, String cause) {
        super("The file %s %s".formatted(file, cause));
    }
}
