package io.millrace.server;

import io.millrace.cli.MillraceCommand;
import io.quarkus.runtime.annotations.QuarkusMain;

/**
 * Entry point of the {@code millrace} command. {@code up}, {@code node} and {@code compact} run a
 * server; all other subcommands are clients.
 */
@QuarkusMain
public final class ServerMain {

    private ServerMain() {}

    public static void main(String... arguments) {
        System.exit(
                MillraceCommand.run(
                        arguments,
                        new UpCommand(),
                        new NodeCommand(),
                        new CompactCommand(),
                        new BackupCommand(),
                        new RestoreCommand()));
    }
}
