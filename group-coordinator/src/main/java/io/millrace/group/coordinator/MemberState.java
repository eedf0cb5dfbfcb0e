package io.millrace.group.coordinator;

import com.google.protobuf.ByteString;
import io.millrace.group.MemberDetails;
import io.millrace.group.assignor.AssignmentSpec;
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
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's state of one member, beyond the state in the log. The partitions reported by
 * and to the member are compared with the leases at every change, and the member is notified of the
 * difference. A part of {@link CoordinatedGroup}.
 */
final class MemberState {

    /** The member's leases and the instructions for them. */
    interface LeasePlan {

        /** Returns the member's leases in the applied state, in order. */
        Set<PartitionId> leases();

        /** Returns whether the member keeps the partition. */
        boolean keeps(PartitionId key);

        /** Returns the group's committed offset. */
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

    /** True if the subscription must be resolved to topics again. */
    boolean topicsStale = true;

    /** True if the member replaces an existing one. */
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

    /** The tick at which the session expires. */
    long sessionDeadline;

    /** The epoch of the valid session deadline. */
    int sessionEpoch;

    /** The tick of the first release deadline. */
    long releaseDeadline = TimingWheel.Deadline.NEVER;

    /** Completes when the member has been removed from the group. */
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

    /** Creates the state of a member from the log that has no session here yet. */
    static MemberState admitted(GroupMember member) {
        MemberDetails details =
                MemberDetails.decode(member.details()).orElse(MemberDetails.UNREADABLE);
        TopicMatcher interest;
        try {
            interest = new TopicMatcher(details.subscription());
        } catch (ProblemException unreadable) {
            interest = TopicMatcher.NONE;
        }
        MemberState one =
                new MemberState(
                        member.id(), member.instanceId(), details, interest, Optional.empty());
        one.admitted = true;
        return one;
    }

    MemberDetails details() {
        return details;
    }

    /** Returns the member in the form written to the log. */
    GroupMember member() {
        return new GroupMember(id, instanceId, encoded, ByteString.EMPTY);
    }

    boolean isActive() {
        return !leaving && !fenced;
    }

    /**
     * Returns whether partitions are assigned to the member. No member gives up partitions for a
     * member that is not in the log yet, except in a takeover.
     */
    boolean isAssignable() {
        return isActive() && (admitted || isTakeover);
    }

    /** Returns the member's part of the assignment spec. */
    AssignmentSpec.MemberSpec spec() {
        return new AssignmentSpec.MemberSpec(
                id, instanceId.isEmpty() ? id : instanceId, details.zone(), topics);
    }

    Set<Long> topics() {
        return topics;
    }

    /** Returns whether the subscription is unchanged since the member was written to the log. */
    boolean subscriptionUnchanged() {
        return admitted && !detailsDiffer;
    }

    void resolveTopics(Topics all) {
        topics = topicMatcher.topicIds(all);
        topicsStale = false;
    }

    /** Attaches a new session with the current details. */
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

    /** Sets the partitions that the member reports; empty if unknown. */
    void setOwned(Optional<Set<PartitionId>> partitions) {
        ownedPartitions.replace(partitions);
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

    /** Acknowledges the last heartbeat, if that is pending. */
    void acknowledge() {
        if (session != null) {
            session.acknowledge();
        }
    }

    /** Takes over the member's applied state. */
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

    /** Returns whether an assignment waits for the results of the member's commits. */
    boolean waitsForCommits() {
        return ownedPartitions.waitsForCommits();
    }

    /** Returns whether the member may work on the partition, to which it has a lease. */
    boolean mayWorkOn(PartitionId key) {
        return !leaving && ownedPartitions.has(key);
    }

    /**
     * Returns the tick of the first release deadline.
     *
     * @param newly the deadline of revocations that start now
     * @return a tick, or NEVER
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
