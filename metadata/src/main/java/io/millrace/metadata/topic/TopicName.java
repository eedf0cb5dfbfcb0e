package io.millrace.metadata.topic;

import java.util.regex.Pattern;

/** Kafka's rule for topic names. */
public final class TopicName {

    public static final int MAX_CHARS = 249;

    private static final Pattern LEGAL =
            Pattern.compile("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1," + MAX_CHARS + "}");

    private TopicName() {}

    public static boolean isLegal(String name) {
        return LEGAL.matcher(name).matches();
    }
}
