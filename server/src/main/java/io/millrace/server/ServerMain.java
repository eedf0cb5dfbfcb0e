package io.millrace.server;

import io.millrace.cli.MillraceCommand;
import io.quarkus.runtime.annotations.QuarkusMain;

/**
 * The {@code millrace} command: {@code up}, {@code node} and {@code compact} run a server,
 * everything else talks to one.
 */
@QuarkusMain
public final class ServerMain {

    private ServerMain() {}

    public static void main(String... arguments) {
        System.exit(
                MillraceCommand.run(
                        arguments, new UpCommand(), new NodeCommand(), new CompactCommand()));
    }
}
