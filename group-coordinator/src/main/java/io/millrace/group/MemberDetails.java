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
 * The member state that is stored in the log for the coordinator's successor. Immutable.
 *
 * @param assignor the same for all members of a group
 * @param sessionTimeout the maximum time without a message, in whole milliseconds
 * @param releaseTimeout the maximum time to release a revoked partition, in whole milliseconds
 * @param run an id of the client process, constant for its lifetime; may be empty
 * @param origin the user whose rights limit the topics of the member
 */
public record MemberDetails(
        TopicSubscription subscription,
        AssignmentStrategy assignor,
        Duration sessionTimeout,
        Duration releaseTimeout,
        String zone,
        String clientId,
        String run,
        MemberOrigin origin) {

    public static final Duration MIN_SESSION_TIMEOUT = Duration.ofSeconds(1);

    public static final Duration MAX_TIMEOUT = Duration.ofMinutes(30);

    /** The replacement for undecodable details. */
    public static final MemberDetails UNREADABLE =
            new MemberDetails(
                    TopicSubscription.to(Set.of()),
                    AssignmentStrategy.STICKY,
                    Duration.ofSeconds(45),
                    Duration.ofSeconds(60),
                    "",
                    "",
                    "");

    /** Creates details of a member that was not authenticated. */
    public MemberDetails(
            TopicSubscription subscription,
            AssignmentStrategy assignor,
            Duration sessionTimeout,
            Duration releaseTimeout,
            String zone,
            String clientId,
            String run) {
        this(
                subscription,
                assignor,
                sessionTimeout,
                releaseTimeout,
                zone,
                clientId,
                run,
                MemberOrigin.UNKNOWN);
    }

    /** Returns these details with the origin of the member. */
    public MemberDetails from(MemberOrigin member) {
        return new MemberDetails(
                subscription,
                assignor,
                sessionTimeout,
                releaseTimeout,
                zone,
                clientId,
                run,
                member);
    }

    /** Returns whether both are certainly from the same client process. */
    public boolean isSameRun(MemberDetails other) {
        return !run.isEmpty() && run.equals(other.run);
    }

    public boolean hasLegalTimeouts() {
        return sessionTimeout.compareTo(MIN_SESSION_TIMEOUT) >= 0
                && sessionTimeout.compareTo(MAX_TIMEOUT) <= 0
                && !releaseTimeout.isNegative()
                && releaseTimeout.compareTo(MAX_TIMEOUT) <= 0;
    }

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
                .setPrincipal(origin.principal())
                .setHost(origin.host())
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
                            in.getRun(),
                            new MemberOrigin(in.getPrincipal(), in.getHost())));
        } catch (InvalidProtocolBufferException | IllegalArgumentException foreign) {
            return Optional.empty();
        }
    }
}
