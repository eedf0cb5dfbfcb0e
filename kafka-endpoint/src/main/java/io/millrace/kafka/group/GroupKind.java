package io.millrace.kafka.group;

import com.google.protobuf.ByteString;
import io.millrace.group.MemberDetails;
import io.millrace.group.classic.ClassicDescription;
import io.millrace.group.classic.ClassicGroup;
import io.millrace.group.classic.ClassicState;
import io.millrace.metadata.group.Group;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.protocol.Errors;

/** The kinds and states of groups as Kafka names them. Only on the metadata's event loop. */
final class GroupKind {

    static final String CLASSIC = "classic";
    static final String CONSUMER = "consumer";
    static final String DEAD = "Dead";
    static final String EMPTY = "Empty";
    static final String STABLE = "Stable";

    private GroupKind() {}

    /** Returns the type; a group that never had members is classic. */
    static String type(Group group) {
        return isConsumer(group) ? CONSUMER : CLASSIC;
    }

    /** Returns whether the coordinator assigns, as in KIP-848. */
    static boolean isConsumer(Group group) {
        return !group.protocol().isEmpty() && !group.protocol().equals(ClassicGroup.PROTOCOL);
    }

    static String protocolType(Group group) {
        return isConsumer(group)
                ? ConsumerAssignments.PROTOCOL_TYPE
                : ClassicGroup.details(group).getProtocolType();
    }

    static String name(ClassicState state) {
        return switch (state) {
            case EMPTY -> EMPTY;
            case PREPARING_REBALANCE -> "PreparingRebalance";
            case COMPLETING_REBALANCE -> "CompletingRebalance";
            case STABLE -> STABLE;
            case DEAD -> DEAD;
        };
    }

    /** Returns the state of a group by its members in the log. */
    static String state(Group group) {
        return group.members().isEmpty() ? EMPTY : STABLE;
    }

    /** Returns the description by the coordinator; otherwise, that of the log. */
    static ClassicDescription describe(Group group, Optional<ClassicDescription> coordinated) {
        return coordinated.orElseGet(() -> ClassicGroup.describe(group));
    }

    /** Returns the reason for which offsets of a topic must not be deleted. */
    static Errors deletionError(Group group, String topic) {
        if (group.members().isEmpty()) {
            return Errors.NONE;
        }
        if (isConsumer(group)) {
            boolean subscribed =
                    group.members().stream()
                            .flatMap(member -> MemberDetails.decode(member.details()).stream())
                            .anyMatch(details ->
                                    details.subscription().topics().contains(topic)
                                            || !details.subscription().pattern().isEmpty());
            return subscribed ? Errors.GROUP_SUBSCRIBED_TO_TOPIC : Errors.NONE;
        }
        return subscribedTopics(ClassicGroup.describe(group)).contains(topic)
                ? Errors.GROUP_SUBSCRIBED_TO_TOPIC
                : Errors.NONE;
    }

    private static Set<String> subscribedTopics(ClassicDescription group) {
        Set<String> topics = new TreeSet<>();
        for (ClassicDescription.Member member : group.members()) {
            ByteString metadata = member.metadata();
            topics.addAll(ConsumerAssignments.subscribedTopics(metadata.asReadOnlyByteBuffer()));
        }
        return topics;
    }
}
