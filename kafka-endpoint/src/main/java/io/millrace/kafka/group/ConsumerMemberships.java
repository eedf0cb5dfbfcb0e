package io.millrace.kafka.group;

import io.millrace.group.JoinRequest;
import io.millrace.group.MemberDetails;
import io.millrace.group.coordinator.ClassicGroups;
import io.millrace.kafka.group.ConsumerMembership.Answer;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.security.principal.Caller;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.Errors;

/**
 * The members of KIP-848 whose heartbeats reach this node. A member that moves to another node
 * continues there from the state in the log. Owned by the metadata's event loop.
 */
final class ConsumerMemberships {

    /** Less than the time after which clients repeat a heartbeat. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(5);

    /** Longer than the assignment of unused partitions takes. */
    private static final Duration MAX_WAIT_FOR_ASSIGNMENT = Duration.ofSeconds(1);

    private record Key(String group, String memberId) {}

    private final GroupBackend backend;
    // Never iterated, so the hash order is irrelevant.
    private final Map<Key, ConsumerMembership> members = new HashMap<>();

    ConsumerMemberships(GroupBackend backend) {
        this.backend = backend;
    }

    /**
     * Joins a new member, or one that starts again under its id. A join that repeats the last one,
     * as clients do after a lost answer, continues the session: the member keeps its partitions and
     * works on none of those that it must release.
     */
    CompletableFuture<Answer> join(
            String group,
            String memberId,
            String instanceId,
            MemberDetails details,
            Caller caller) {
        ConsumerMembership known = members.get(new Key(group, memberId));
        if (known != null
                && !known.isEnded()
                && known.details().equals(details)
                && instanceOf(group, memberId).equals(instanceId)) {
            return awaitAnswer(group, known, known.heartbeat(Optional.of(Set.of()), true));
        }
        ConsumerMembership member = create(group, memberId, details);
        boolean subscribes =
                !details.subscription().topics().isEmpty()
                        || !details.subscription().pattern().isEmpty();
        if (subscribes) {
            member.awaitAssignment();
            backend.metadata()
                    .loop()
                    .schedule(MAX_WAIT_FOR_ASSIGNMENT, member::stopAwaitingAssignment);
        }
        open(
                member,
                new JoinRequest(
                        group, memberId, true, instanceId, details, Optional.of(Set.of()), caller));
        return awaitAnswer(group, member, member.heartbeat(Optional.empty(), true));
    }

    private ConsumerMembership create(String group, String memberId, MemberDetails details) {
        return new ConsumerMembership(memberId, details, () -> generation(group));
    }

    private int generation(String group) {
        return backend.metadata().groups().group(group).map(Group::generation).orElse(0);
    }

    private void open(ConsumerMembership member, JoinRequest request) {
        Key key = new Key(request.group(), request.memberId());
        ConsumerMembership former = members.put(key, member);
        member.begin(backend.sessions().join(request, member), () -> members.remove(key, member));
        if (former != null) {
            former.detach();
        }
    }

    /** A change of the properties of a member; empty properties are unchanged. */
    interface DetailsChange {
        MemberDetails apply(MemberDetails known);
    }

    /**
     * Processes a heartbeat of a member that has joined.
     *
     * @param owned the partitions that the client owns; empty if unchanged
     */
    CompletableFuture<Answer> heartbeat(
            String group,
            String memberId,
            int epoch,
            Optional<Set<PartitionId>> owned,
            DetailsChange change,
            Caller caller) {
        ConsumerMembership known = members.get(new Key(group, memberId));
        if (known == null || known.isEnded()) {
            return continueHere(group, memberId, epoch, owned, change, caller);
        }
        if (epoch > known.answeredEpoch() && known.answeredEpoch() > 0) {
            // The client may return from another node.
            return continueHere(group, memberId, epoch, owned, change, caller);
        }
        if (!known.accepts(epoch, owned)) {
            return CompletableFuture.completedFuture(Answer.failed(Errors.FENCED_MEMBER_EPOCH));
        }
        known.confirm(epoch);
        boolean wantsAll = epoch != known.epoch() || owned.isPresent();
        ConsumerMembership member = changed(group, known, change, caller);
        return awaitAnswer(group, member, member.heartbeat(owned, wantsAll));
    }

    /** Opens another session if the client has changed its properties. */
    private ConsumerMembership changed(
            String group, ConsumerMembership known, DetailsChange change, Caller caller) {
        MemberDetails details = change.apply(known.details());
        if (details.equals(known.details())) {
            return known;
        }
        ConsumerMembership member = create(group, known.memberId, details);
        member.continueFrom(known);
        open(
                member,
                new JoinRequest(
                        group,
                        known.memberId,
                        false,
                        instanceOf(group, known.memberId),
                        details,
                        Optional.of(known.inUse()),
                        caller));
        return member;
    }

    private String instanceOf(String group, String memberId) {
        return logged(group, memberId).map(GroupMember::instanceId).orElse("");
    }

    private Optional<GroupMember> logged(String group, String memberId) {
        return backend.metadata().groups().group(group).flatMap(known -> known.member(memberId));
    }

    private CompletableFuture<Answer> continueHere(
            String group,
            String memberId,
            int epoch,
            Optional<Set<PartitionId>> owned,
            DetailsChange change,
            Caller caller) {
        return backend.afterBarrier(
                () -> continueFromLog(group, memberId, epoch, owned, change, caller));
    }

