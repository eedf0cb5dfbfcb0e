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
 * A member of a group as its coordinator sees it: what it was told and what it said, which is not
 * in the log. What it holds is compared with its leases whenever something changes, and it is told
 * the difference. A part of {@link CoordinatedGroup}.
 */
final class MemberState {

    /** What a member is to do with the partitions that are its own. */
    interface Share {

        /** Its leases in the applied state, in order. */
        Set<PartitionId> leases();

        /** Whether it is to keep that partition. */
        boolean keeps(PartitionId key);

        /** How far the group has got in it. */
        Optional<CommittedOffset> committed(PartitionId key);
    }

    final String id;
    final String instanceId;
    private MemberDetails details;
    private ByteString encoded;
    private TopicMatcher interest;
    private Set<Long> topics = Set.of();

    /** Whether the applied state knows it. */
    boolean known;

    /** Whether its details differ from those in the applied state. */
    boolean differs;

    /** Whether it wants to read other topics than it did when they were looked up last. */
    boolean checkAgain = true;

    /** Whether it comes in place of another one. */
    boolean takesOver;

    /** Whether a change that makes it a member is on its way into the log. */
    boolean joining;

    /** It works on nothing any more, and is to be taken out of the group. */
    boolean leaving;

    /**
     * It broke the rules: it gets no answers, and has nothing any more when its session is over.
     */
    boolean fenced;

    /** The tick after which its session is over. */
    long sessionDeadline;

    /** Which of its session deadlines counts. */
    int sessionEpoch;

    /** The tick at which it must have let go of what it was to give up first. */
    long releaseDeadline = TimingWheel.Deadline.NEVER;

    /** Completes when it is out of the group. */
    final CompletableFuture<Void> gone = new CompletableFuture<>();

    private @Nullable LocalSession session;
    private boolean reportedJoined;

    private final OwnedPartitions inHand;

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
        this.interest = interest;
        this.inHand = new OwnedPartitions(owned);
    }

    /** One whom the log knows, and of whom nobody here has heard yet. */
    static MemberState known(GroupMember member) {
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
        one.known = true;
        return one;
    }

    MemberDetails details() {
        return details;
    }

    /** What the metadata shall keep of it. */
    GroupMember member() {
        return new GroupMember(id, instanceId, encoded, ByteString.EMPTY);
    }

    /** Whether it can go on. */
    boolean isWelcome() {
        return !leaving && !fenced;
    }

    /**
     * Whether it takes part in the sharing out of partitions: nobody is to give anything up for one
     * of whom the log does not know yet.
     */
    boolean sharesIn() {
        return isWelcome() && (known || takesOver);
    }

    /** How it takes part in it. */
    AssignmentSpec.Sharer sharer() {
        return new AssignmentSpec.Sharer(
                id, instanceId.isEmpty() ? id : instanceId, details.zone(), topics);
    }

    Set<Long> topics() {
        return topics;
    }

    /** Whether it has wanted these topics for as long as the log knows it. */
    boolean wantsAsBefore() {
        return known && !differs;
    }

    void check(Topics all) {
        topics = interest.among(all);
        checkAgain = false;
    }

    /** It comes, or comes again, with what it says of itself now. */
    void attach(LocalSession newSession, MemberDetails newDetails, TopicMatcher newInterest) {
        session = newSession;
        reportedJoined = false;
        ByteString newEncoded = newDetails.encode();
        differs |= known && !newEncoded.equals(encoded);
        details = newDetails;
        encoded = newEncoded;
        interest = newInterest;
        checkAgain = true;
        inHand.receivesAgain();
    }

    /** What it says that it works on; empty if it does not know. */
    void owns(Optional<Set<PartitionId>> partitions) {
        inHand.says(partitions);
    }

    /** Its connection is gone. */
    void detach() {
        session = null;
    }

    /** Ends its session if it has one. */
    void end(Problem problem) {
        LocalSession ending = session;
        session = null;
        if (ending != null) {
            ending.end(problem);
        }
    }

    /** Answers it, if it was heard of and not answered. */
    void answer() {
        if (session != null) {
            session.answer();
        }
    }

    /** What the applied state says of it now. */
    void applied(Optional<GroupMember> member) {
        known = member.isPresent();
        differs = known && !member.get().details().equals(encoded);
        if (known) {
            joining = false;
        }
    }

    void released(Collection<PartitionId> partitions, Set<PartitionId> leases) {
        inHand.released(
                partitions,
                leases,
                session == null ? OptionalLong.empty() : OptionalLong.of(session.lastCommit()));
    }

    /** Whether it is to have something as soon as its commits are through. */
    boolean waitsForCommits() {
        return inHand.waitsForCommits();
    }

    /** Whether it may be working on that partition, which is leased to it. */
    boolean worksOn(PartitionId key) {
        return !leaving && inHand.has(key);
    }

    /**
     * When it must have let go of the first of what it is to give up.
     *
     * @param newly the tick for what it has to give up only now
     * @return a tick, or NEVER
     */
    long releaseDeadline(Share share, long newly) {
        return inHand.releaseDeadline(share, newly);
    }

    /** Tells it what is new for it. */
    void report(int generation, Share share) {
        // Whoever hears this may end the session, and with it this field.
        LocalSession receives = session;
        if (receives == null) {
            inHand.forgetAllBut(share.leases());
            return;
        }
        if (!reportedJoined) {
            reportedJoined = true;
            receives.joined(id);
        }
        receives.report(generation, inHand.news(share, receives::isKnownUpTo));
    }
}
