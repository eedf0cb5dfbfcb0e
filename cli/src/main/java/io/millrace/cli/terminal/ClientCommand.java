package io.millrace.cli.terminal;

import io.millrace.client.MillraceClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command that connects, runs one operation and prints its result. */
public abstract class ClientCommand implements Callable<Integer> {

    @Mixin public ConnectionOptions common;

    private final Console console;

    public ClientCommand(Console console) {
        this.console = console;
    }

    public abstract CommandResult run(MillraceClient client);

    @Override
    public final Integer call() {
        try (MillraceClient client = common.connect()) {
            return common.print(console, run(client));
        }
    }
}
