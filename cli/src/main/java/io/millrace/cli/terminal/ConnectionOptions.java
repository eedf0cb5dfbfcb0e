package io.millrace.cli.terminal;

import io.grpc.netty.NettyChannelBuilder;
import io.millrace.client.MillraceClient;
import io.millrace.client.connection.BearerTokens;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.connection.TokenSource;
import io.millrace.client.tls.ChannelSecurity;
import io.millrace.client.tls.ClientTls;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options common to all client commands. */
public final class ConnectionOptions {

    enum Output {
        text,
        json
    }

    @Spec(Spec.Target.MIXEE)
    CommandSpec spec;

    @Option(
            names = "--server",
            paramLabel = "HOST:PORT[,...]",
            description =
                    "gRPC address of a server, or of some nodes of a cluster; the remaining nodes"
                            + " are discovered (default: localhost:9090).")
    @Nullable String server;

    @Option(
            names = "--zone",
            paramLabel = "ZONE",
            description =
                    "Zone of this command; nodes of the same zone are preferred (default:"
                            + " $MILLRACE_CLIENT_ZONE, else no preference).")
    @Nullable String zone;

    @Option(
            names = "--client-config",
            paramLabel = "FILE",
            description =
                    "File of properties with the values of --server, --zone and the TLS options,"
                            + " such as tls-trust=ca.crt (default: $MILLRACE_CLIENT_CONFIG).")
    @Nullable String clientConfig;

    @ArgGroup(exclusive = false, heading = "TLS:%n")
    TlsOptions tls = new TlsOptions();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "${env:MILLRACE_TOKEN_FILE:-}",
            description =
                    "File with the token that authenticates this command, read again when it"
                            + " changes (default: $MILLRACE_TOKEN_FILE, else no token).")
    String tokenFile;

    @Option(
            names = "--output",
            paramLabel = "text|json",
            defaultValue = "text",
            description =
                    "text for people, or json for programs: one object on one line, with stable"
                            + " fields (default: ${DEFAULT-VALUE}).")
    Output output;

    @Option(names = "--help", usageHelp = true, description = "Show this help and exit.")
    boolean help;

    public boolean isJson() {
        return output == Output.json;
    }

    /**
     * Prints a result and returns its exit code, also if the reader of standard output has ended.
     *
     * @throws OutputFailedException if the result cannot be written for any other reason
     */
    public int print(Console console, CommandResult result) {
        int exitCode = result.exitCode();
        try {
            if (isJson()) {
                console.json(result.json());
            } else {
                result.lines().forEach(console::line);
            }
        } catch (OutputFailedException failed) {
            if (!failed.isBrokenPipe()) {
                throw failed;
            }
        }
        return exitCode;
    }

    /** Returns the addresses of the servers, separated by commas. */
    public String server() {
        return config().value(ClientConfig.SERVER, server).orElse("localhost:9090");
    }

    public List<String> servers() {
        return Arrays.stream(server().split(",", -1)).map(String::strip).toList();
    }

    public MillraceClient connect() {
        return MillraceClient.connect(settings(server()));
    }

    /**
     * Returns the settings of connections to other addresses than those of {@code --server}.
     *
     * @param addresses {@code HOST:PORT}, or several separated by commas
     */
    public ClientSettings settings(String addresses) {
        ClientConfig config = config();
        ClientSettings settings =
                parsed("--server", addresses, ClientSettings::of)
                        .inZone(config.value(ClientConfig.ZONE, zone).orElse(""));
        ClientSettings secured = certificates(config).map(settings::withTls).orElse(settings);
        return tokenFile.isEmpty()
                ? secured
                : secured.withTokens(
                        parsed("--token-file", tokenFile, file -> TokenSource.file(Path.of(file))));
    }

    /** Returns TLS and the token of the connections, for commands with channels of their own. */
    public UnaryOperator<NettyChannelBuilder> security() {
        ClientSettings settings = settings(server());
        ChannelSecurity security = ChannelSecurity.of(certificates(config()));
        return channel ->
                settings.tokens()
                        .map(tokens -> security.apply(channel).intercept(new BearerTokens(tokens)))
                        .orElseGet(() -> security.apply(channel));
    }

    private Optional<ClientTls> certificates(ClientConfig config) {
        try {
            return tls.read(config);
        } catch (IllegalArgumentException wrong) {
            throw usage(wrong.getMessage() + ".");
        }
    }

    private ClientConfig config() {
        try {
            return ClientConfig.read(
                    name -> Optional.ofNullable(System.getenv(name)), clientConfig);
        } catch (IllegalArgumentException wrong) {
            throw usage("--client-config: " + wrong.getMessage() + ".");
        }
    }

    /** Returns the value if within range; otherwise fails as wrong usage. */
    public int atLeast(String option, int min, int value) {
        if (value < min) {
            throw usage("%s must be at least %d, not %d.".formatted(option, min, value));
        }
        return value;
    }

    /** Parses a size option; returns bytes. */
    public int size(String option, String text, int min) {
        long value = parsed(option, text, SizeConverter::parse);
        if (value < min || value > Integer.MAX_VALUE) {
            throw usage(
                    "%s must be %d to %d bytes, not %s."
                            .formatted(option, min, Integer.MAX_VALUE, text));
        }
        return (int) value;
    }

    /** Parses an option. The parser reports illegal values with IllegalArgumentException. */
    public <T> T parsed(String option, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException wrong) {
            throw usage(option + ": " + wrong.getMessage() + ".");
        }
    }

    public CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }
}
