package io.millrace.metadata.etcd.jetcd;

import io.etcd.jetcd.api.AlarmMember;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmResponse;
import io.etcd.jetcd.api.AlarmType;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.DefragmentResponse;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.stub.StreamObserver;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.runtime.FutureFailures;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/** The steps by which etcd gets out of having no space, in their order. On the client's loop. */
final class Room {

    /** A database of which less is free is not rewritten: its member answers nobody meanwhile. */
    private static final double WORTH_IT = 0.1;

    /** Of the bytes in use, in a status: these stubs are older than the field. */
    private static final int DB_SIZE_IN_USE = 9;

    private Room() {}

    /** How a call is made. */
    interface Caller {

        /**
         * Makes a call.
         *
         * @param member empty for any
         */
        <R> CompletableFuture<R> call(
                Optional<Endpoint> member, BiConsumer<Endpoint, StreamObserver<R>> request);
    }

    /** Forgets the history before a revision, and waits until its space is free. */
    static CompletionStage<Void> forget(long revision, Caller caller) {
        CompactionRequest request =
                CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build();
        return caller.<CompactionResponse>call(
                        Optional.empty(),
                        (member, answer) ->
                                member.forWork(KVGrpc::newStub).compact(request, answer))
                .<Void>thenApply(done -> null)
                .exceptionally(Room::wasForgotten);
    }

    private static Void wasForgotten(Throwable failure) {
        return passOver(EtcdException.Kind.COMPACTED, failure);
    }

    private static Void passOver(EtcdException.Kind kind, Throwable failure) {
        Throwable cause = FutureFailures.of(failure);
        if (cause instanceof EtcdException why && why.kind() == kind) {
            return null;
        }
        throw new CompletionException(cause);
    }

    /** Has one member after the other give back what is free; one that is away keeps it. */
    static CompletionStage<Void> release(List<Endpoint> members, Caller caller) {
        CompletionStage<Void> done = CompletableFuture.completedFuture(null);
        for (Endpoint member : members) {
            done = done.thenCompose(before -> release(member, caller).exceptionally(Room::isAway));
        }
        return done;
    }

    private static Void isAway(Throwable failure) {
        return passOver(EtcdException.Kind.AWAY, failure);
    }

    private static CompletionStage<Void> release(Endpoint which, Caller caller) {
        return caller.<StatusResponse>call(
                        Optional.of(which),
                        (member, answer) ->
                                member.forCall(MaintenanceGrpc::newStub)
                                        .status(StatusRequest.getDefaultInstance(), answer))
                .thenCompose(status -> {
                    long free = status.getDbSize() - used(status);
                    return free < WORTH_IT * status.getDbSize()
                            ? CompletableFuture.completedFuture(null)
                            : defragment(which, caller);
                });
    }

    private static long used(StatusResponse status) {
        return status.getUnknownFields().getField(DB_SIZE_IN_USE).getVarintList().stream()
                .findFirst()
                .orElse(0L);
    }

    private static CompletionStage<Void> defragment(Endpoint which, Caller caller) {
        return caller.<DefragmentResponse>call(
                        Optional.of(which),
                        (member, answer) ->
                                member.forWork(MaintenanceGrpc::newStub)
                                        .defragment(DefragmentRequest.getDefaultInstance(), answer))
                .thenApply(done -> null);
    }

    /** Takes back every member's alarm of having no space. */
    static CompletionStage<Void> disarm(Caller caller) {
        return alarm(AlarmRequest.AlarmAction.GET, AlarmMember.getDefaultInstance(), caller)
                .thenCompose(alarms -> {
                    CompletionStage<Void> done = CompletableFuture.completedFuture(null);
                    for (AlarmMember alarm : alarms.getAlarmsList()) {
                        if (alarm.getAlarm() == AlarmType.NOSPACE) {
                            done =
                                    done.thenCompose(before ->
                                            alarm(
                                                            AlarmRequest.AlarmAction.DEACTIVATE,
                                                            alarm,
                                                            caller)
                                                    .thenApply(disarmed -> null));
                        }
                    }
                    return done;
                });
    }

    private static CompletableFuture<AlarmResponse> alarm(
            AlarmRequest.AlarmAction action, AlarmMember alarm, Caller caller) {
        AlarmRequest request =
                AlarmRequest.newBuilder()
                        .setAction(action)
                        .setMemberID(alarm.getMemberID())
                        .setAlarm(alarm.getAlarm())
                        .build();
        return caller.call(
                Optional.empty(),
                (member, answer) ->
                        member.forCall(MaintenanceGrpc::newStub).alarm(request, answer));
    }
}
