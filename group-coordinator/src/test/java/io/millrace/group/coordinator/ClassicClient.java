package io.millrace.group.coordinator;

import com.google.protobuf.ByteString;
import io.millrace.group.classic.AssignmentProtocol;
import io.millrace.group.classic.ClassicError;
import io.millrace.group.classic.ClassicJoin;
import io.millrace.group.classic.ClassicSync;
import io.millrace.group.classic.JoinAnswer;
import io.millrace.group.classic.MemberAssignment;
import io.millrace.group.classic.MemberOfGeneration;
import io.millrace.group.classic.SyncAnswer;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A client of a classic group that follows the protocol: joins, assigns partitions in turn if it
 * leads, and asks for its assignment.
 */
final class ClassicClient {

    static final Duration SESSION = Duration.ofSeconds(10);
    static final Duration REBALANCE = Duration.ofSeconds(30);

    private final Runnable settle;
    final String name;
    final String instanceId;
    ClassicGroups groups;
    List<AssignmentProtocol> protocols;
    String protocolType = "consumer";
    Topic topic;
    String id = "";
    int generation = -1;
    boolean leads;
    List<JoinAnswer.JoinedMember> members = List.of();
    Optional<ClassicError> error = Optional.empty();
    Optional<ByteString> assignment = Optional.empty();
    CompletableFuture<JoinAnswer> joining = new CompletableFuture<>();
    CompletableFuture<SyncAnswer> syncing = new CompletableFuture<>();
    boolean syncsByItself = true;
    boolean skipped;

    /** The partitions that this client as the leader assigns to no member. */
    Set<Integer> unassigned = Set.of();

    private boolean syncSent;

    /**
     * @param settle runs the tasks of the event loop that are due
     */
    ClassicClient(
            Runnable settle, String name, String instanceId, ClassicGroups groups, Topic topic) {
        this.settle = settle;
        this.name = name;
        this.instanceId = instanceId;
        this.groups = groups;
        this.topic = topic;
        this.protocols = protocols("range");
    }

    List<AssignmentProtocol> protocols(String... names) {
        List<AssignmentProtocol> ways = new ArrayList<>();
        for (String way : names) {
            ways.add(new AssignmentProtocol(way, ByteString.copyFromUtf8(way + " of " + name)));
        }
        return ways;
    }

    ClassicJoin request() {
        return new ClassicJoin(
                id,
                instanceId,
                protocolType,
                protocols,
                SESSION,
                REBALANCE,
                name,
                "host",
                true,
                true);
    }

    /** Joins, again with a promised id, and asks for the assignment once the rebalance is over. */
    void join() {
        error = Optional.empty();
        assignment = Optional.empty();
        syncSent = false;
        CompletableFuture<JoinAnswer> sent = groups.join("g", request());
        joining = sent;
        sent.thenAccept(answer -> {
            // The client may have given up on this request.
            if (joining == sent) {
                joined(answer);
            }
        });
    }

    private void joined(JoinAnswer answer) {
        switch (answer) {
            case JoinAnswer.Refused(String promised, ClassicError why)
                    when why == ClassicError.MEMBER_ID_REQUIRED -> {
                id = promised;
                join();
            }
            case JoinAnswer.Refused refused -> {
                error = Optional.of(refused.error());
                if (refused.error() == ClassicError.UNKNOWN_MEMBER) {
                    id = "";
                }
            }
            case JoinAnswer.Joined joined -> {
                id = joined.memberId();
                generation = joined.generation();
                leads = joined.leader().equals(id);
                members = joined.members();
                skipped = joined.skipAssignment();
                if (syncsByItself) {
                    sync();
                }
            }
        }
    }

    void sync() {
        Map<String, MemberAssignment> assignments = new HashMap<>();
        for (int i = 0; leads && !skipped && i < members.size(); i++) {
            List<PartitionId> keys = new ArrayList<>();
            for (int p = i; p < topic.partitionCount(); p += members.size()) {
                if (!unassigned.contains(p)) {
                    keys.add(new PartitionId(topic.id(), p));
                }
            }
            assignments.put(
                    members.get(i).memberId(),
                    new MemberAssignment(
                            ByteString.copyFromUtf8(
                                    keys.stream().map(PartitionId::partition).toList().toString()),
                            protocolType.equals("consumer") ? keys : List.of()));
        }
        syncSent = true;
        syncing = groups.sync("g", new ClassicSync(caller(), protocolType, "", assignments));
        CompletableFuture<SyncAnswer> sent = syncing;
        CompletableFuture<JoinAnswer> after = joining;
        sent.thenAccept(answer -> {
            if (joining != after) {
                return;
            }
            switch (answer) {
                case SyncAnswer.Assigned its -> assignment = Optional.of(its.assignment());
                case SyncAnswer.Refused refused -> error = Optional.of(refused.error());
            }
        });
    }

    MemberOfGeneration caller() {
        return new MemberOfGeneration(id, instanceId, generation);
    }

    /** Sends a heartbeat; joins again if the coordinator demands. */
    Optional<ClassicError> heartbeat() {
        Optional<ClassicError> answer = await(groups.heartbeat("g", caller()));
        answer.ifPresent(why -> {
            if (why == ClassicError.UNKNOWN_MEMBER) {
                id = "";
            }
            if (!joining.isDone() && why == ClassicError.REBALANCE_IN_PROGRESS) {
                return;
            }
            if (why != ClassicError.NOT_COORDINATOR && why != ClassicError.FENCED_INSTANCE) {
                join();
            }
        });
        return answer;
    }

    private <T> T await(CompletableFuture<T> answer) {
        settle.run();
        return answer.join();
    }

    boolean isWaiting() {
        return !joining.isDone() || (syncSent && !syncing.isDone());
    }

    /** Returns whether the last request was refused. */
    boolean failed() {
        return joining.isDone() && error.isPresent();
    }

    CompletableFuture<List<Optional<ClassicError>>> leave() {
        return groups.leave("g", List.of(new ClassicGroups.Leaving(id, instanceId)));
    }

    String text() {
        return assignment.map(ByteString::toStringUtf8).orElse("");
    }
}
