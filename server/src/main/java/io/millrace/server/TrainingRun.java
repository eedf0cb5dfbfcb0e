package io.millrace.server;

import io.millrace.cli.MillraceCommand;

/**
 * A run of several commands in one process, from which the build makes their ahead-of-time cache.
 */
final class TrainingRun {

    private TrainingRun() {}

    /**
     * Runs commands one after the other, until one fails.
     *
     * @param commands their arguments, separated by spaces
     */
    public static void main(String... commands) {
        for (String command : commands) {
            int exit =
                    MillraceCommand.run(
                            command.split(" "),
                            new UpCommand(),
                            new NodeCommand(),
                            new CompactCommand());
            if (exit != 0) {
                System.exit(exit);
            }
        }
        System.out.println("Training is done");
        System.out.flush();
        System.exit(0);
    }
}
