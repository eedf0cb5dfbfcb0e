package io.millrace.fetch.group;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which topics a subscription means, whenever it is asked. A pattern takes time in proportion to
 * the length of a name, whatever the pattern. Immutable.
 */
final class Interest {

    /** In nothing. */
    static final Interest NONE = new Interest(Subscription.to(Set.of()));

    private final Set<String> names;
    private final Optional<Pattern> pattern;

    /**
     * @throws ProblemException with MALFORMED_REQUEST if the pattern is none
     */
    Interest(Subscription subscription) {
        names = subscription.topics();
        try {
            pattern =
                    subscription.pattern().isEmpty()
                            ? Optional.empty()
                            : Optional.of(Pattern.compile(subscription.pattern()));
        } catch (PatternSyntaxException wrong) {
            throw new ProblemException(
                    new Problem(
                            Reason.MALFORMED_REQUEST,
                            "\"%s\" is no pattern of topic names: %s. Its syntax is that of RE2."
                                    .formatted(subscription.pattern(), wrong.getDescription())),
                    wrong);
        }
    }

    /** The ids of the topics that it means now. */
    Set<Long> among(Topics topics) {
        Set<Long> ids = new TreeSet<>();
        for (String name : names) {
            topics.named(name).map(Topic::id).ifPresent(ids::add);
        }
        pattern.ifPresent(wanted -> {
            for (Topic topic : topics.all()) {
                if (wanted.matches(topic.name())) {
                    ids.add(topic.id());
                }
            }
        });
        return ids;
    }

    /** A name that no topic has. */
    Optional<String> unknownAmong(Topics topics) {
        return names.stream().filter(name -> topics.named(name).isEmpty()).sorted().findFirst();
    }
}
