package io.millrace.group.classic;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.group.timing.Timeouts;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.proto.ClassicAssignmentProtocol;
import io.millrace.metadata.proto.ClassicMemberDetails;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A member of a classic group, with the requests of the member that wait. */
final class ClassicMember {

    final String id;
    final String instanceId;
    private String clientId;
    private String host;
    private Duration sessionTimeout;
    private Duration rebalanceTimeout;
    private List<AssignmentProtocol> protocols;

    ByteString assignment = ByteString.EMPTY;

    /** The generation that the member was told last. */
    int generation;

    /** The details in the last proposed change. */
    ByteString proposed = ByteString.EMPTY;

    /** True if the member is in the applied state. */
    boolean logged;

    /** True until the member has taken part in a rebalance. */
    boolean isNew;

    /** True if the member waits only for the log to replace the former member of the instance. */
    boolean isTakeover;

    /** The id of the former member of the instance; empty if there is none. */
    String replaces = "";

    boolean maySkipAssignment;

    /** True if the member has joined the rebalance and not asked for its assignment. */
    boolean pendingSync;

    private @Nullable Consumer<JoinAnswer> joining;
    private @Nullable Consumer<SyncAnswer> syncing;
    private Timeouts.@Nullable Timeout session;

    ClassicMember(String id, ClassicJoin request) {
        this.id = id;
        this.instanceId = request.instanceId();
        this.clientId = request.clientId();
        this.host = request.host();
        this.sessionTimeout = request.sessionTimeout();
        this.rebalanceTimeout = request.rebalanceTimeout();
        this.protocols = request.protocols();
    }

    private ClassicMember(GroupMember member, ClassicMemberDetails details) {
        this.id = member.id();
        this.instanceId = member.instanceId();
        this.clientId = details.getClientId();
        this.host = details.getHost();
        this.sessionTimeout = Duration.ofMillis(details.getSessionTimeoutMs());
        this.rebalanceTimeout = Duration.ofMillis(details.getRebalanceTimeoutMs());
        this.protocols =
                details.getProtocolsList().stream()
                        .map(way -> new AssignmentProtocol(way.getName(), way.getMetadata()))
                        .toList();
        this.assignment = member.assignment();
        this.generation = details.getGeneration();
        this.logged = true;
    }

    /** Decodes a member of the applied state; without protocols if its details are unreadable. */
    static ClassicMember decode(GroupMember member) {
        try {
            return new ClassicMember(member, ClassicMemberDetails.parseFrom(member.details()));
        } catch (InvalidProtocolBufferException unreadable) {
            return new ClassicMember(member, ClassicMemberDetails.getDefaultInstance());
        }
    }

    void update(ClassicJoin request) {
        clientId = request.clientId();
        host = request.host();
        sessionTimeout = request.sessionTimeout();
        rebalanceTimeout = request.rebalanceTimeout();
        protocols = request.protocols();
    }

    /** Returns the member for a change that creates this generation of the group. */
    GroupMember propose(int newGeneration, ByteString newAssignment) {
        ClassicMemberDetails.Builder out =
                ClassicMemberDetails.newBuilder()
                        .setSessionTimeoutMs((int) sessionTimeout.toMillis())
                        .setRebalanceTimeoutMs((int) rebalanceTimeout.toMillis())
                        .setClientId(clientId)
                        .setHost(host)
                        .setGeneration(newGeneration);
        for (AssignmentProtocol way : protocols) {
            out.addProtocols(
                    ClassicAssignmentProtocol.newBuilder()
                            .setName(way.name())
                            .setMetadata(way.metadata()));
        }
        proposed = out.build().toByteString();
        return new GroupMember(id, instanceId, proposed, newAssignment);
    }

    boolean isStatic() {
        return !instanceId.isEmpty();
    }

    String clientId() {
        return clientId;
    }

    String host() {
        return host;
    }

    Duration rebalanceTimeout() {
        return rebalanceTimeout;
    }

    List<AssignmentProtocol> protocols() {
        return protocols;
    }

    Optional<ByteString> metadata(String protocol) {
        return protocols.stream()
                .filter(way -> way.name().equals(protocol))
                .map(AssignmentProtocol::metadata)
                .findFirst();
    }

    /** Describes the member without metadata, which change in a rebalance. */
    ClassicDescription.Member describe() {
        return new ClassicDescription.Member(
                id, instanceId, clientId, host, ByteString.EMPTY, assignment);
    }

    ClassicDescription.Member describe(String protocol) {
        return new ClassicDescription.Member(
                id,
                instanceId,
                clientId,
                host,
                metadata(protocol).orElse(ByteString.EMPTY),
                assignment);
    }

    void startSession(Timeouts timeouts, Duration more, Runnable expired) {
        endSession();
        session = timeouts.start(sessionTimeout.plus(more), expired);
    }

    void startFirstSession(Timeouts timeouts, Duration time, Runnable expired) {
        endSession();
        session = timeouts.start(time, expired);
    }

    void extendSession() {
        if (session != null) {
            session.extend(sessionTimeout);
        }
    }

    void endSession() {
        if (session != null) {
            session.cancel();
        }
        session = null;
    }

    boolean isJoining() {
        return joining != null;
    }

    /** Returns whether a request of the member waits, so that the client cannot send heartbeats. */
    boolean isWaiting() {
        return joining != null || syncing != null;
    }

    /** Refuses an earlier request that still waits, because its client has sent the next. */
    void awaitJoin(Consumer<JoinAnswer> reply) {
        answerJoin(new JoinAnswer.Refused(id, ClassicError.REBALANCE_IN_PROGRESS));
        joining = reply;
    }

    void awaitSync(Consumer<SyncAnswer> reply) {
        answerSync(new SyncAnswer.Refused(ClassicError.REBALANCE_IN_PROGRESS));
        syncing = reply;
    }

    void answerJoin(JoinAnswer answer) {
        Consumer<JoinAnswer> reply = joining;
        joining = null;
        isTakeover = false;
        if (reply != null) {
            reply.accept(answer);
        }
    }

    void answerSync(SyncAnswer answer) {
        Consumer<SyncAnswer> reply = syncing;
        syncing = null;
        if (reply != null) {
            reply.accept(answer);
        }
    }

    /** Refuses all requests that wait. */
    void refuse(ClassicError error) {
        answerJoin(new JoinAnswer.Refused(id, error));
        answerSync(new SyncAnswer.Refused(error));
    }
}
