package io.millrace.group.coordinator;

import com.google.protobuf.ByteString;
import io.millrace.group.MemberDetails;
import io.millrace.group.TopicAccess;
import io.millrace.group.assignor.AssignmentSpec;
import io.millrace.group.timing.TimingWheel;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's state of one member, beyond the state in the log. A part of {@link
 * CoordinatedGroup}.
 */
final class MemberState {

    interface LeasePlan {

        Set<PartitionId> leases();

        boolean keeps(PartitionId key);

        Optional<CommittedOffset> committed(PartitionId key);
    }

    final String id;
    final String instanceId;
    private MemberDetails details;
    private ByteString encoded;
    private TopicMatcher topicMatcher;
    private Set<Long> topics = Set.of();

    /** True if the member is in the applied state. */
    boolean admitted;

    /** True if the details differ from the applied state. */
    boolean detailsDiffer;

    boolean topicsStale = true;

    boolean isTakeover;

    /** True if a change that admits the member is in flight. */
    boolean joining;

    /** True if the member works on no partition any more and must be removed from the group. */
    boolean leaving;

    /**
     * True if the member did not release a partition in time: no further answers, and all
     * partitions are lost when the session expires.
     */
    boolean fenced;

    /** In ticks. */
    long sessionDeadline;

    int sessionEpoch;

    /** The first deadline, in ticks. */
    long releaseDeadline = TimingWheel.Deadline.NEVER;

    final CompletableFuture<Void> removed = new CompletableFuture<>();

    private @Nullable LocalSession session;
    private boolean reportedJoined;

    private final OwnedPartitions ownedPartitions;

    MemberState(
            String id,
            String instanceId,
            MemberDetails details,
            TopicMatcher interest,
            Optional<Set<PartitionId>> owned) {
        this.id = id;
        this.instanceId = instanceId;
        this.details = details;
        this.encoded = details.encode();
        this.topicMatcher = interest;
        this.ownedPartitions = new OwnedPartitions(owned);
    }

    static MemberState admitted(GroupMember member) {
        MemberDetails details =
                MemberDetails.decode(member.details()).orElse(MemberDetails.UNREADABLE);
        TopicMatcher interest;
        try {
            interest = new TopicMatcher(details.subscription());
        } catch (ProblemException unreadable) {
            interest = TopicMatcher.NONE;
        }
        MemberState memberState =
                new MemberState(
                        member.id(), member.instanceId(), details, interest, Optional.empty());
        memberState.admitted = true;
        return memberState;
    }

    MemberDetails details() {
        return details;
    }

    GroupMember member() {
        return new GroupMember(id, instanceId, encoded, ByteString.EMPTY);
    }

    boolean isActive() {
        return !leaving && !fenced;
    }

    /**
     * Returns whether partitions are assigned to the member. Except in a takeover, partitions are
     * revoked only for members that are in the log.
     */
    boolean isAssignable() {
        return isActive() && (admitted || isTakeover);
    }

    AssignmentSpec.MemberSpec spec() {
        return new AssignmentSpec.MemberSpec(
                id, instanceId.isEmpty() ? id : instanceId, details.zone(), topics);
    }

    Set<Long> topics() {
        return topics;
    }

    boolean subscriptionUnchanged() {
        return admitted && !detailsDiffer;
    }

    TopicMatcher topicMatcher() {
        return topicMatcher;
    }

    /** Topics that the member may not read are left out. */
    void resolveTopics(SharedMatches matches, Topics all, TopicAccess access) {
        Set<Long> matched = matches.topicIds(topicMatcher, all);
        topics = access == TopicAccess.ALL ? matched : readable(matched, all, details, access);
        topicsStale = false;
    }

    private static Set<Long> readable(
            Set<Long> matched, Topics all, MemberDetails details, TopicAccess access) {
        Set<Long> readable = new TreeSet<>();
        for (long id : matched) {
            all.withId(id)
                    .filter(topic -> access.mayRead(details.origin(), topic.name()))
                    .ifPresent(topic -> readable.add(id));
        }
        // Most members may read all their topics, and share the set.
        return readable.size() == matched.size() ? matched : readable;
    }

    void attach(LocalSession newSession, MemberDetails newDetails, TopicMatcher newInterest) {
        session = newSession;
        reportedJoined = false;
        ByteString newEncoded = newDetails.encode();
        detailsDiffer |= admitted && !newEncoded.equals(encoded);
        details = newDetails;
        encoded = newEncoded;
        topicMatcher = newInterest;
        topicsStale = true;
        ownedPartitions.sessionReplaced();
    }

    /** Empty if unknown. */
    void setOwned(Optional<Set<PartitionId>> partitions) {
        ownedPartitions.replace(partitions);
    }

    boolean hasSession() {
        return session != null;
    }

    void detach() {
        session = null;
    }

    void end(Problem problem) {
        LocalSession ending = session;
        session = null;
        if (ending != null) {
            ending.end(problem);
        }
    }

    void acknowledge() {
        if (session != null) {
            session.acknowledge();
        }
    }

    void applied(Optional<GroupMember> member) {
        admitted = member.isPresent();
        detailsDiffer = admitted && !member.get().details().equals(encoded);
        if (admitted) {
            joining = false;
        }
    }

    void released(Collection<PartitionId> partitions, Set<PartitionId> leases) {
        ownedPartitions.released(
                partitions,
                leases,
                session == null ? OptionalLong.empty() : OptionalLong.of(session.lastCommit()));
    }

    boolean waitsForCommits() {
        return ownedPartitions.waitsForCommits();
    }

    boolean mayWorkOn(PartitionId key) {
        return !leaving && ownedPartitions.has(key);
    }

    /**
     * Returns a tick, or NEVER.
     *
     * @param newly the deadline of revocations that start now
     */
    long releaseDeadline(LeasePlan share, long newly) {
        return ownedPartitions.releaseDeadline(share, newly);
    }

    void report(int generation, LeasePlan share) {
        // The listener may end the session and thereby clear the field.
        LocalSession receives = session;
        if (receives == null) {
            ownedPartitions.retainAll(share.leases());
            return;
        }
        if (!reportedJoined) {
            reportedJoined = true;
            receives.joined(id);
        }
        receives.report(
                generation, ownedPartitions.takeNotifications(share, receives::isSettledUpTo));
    }
}
