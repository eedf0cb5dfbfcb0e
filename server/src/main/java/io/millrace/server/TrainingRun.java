package io.millrace.server;

import io.millrace.cli.MillraceCommand;

/**
 * Runs several commands in one process; the build records their common ahead-of-time cache from
 * that process.
 */
final class TrainingRun {

    private TrainingRun() {}

    /**
     * Runs the commands in sequence, up to the first that fails.
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
