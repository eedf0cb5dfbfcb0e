package io.millrace.server;

import io.millrace.cli.MillraceCommand;

/** Runs several commands in one process, of which the build records the ahead-of-time cache. */
final class TrainingRun {

    private TrainingRun() {}

    /**
     * Stops after the first failure.
     *
     * @param commands command lines, arguments separated by spaces
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
