package io.millrace.cli.terminal;

/** Exit codes of all commands. */
public final class ExitCode {

    /** The command did what was requested. */
    public static final int DONE = 0;

    /** The server rejected the request or could not be reached, or a check failed. */
    public static final int FAILED = 1;

    /** The command line is wrong. */
    public static final int USAGE = 2;

    private ExitCode() {}
}
