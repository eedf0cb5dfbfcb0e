package io.millrace.cli.bench;

import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.cli.terminal.ServerMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a command reads the metrics of the measured server. */
final class ManagementOptions {

    @Option(
            names = "--management",
            paramLabel = "HOST:PORT",
            description =
                    "Address of the management port of the server, to measure its resource usage.")
    @Nullable String address;

    @Option(
            names = "--metrics-token-file",
            paramLabel = "FILE",
            description = "File with the bearer token for metrics, if the server needs one.")
    @Nullable Path tokenFile;

    boolean isGiven() {
        return address != null;
    }

    /** Returns the metrics of now; empty without an address. */
    ServerMetrics read() {
        return ServerMetrics.read(address, token());
    }

    private @Nullable String token() {
        if (tokenFile == null) {
            return null;
        }
        try {
            return Files.readString(tokenFile).strip();
        } catch (IOException unreadable) {
            throw new CommandFailedException(
                    "--metrics-token-file: cannot read %s: %s.".formatted(tokenFile, unreadable));
        }
    }
}
