package io.millrace.metadata.topic;

import java.util.regex.Pattern;

/** Kafka's rule for topic names. */
public final class TopicName {

    private static final Pattern LEGAL = Pattern.compile("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}");

    private TopicName() {}

    public static boolean isLegal(String name) {
        return LEGAL.matcher(name).matches();
    }
}
