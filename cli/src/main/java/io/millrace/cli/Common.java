package io.millrace.cli;

import io.millrace.client.MillraceClient;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that every command has. */
final class Common {

    /** How results are written. */
    enum Output {
        text,
        json
    }

    @Spec(Spec.Target.MIXEE)
    CommandSpec spec;

    @Option(
            names = "--server",
            paramLabel = "HOST:PORT",
            defaultValue = "localhost:9090",
            description = "The server's gRPC address (default: ${DEFAULT-VALUE}).")
    String server;

    @Option(
            names = "--output",
            paramLabel = "text|json",
            defaultValue = "text",
            description =
                    "text for people, json for programs: one object on one line, whose fields stay"
                            + " (default: ${DEFAULT-VALUE}).")
    Output output;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    boolean help;

    boolean json() {
        return output == Output.json;
    }

    MillraceClient connect() {
        try {
            return MillraceClient.connect(server);
        } catch (IllegalArgumentException notAnAddress) {
            throw usage("--server: " + notAnAddress.getMessage());
        }
    }

    CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }
}
