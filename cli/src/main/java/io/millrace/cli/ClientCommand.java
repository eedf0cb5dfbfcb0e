package io.millrace.cli;

import io.millrace.client.MillraceClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command that connects, does one thing and prints its result. */
abstract class ClientCommand implements Callable<Integer> {

    @Mixin Common common;

    private final Console console;

    ClientCommand(Console console) {
        this.console = console;
    }

    /** Runs the command, once. */
    abstract Result run(MillraceClient client);

    @Override
    public final Integer call() {
        try (MillraceClient client = common.connect()) {
            return common.print(console, run(client));
        }
    }
}