    private CompletableFuture<Answer> continueFromLog(
            String group,
            String memberId,
            int epoch,
            Optional<Set<PartitionId>> owned,
            DetailsChange change,
            Caller caller) {
        Optional<GroupMember> logged = logged(group, memberId);
        Optional<MemberDetails> details =
                logged.flatMap(member -> MemberDetails.decode(member.details()));
        if (details.isEmpty()) {
            return CompletableFuture.completedFuture(Answer.failed(Errors.UNKNOWN_MEMBER_ID));
        }
        if (epoch > generation(group)) {
            return CompletableFuture.completedFuture(Answer.failed(Errors.FENCED_MEMBER_EPOCH));
        }
        MemberDetails now = change.apply(details.get());
        ConsumerMembership member = create(group, memberId, now);
        member.confirm(epoch);
        // The coordinator reports all partitions of the member, or that there are none. An earlier
        // answer would make the member release all.
        member.awaitAssignment();
        open(
                member,
                new JoinRequest(
                        group,
                        memberId,
                        false,
                        logged.get().instanceId(),
                        now,
                        Optional.empty(),
                        caller));
        return awaitAnswer(group, member, member.heartbeat(owned, true));
    }

    private CompletableFuture<Answer> awaitAnswer(
            String group, ConsumerMembership member, CompletableFuture<Answer> answer) {
        if (!answer.isDone()) {
            backend.metadata().loop().schedule(MAX_WAIT, () -> member.timeOut(answer));
        }
        return answer.thenApply(result -> explained(group, member, result));
    }

    /** The reason of the coordinator stands for several codes. */
    private Answer explained(String group, ConsumerMembership member, Answer answer) {
        if (answer.error() != Errors.INVALID_GROUP_ID) {
            return answer;
        }
        Optional<Group> known = backend.metadata().groups().group(group);
        boolean classic =
                backend.classic()
                                .describe(group)
                                .filter(now -> !now.members().isEmpty())
                                .isPresent()
                        || known.filter(now ->
                                        !now.members().isEmpty() && !GroupKind.isConsumer(now))
                                .isPresent();
        if (classic) {
            return Answer.failed(Errors.INCONSISTENT_GROUP_PROTOCOL);
        }
        boolean sameAssignor =
                known.stream()
                        .flatMap(now -> now.members().stream())
                        .flatMap(other -> MemberDetails.decode(other.details()).stream())
                        .allMatch(other -> other.assignor() == member.details().assignor());
        return Answer.failed(
                sameAssignor ? Errors.UNRELEASED_INSTANCE_ID : Errors.UNSUPPORTED_ASSIGNOR);
    }

    /**
     * Returns the reason for which a member cannot be the process of an instance: the instance has
     * another member, or the member is of another instance.
     */
    CompletableFuture<Errors> checkInstance(String group, String memberId, String instanceId) {
        // Only a current state may fence a member.
        return instanceError(group, memberId, instanceId) == Errors.NONE
                ? CompletableFuture.completedFuture(Errors.NONE)
                : backend.afterBarrier(() ->
                        CompletableFuture.completedFuture(
                                instanceError(group, memberId, instanceId)));
    }

    private Errors instanceError(String group, String memberId, String instanceId) {
        Optional<Group> known = backend.metadata().groups().group(group);
        boolean replaced =
                known.stream()
                        .flatMap(now -> now.members().stream())
                        .anyMatch(other ->
                                other.instanceId().equals(instanceId)
                                        && !other.id().equals(memberId));
        if (replaced) {
            return Errors.FENCED_INSTANCE_ID;
        }
        boolean ofAnother =
                known.flatMap(now -> now.member(memberId))
                        .filter(member -> !member.instanceId().equals(instanceId))
                        .isPresent();
        return ofAnother ? Errors.UNKNOWN_MEMBER_ID : Errors.NONE;
    }

    /** Removes a member from its group. */
    CompletableFuture<Errors> leave(String group, String memberId) {
        ConsumerMembership known = members.get(new Key(group, memberId));
        return known != null
                ? known.leave().thenApply(left -> Errors.NONE)
                : backend.afterBarrier(() -> remove(group, memberId));
    }

    private CompletableFuture<Errors> remove(String group, String memberId) {
        if (logged(group, memberId).isEmpty()) {
            return CompletableFuture.completedFuture(Errors.UNKNOWN_MEMBER_ID);
        }
        return new MemberRemoval(backend.metadata())
                .remove(
                        backend.metadata().groups().group(group).orElseThrow(),
                        List.of(new ClassicGroups.Leaving(memberId, "")))
                .thenApply(List::getFirst);
    }

    /** Ends the session of a static member that will return. */
    CompletableFuture<Errors> detach(String group, String memberId) {
        ConsumerMembership known = members.get(new Key(group, memberId));
        if (known != null) {
            known.detach();
            return CompletableFuture.completedFuture(Errors.NONE);
        }
        return backend.afterBarrier(() ->
                CompletableFuture.completedFuture(
                        logged(group, memberId).isPresent()
                                ? Errors.NONE
                                : Errors.UNKNOWN_MEMBER_ID));
    }
}
