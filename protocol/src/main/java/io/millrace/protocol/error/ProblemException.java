package io.millrace.protocol.error;

/** A {@link Problem} as the failure of a future or a blocking call. Has no stack trace. */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.message(), null, false, false);
        this.problem = problem;
    }

    public ProblemException(Problem problem, Throwable cause) {
        super(problem.message(), cause, false, false);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
