package io.millrace.cli.terminal;

/** The exit codes of all commands. */
public final class ExitCode {

    public static final int DONE = 0;

    /** The server rejected the request or could not be reached, or a check failed. */
    public static final int FAILED = 1;

    public static final int USAGE = 2;

    private ExitCode() {}
}
