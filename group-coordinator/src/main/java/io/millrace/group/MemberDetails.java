package io.millrace.group;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.metadata.proto.GroupMemberDetails;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a coordinator, and the one after it, must know of a member. Immutable.
 *
 * @param subscription what it wants to read
 * @param assignor how partitions are shared out; the members of a group must agree
 * @param sessionTimeout how long the group waits for it when it is silent, in whole milliseconds
 * @param releaseTimeout how long the group waits for it to let go of a partition that it is to give
 *     up, in whole milliseconds
 * @param zone where it runs; empty if it does not know
 * @param clientId what it calls itself, for people; may be empty
 * @param run tells it from other clients of its instance: the same as long as it lives; may be
 *     empty
 */
public record MemberDetails(
        TopicSubscription subscription,
        AssignmentStrategy assignor,
        Duration sessionTimeout,
        Duration releaseTimeout,
        String zone,
        String clientId,
        String run) {

    public static final Duration MIN_SESSION_TIMEOUT = Duration.ofSeconds(1);

    public static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(30);

    /** Of a member that another version let in: it reads nothing, and is forgotten soon. */
    public static final MemberDetails UNREADABLE =
            new MemberDetails(
                    TopicSubscription.to(Set.of()),
                    AssignmentStrategy.STICKY,
                    Duration.ofSeconds(45),
                    Duration.ofSeconds(60),
                    "",
                    "",
                    "");

    /** Whether these are certainly of one client. */
    public boolean isSameRun(MemberDetails other) {
        return !run.isEmpty() && run.equals(other.run);
    }

    /** Whether both timeouts are within their limits. */
    public boolean hasLegalTimeouts() {
        return sessionTimeout.compareTo(MIN_SESSION_TIMEOUT) >= 0
                && sessionTimeout.compareTo(LONGEST_TIMEOUT) <= 0
                && !releaseTimeout.isNegative()
                && releaseTimeout.compareTo(LONGEST_TIMEOUT) <= 0;
    }

    /** As the metadata keep it. */
    public ByteString encode() {
        return GroupMemberDetails.newBuilder()
                .addAllTopics(subscription.topics().stream().sorted().toList())
                .setPattern(subscription.pattern())
                .setAssignor(assignor.name().toLowerCase(Locale.ROOT))
                .setSessionTimeoutMs((int) sessionTimeout.toMillis())
                .setReleaseTimeoutMs((int) releaseTimeout.toMillis())
                .setZone(zone)
                .setClientId(clientId)
                .setRun(run)
                .build()
                .toByteString();
    }

    /** From what the metadata keep; empty if it is of another protocol. */
    public static Optional<MemberDetails> decode(ByteString bytes) {
        try {
            GroupMemberDetails in = GroupMemberDetails.parseFrom(bytes);
            return Optional.of(
                    new MemberDetails(
                            new TopicSubscription(Set.copyOf(in.getTopicsList()), in.getPattern()),
                            AssignmentStrategy.valueOf(in.getAssignor().toUpperCase(Locale.ROOT)),
                            Duration.ofMillis(in.getSessionTimeoutMs()),
                            Duration.ofMillis(in.getReleaseTimeoutMs()),
                            in.getZone(),
                            in.getClientId(),
                            in.getRun()));
        } catch (InvalidProtocolBufferException | IllegalArgumentException foreign) {
            return Optional.empty();
        }
    }
}
