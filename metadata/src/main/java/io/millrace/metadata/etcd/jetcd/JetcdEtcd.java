package io.millrace.metadata.etcd.jetcd;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseRevokeResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A client of etcd with one connection at a time. Owned by its event loop, which must run until
 * after {@link #close}.
 */
public final class JetcdEtcd implements Etcd {

    private final EventLoop loop;
    private final Endpoints endpoints;
    private final Duration callTimeout;

    private JetcdEtcd(EventLoop loop, Endpoints endpoints, Duration callTimeout) {
        this.loop = loop;
        this.endpoints = endpoints;
        this.callTimeout = callTimeout;
    }

    /**
     * Creates a client.
     *
     * @throws IllegalArgumentException if the certificates cannot be used
     */
    public static JetcdEtcd open(EtcdSettings settings, EventLoop loop, RandomGenerator random) {
        return new JetcdEtcd(loop, new Endpoints(settings, random), settings.callTimeout());
    }

    @Override
    public CompletableFuture<TxnResult> txn(
            List<Condition> conditions, List<Op> then, List<Op> otherwise) {
        return call(
                (member, answer) ->
                        member.forCall(KVGrpc::newStub)
                                .txn(EtcdMessages.txn(conditions, then, otherwise), answer),
                EtcdMessages::result);
    }

    @Override
    public CompletableFuture<Page> range(String from, String end, long revision, int limit) {
        return call(
                (member, answer) ->
                        member.forCall(KVGrpc::newStub)
                                .range(EtcdMessages.range(from, end, revision, limit), answer),
                EtcdMessages::page);
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        CompactionRequest request = CompactionRequest.newBuilder().setRevision(revision).build();
        return this.<CompactionResponse, CompactionResponse>call(
                        (member, answer) ->
                                member.forCall(KVGrpc::newStub).compact(request, answer),
                        Function.identity())
                .thenAccept(done -> {});
    }

    @Override
    public CompletableFuture<Void> freeSpace() {
        return range("/", "0", 0, 1)
                .thenCompose(page -> SpaceRecovery.compact(page.revision(), this::work))
                .thenCompose(forgotten -> SpaceRecovery.reclaimSpace(endpoints.all(), this::work))
                .thenCompose(given -> SpaceRecovery.clearAlarms(this::work));
    }

    @Override
    public CompletableFuture<Long> grantLease(Duration life) {
        long seconds = life.plusSeconds(1).minusNanos(1).toSeconds();
        return call(
                (member, answer) ->
                        member.forCall(LeaseGrpc::newStub)
                                .leaseGrant(
                                        LeaseGrantRequest.newBuilder().setTTL(seconds).build(),
                                        answer),
                LeaseGrantResponse::getID);
    }

    @Override
    public CompletableFuture<Boolean> renewLease(long lease) {
        return this.<LeaseKeepAliveResponse, Boolean>call(
                (member, answer) -> {
                    StreamObserver<LeaseKeepAliveRequest> request =
                            member.forCall(LeaseGrpc::newStub).leaseKeepAlive(answer);
                    request.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
                    request.onCompleted();
                },
                kept -> kept.getTTL() > 0);
    }

    @Override
    public CompletableFuture<Void> revokeLease(long lease) {
        LeaseRevokeRequest request = LeaseRevokeRequest.newBuilder().setID(lease).build();
        return this.<LeaseRevokeResponse, Boolean>call(
                        (member, answer) ->
                                member.forCall(LeaseGrpc::newStub).leaseRevoke(request, answer),
                        done -> true)
                .exceptionally(JetcdEtcd::ignoreMissingLease)
                .thenAccept(done -> {});
    }

    private static boolean ignoreMissingLease(Throwable failure) {
        if (failure instanceof EtcdException why && why.kind() == EtcdException.Kind.REJECTED) {
            return true;
        }
        throw new CompletionException(failure);
    }

    /**
     * Detached from the gRPC context, so that a cancelled server call does not cancel this call.
     */
    private <R, T> CompletableFuture<T> call(
            BiConsumer<Endpoint, StreamObserver<R>> request, Function<R, T> result) {
        return call(endpoints.current(), request, result);
    }

    private <R> CompletableFuture<R> work(
            Optional<Endpoint> member, BiConsumer<Endpoint, StreamObserver<R>> request) {
        return call(member.orElseGet(endpoints::current), request, Function.identity());
    }

    private <R, T> CompletableFuture<T> call(
            Endpoint member,
            BiConsumer<Endpoint, StreamObserver<R>> request,
            Function<R, T> result) {
        assert loop.inLoop() : "etcd must be called on its event loop";
        CompletableFuture<T> done = new CompletableFuture<>();
        Context.ROOT.run(() -> request.accept(member, new AnswerObserver<>(member, done, result)));
        return done;
    }

    private final class AnswerObserver<R, T> implements StreamObserver<R> {

        private final Endpoint member;
        private final CompletableFuture<T> done;
        private final Function<R, T> result;
        private @Nullable R answer;

        AnswerObserver(Endpoint member, CompletableFuture<T> done, Function<R, T> result) {
            this.member = member;
            this.done = done;
            this.result = result;
        }

        @Override
        public void onNext(R value) {
            answer = value;
        }

        @Override
        public void onCompleted() {
            R value = answer;
            if (value == null) {
                onError(Status.UNAVAILABLE.withDescription("no answer").asRuntimeException());
            } else {
                onLoop(() -> done.complete(result.apply(value)));
            }
        }

        @Override
        public void onError(Throwable failure) {
            Status status = Status.fromThrowable(failure);
            onLoop(() -> {
                noteFailure(member, status);
                done.completeExceptionally(EtcdFailures.of(member, status));
            });
        }
    }

    /** Called on a connection's thread. */
    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException ended) {
            // The event loop ended after {@link #close}, so no caller waits.
        }
    }

    private void noteFailure(Endpoint member, Status status) {
        if (EtcdFailures.isTokenRejected(status)
                || status.getCode() == Status.Code.PERMISSION_DENIED) {
            member.discardToken();
        }
        if (status.getCode() == Status.Code.UNAVAILABLE
                || status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
            endpoints.markUnavailable(member);
        }
    }

    @Override
    public Watch watch(
            String from, String end, long fromRevision, boolean deletes, Watcher watcher) {
        assert loop.inLoop() : "etcd must be called on its event loop";
        Endpoint member = endpoints.current();
        JetcdWatch watch =
                new JetcdWatch(
                        loop, this::onLoop, member, watcher, status -> noteFailure(member, status));
        Context.ROOT.run(() -> watch.start(from, end, fromRevision, deletes, callTimeout));
        return watch;
    }

    @Override
    public void close() {
        endpoints.close();
    }
}
