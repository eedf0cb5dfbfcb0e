package io.millrace.group.coordinator;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.millrace.group.TopicSubscription;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;

/**
 * Resolves a subscription to the topics that exist at the time. Matching takes time linear in the
 * length of a name. Immutable.
 */
public final class TopicMatcher {

    static final TopicMatcher NONE = new TopicMatcher(TopicSubscription.to(Set.of()));

    static final int MAX_PATTERN_CHARS = 1_024;

    /**
     * Maximum length of a pattern with all repetitions expanded: {@code (ab){3}} has 21 characters.
     * A match recurses once for each of them that may be empty.
     */
    static final int MAX_REPEATED_CHARS = 4_096;

    /** A repetition such as {@code {3}}, {@code {3,}} or {@code {3,5}}; group 2 is its maximum. */
    private static final java.util.regex.Pattern REPETITION =
            java.util.regex.Pattern.compile("\\{(\\d+)(?:,(\\d*))?\\}");

    private final TopicSubscription subscription;
    private final Set<String> names;
    private final Optional<Pattern> pattern;

    /**
     * Compiles the pattern in milliseconds, because the size is limited.
     *
     * @throws ProblemException with MALFORMED_REQUEST if the pattern is malformed or too large
     */
    public TopicMatcher(TopicSubscription subscription) {
        this.subscription = subscription;
        names = subscription.topics();
        pattern =
                subscription.pattern().isEmpty()
                        ? Optional.empty()
                        : Optional.of(compiled(subscription.pattern()));
    }

    TopicSubscription subscription() {
        return subscription;
    }

    private static Pattern compiled(String pattern) {
        if (pattern.length() > MAX_PATTERN_CHARS) {
            throw new ProblemException(
                    new Problem(
                            Reason.MALFORMED_REQUEST,
                            "The pattern of topic names has %,d characters. It can have at most %,d: use a shorter pattern, or several subscriptions."
                                    .formatted(pattern.length(), MAX_PATTERN_CHARS)));
        }
        if (pattern.length() * repetitions(pattern) > MAX_REPEATED_CHARS) {
            throw new ProblemException(
                    new Problem(
                            Reason.MALFORMED_REQUEST,
                            "\"%s\" repeats too much: its length times the counts of all its repetitions can be at most %,d. Use smaller counts, or + and *."
                                    .formatted(pattern, MAX_REPEATED_CHARS)));
        }
        try {
            return Pattern.compile(pattern);
        } catch (PatternSyntaxException wrong) {
            throw new ProblemException(
                    new Problem(
                            Reason.MALFORMED_REQUEST,
                            "\"%s\" is no pattern of topic names: %s. Its syntax is that of RE2."
                                    .formatted(pattern, wrong.getDescription())),
                    wrong);
        }
    }

    /**
     * Returns the product of the counts of all repetitions, as if nested. RE2 limits only single
     * counts, but a compiled pattern grows with the product of nested counts.
     */
    private static double repetitions(String pattern) {
        return REPETITION
                .matcher(pattern)
                .results()
                .mapToDouble(TopicMatcher::count)
                .reduce(1, (product, count) -> product * Math.max(1, count));
    }

    private static double count(MatchResult repetition) {
        String max = repetition.group(2);
        return Double.parseDouble(max == null || max.isEmpty() ? repetition.group(1) : max);
    }

    /**
     * Returns the ids of the matching topics.
     *
     * @param before the matching topics up to an id, of which some may be deleted
     * @param matchedUpTo the id
     */
    Set<Long> topicIds(Topics topics, Set<Long> before, long matchedUpTo) {
        Set<Long> ids = new TreeSet<>();
        for (String name : names) {
            topics.named(name).map(Topic::id).ifPresent(ids::add);
        }
        pattern.ifPresent(wanted -> {
            before.stream()
                    .flatMap(id -> topics.withId(id).stream())
                    .filter(topic -> wanted.matches(topic.name()))
                    .forEach(topic -> ids.add(topic.id()));
            topics.createdAfter(matchedUpTo)
                    .forEachRemaining(topic -> {
                        if (wanted.matches(topic.name())) {
                            ids.add(topic.id());
                        }
                    });
        });
        return ids;
    }

    public Optional<String> unknownTopic(Topics topics) {
        return names.stream().filter(name -> topics.named(name).isEmpty()).sorted().findFirst();
    }
}
