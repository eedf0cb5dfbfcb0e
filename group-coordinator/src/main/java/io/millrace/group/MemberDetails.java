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
 * The part of a member's state that its coordinator and the coordinator's successor need.
 * Immutable.
 *
 * @param subscription the topics to read
 * @param assignor the assignment strategy; the same for all members of a group
 * @param sessionTimeout the maximum silence of the member before it is removed, in whole
 *     milliseconds
 * @param releaseTimeout the maximum time to release a revoked partition, in whole milliseconds
 * @param zone the member's zone; empty if unknown
 * @param clientId a name for display; may be empty
 * @param run an id of the client process that distinguishes it from other clients of the same
 *     instance; constant for its lifetime; may be empty
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

    public static final Duration MAX_TIMEOUT = Duration.ofMinutes(30);

    /** Details of a member that another version admitted: no topics, and a short session. */
    public static final MemberDetails UNREADABLE =
            new MemberDetails(
                    TopicSubscription.to(Set.of()),
                    AssignmentStrategy.STICKY,
                    Duration.ofSeconds(45),
                    Duration.ofSeconds(60),
                    "",
                    "",
                    "");

    /** Returns whether both are certainly from the same client process. */
    public boolean isSameRun(MemberDetails other) {
        return !run.isEmpty() && run.equals(other.run);
    }

    /** Returns whether both timeouts are within the limits. */
    public boolean hasLegalTimeouts() {
        return sessionTimeout.compareTo(MIN_SESSION_TIMEOUT) >= 0
                && sessionTimeout.compareTo(MAX_TIMEOUT) <= 0
                && !releaseTimeout.isNegative()
                && releaseTimeout.compareTo(MAX_TIMEOUT) <= 0;
    }

    /** Encodes the details for the metadata log. */
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

    /** Decodes details from the metadata log; empty if of another protocol. */
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
