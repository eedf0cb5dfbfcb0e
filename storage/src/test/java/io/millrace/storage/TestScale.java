package io.millrace.storage;

/**
 * The amount of work that tests with repetitions do: little in the default build, all of it with
 * the system property {@code millrace.tests=full}.
 */
public enum TestScale {
    /** Enough to find what breaks in many runs. */
    FAST,
    /** Everything. */
    FULL;

    private static final String PROPERTY = "millrace.tests";

    /** The scale of this JVM. */
    public static TestScale current() {
        String name = System.getProperty(PROPERTY, "fast");
        return switch (name) {
            case "fast" -> FAST;
            case "full" -> FULL;
            default ->
                    throw new IllegalArgumentException(
                            "%s is fast or full, not %s".formatted(PROPERTY, name));
        };
    }

    /** One of two numbers of repetitions, by the scale of this JVM. */
    public static int repetitions(int fast, int full) {
        return current() == FULL ? full : fast;
    }
}
