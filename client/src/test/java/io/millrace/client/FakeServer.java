package io.millrace.client;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.millrace.client.record.FakeLog;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.AllocateProducerIdRequest;
import io.millrace.protocol.v1.AllocateProducerIdResponse;
import io.millrace.protocol.v1.DescribeClusterResponse;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchResponse;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ListOffsetsRequest;
import io.millrace.protocol.v1.ListOffsetsResponse;
import io.millrace.protocol.v1.NodeRole;
import io.millrace.protocol.v1.OffsetAnswer;
import io.millrace.protocol.v1.OffsetQuery;
import io.millrace.protocol.v1.ProduceAck;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.protocol.v1.ProduceStreamRequest;
import io.millrace.protocol.v1.ProduceStreamResponse;
import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A complete in-memory server at a real port. Orders, deduplicates and serves batches by the rules
 * of docs/design.md, and injects the faults set by a test in the order in which batches arrive.
 * Thread-safe.
 */
@SystemAccess("waits for a server to end")
public final class FakeServer implements AutoCloseable {

    /** The treatment of one received batch. */
    public sealed interface Fault {
        /** Reject the batch without storing it. */
        record RejectBatch(Problem problem) implements Fault {}

        /** Store the batch, but report that the outcome is unknown. */
        record StoreAndDoubt() implements Fault {}

        /** Store the batch, and break the stream before the response. */
        record StoreAndBreak() implements Fault {}

        /** Store the batch and end the stream with a status of a different origin. */
        record StoreAndEnd(io.grpc.Status status) implements Fault {}

        /** Store the batch and end the stream with a problem of the server. */
        record StoreAndFail(Problem problem) implements Fault {}

        /** Store the batch and report an error of unknown form. */
        record StoreAndReport(com.google.rpc.Status error) implements Fault {}

        /** Break the stream without storing the batch. */
        record Break() implements Fault {}

        /** Store the batch and never respond again. */
        record StoreAndStaySilent() implements Fault {}

        /** Store the batch and respond. */
        record None() implements Fault {}
    }

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final Problem NO_METADATA =
            new Problem(Reason.METADATA_UNAVAILABLE, "The node is cut off.");

    private static final Problem NO_STORAGE =
            new Problem(Reason.STORAGE_UNAVAILABLE, "The node is cut off.");

    private static final Fault CUT_OFF = new Fault.RejectBatch(NO_METADATA);

    private static final Fault LEAVING =
            new Fault.RejectBatch(new Problem(Reason.SHUTTING_DOWN, "The node is stopping."));

    private final FakeLog log;
    private final FakeAdmin admin;
    private final FakeSubscriptions subscriptions;
    private final FakeGroups groups = new FakeGroups();
    private final FakeBucket bucket = new FakeBucket();
    private final Deque<Fault> faults = new ArrayDeque<>();
    private final AtomicInteger batchesSeen = new AtomicInteger();
    private final List<String> traceContexts = new CopyOnWriteArrayList<>();
    private final AtomicInteger fetchesSeen = new AtomicInteger();
    private final AtomicInteger bucketFetchesSeen = new AtomicInteger();
    private final AtomicInteger fetchesToBreak = new AtomicInteger();
    private final AtomicInteger fetchesToDamage = new AtomicInteger();
    private volatile boolean paused;
    private volatile boolean leaving;
    private volatile boolean cutOff;
    private volatile Function<String, Optional<Problem>> authentication = token -> Optional.empty();
    private Server server;
    private final int port;

    public FakeServer() {
        this(new FakeLog());
    }

    /** Creates one of several servers with shared data, like the nodes of a cluster. */
    FakeServer(FakeLog log) {
        this.log = log;
        this.admin = new FakeAdmin(log);
        this.subscriptions = new FakeSubscriptions(log);
        this.server = start(0);
        this.port = server.getPort();
        admin.describeClusterAs(this::alone);
    }

    private DescribeClusterResponse alone() {
        return DescribeClusterResponse.newBuilder()
                .setCluster("fake")
                .setNodeId("only")
                .setFeatureLevel(admin.featureLevel())
                .addNodes(
                        io.millrace.protocol.v1.ClusterNode.newBuilder()
                                .setId("only")
                                .addRoles(NodeRole.INGEST)
                                .addRoles(NodeRole.FETCH)
                                .setHost("localhost")
                                .setPort(port)
                                .setFeatureLevel(FakeAdmin.NEWEST_LEVEL)
                                .setVersion("9.9"))
                .build();
    }

    private Server start(int port) {
        try {
            return NettyServerBuilder.forPort(port)
                    .addService(admin)
                    .addService(subscriptions)
                    .addService(groups)
                    .addService(bucket)
                    .addService(new Ingest())
                    .addService(new Fetch())
                    .intercept(new TokenCheck())
                    .maxInboundMessageSize(16 * 1024 * 1024)
                    .directExecutor()
                    .build()
                    .start();
        } catch (IOException failed) {
            throw new UncheckedIOException("The fake cannot listen", failed);
        }
    }

    /** Makes a bucket check report the given objects and then fail with a problem. */
    public void bucketCheckEnds(List<String> objects, Problem with) {
        bucket.ends(objects, with);
    }

    public String address() {
        return "localhost:" + port;
    }

    public FakeLog log() {
        return log;
    }

    public FakeSubscriptions subscriptions() {
        return subscriptions;
    }

    public FakeAdmin admin() {
        return admin;
    }

    public FakeGroups groups() {
        return groups;
    }

    /** Sets the faults of the next batches, one each; later batches are stored. */
    public void next(Fault... these) {
        synchronized (faults) {
            faults.addAll(List.of(these));
        }
    }

    /** Breaks the connection of the next {@code count} fetches. */
    public void breakFetches(int count) {
        fetchesToBreak.set(count);
    }

    /** Damages the bytes of the next {@code count} fetches. */
    public void damageFetches(int count) {
        fetchesToDamage.set(count);
    }

    /** Returns the number of received batches, including rejected ones. */
    public int batchesSeen() {
        return batchesSeen.get();
    }

    /** Returns the trace context of each received batch; empty for none. */
    public List<String> traceContexts() {
        return traceContexts;
    }

    public int fetchesSeen() {
        return fetchesSeen.get();
    }

    /** Returns the number of fetches that read from the bucket. */
    public int bucketFetchesSeen() {
        return bucketFetchesSeen.get();
    }

    /** Leaves all batches unstored and without response until a restart. */
    public void pause() {
        paused = true;
    }

    /** Rejects all batches like a node that is shutting down. */
    void shutDown() {
        leaving = true;
    }

    /** Rejects all requests, as a node without metadata does. */
    public void cutOff() {
        cutOff = true;
    }

    /** Ends {@link #cutOff} and {@link #pause}. */
    public void heal() {
        cutOff = false;
        paused = false;
    }

    int port() {
        return port;
    }

    /**
     * Sets the check of the token of each call.
     *
     * @param check returns the problem with which a call is rejected; the token may be empty
     */
    public void authenticate(Function<String, Optional<Problem>> check) {
        authentication = check;
    }

    private final class TokenCheck implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String header = headers.get(AUTHORIZATION);
            String token = header == null ? "" : header.replace("Bearer ", "");
            Optional<Problem> problem = authentication.apply(token);
            if (problem.isEmpty()) {
                return next.startCall(call, headers);
            }
            StatusRuntimeException failure = failure(problem.get());
            @Nullable Metadata trailers = failure.getTrailers();
            call.close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
            return new ServerCall.Listener<>() {};
        }
    }

    /** Drops all connections, and listens again at the same port with the same data. */
    public void restart() {
        close();
        paused = false;
        leaving = false;
        server = startAgain();
    }

    /** Retries, because the system frees a port a moment after the server has terminated. */
    private Server startAgain() {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (true) {
            try {
                return start(port);
            } catch (UncheckedIOException taken) {
                if (System.nanoTime() - endNanos >= 0) {
                    throw taken;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
    }

    @Override
    public void close() {
        try {
            boolean ended = server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
            if (!ended) {
                throw new IllegalStateException("The fake does not end");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Fault nextFault() {
        synchronized (faults) {
            Fault fault = faults.poll();
            return fault == null ? new Fault.None() : fault;
        }
    }

    static StatusRuntimeException failure(Problem problem) {
        return StatusProto.toStatusRuntimeException(problem.toStatus());
    }

    /** Returns the status of a broken connection. */
    private static StatusRuntimeException broken() {
        return io.grpc.Status.UNAVAILABLE.withDescription("broken on purpose").asRuntimeException();
    }

    private final class Ingest extends IngestGrpc.IngestImplBase {
        @Override
        public void allocateProducerId(
                AllocateProducerIdRequest request,
                StreamObserver<AllocateProducerIdResponse> answer) {
            if (cutOff) {
                answer.onError(failure(NO_METADATA));
                return;
            }
            answer.onNext(
                    AllocateProducerIdResponse.newBuilder()
                            .setProducerId(log.newProducer())
                            .build());
            answer.onCompleted();
        }

        @Override
        public StreamObserver<ProduceStreamRequest> produceStream(
                StreamObserver<ProduceStreamResponse> answers) {
            return new Stream(answers);
        }
    }

    private final class Stream implements StreamObserver<ProduceStreamRequest> {
        private final StreamObserver<ProduceStreamResponse> answers;
        private StatusRuntimeException ending = broken();
        private boolean over;

        Stream(StreamObserver<ProduceStreamResponse> answers) {
            this.answers = answers;
        }

        @Override
        public void onNext(ProduceStreamRequest message) {
            ProduceStreamResponse.Builder response =
                    ProduceStreamResponse.newBuilder().setCorrelationId(message.getCorrelationId());
            if (over) {
                return;
            }
            boolean silent = paused;
            for (ProduceRequest request : message.getRequestsList()) {
                batchesSeen.incrementAndGet();
                traceContexts.add(request.getTraceparent());
                if (over || paused) {
                    continue;
                }
                Fault fault = leaving ? LEAVING : cutOff ? CUT_OFF : nextFault();
                @Nullable ProduceResult result = produce(request, fault);
                if (result == null) {
                    over = !(fault instanceof Fault.StoreAndStaySilent);
                    silent = true;
                } else {
                    response.addResults(result);
                }
            }
            if (over) {
                answers.onError(ending);
            } else if (!silent) {
                answers.onNext(response.build());
            }
        }

        private @Nullable ProduceResult produce(ProduceRequest request, Fault fault) {
            return switch (fault) {
                case Fault.RejectBatch(Problem problem) -> failed(problem);
                case Fault.Break() -> null;
                case Fault.None() -> stored(request);
                case Fault.StoreAndDoubt() -> {
                    stored(request);
                    yield failed(new Problem(Reason.OUTCOME_UNKNOWN, "Perhaps."));
                }
                case Fault.StoreAndBreak() -> {
                    stored(request);
                    yield null;
                }
                case Fault.StoreAndEnd(io.grpc.Status status) -> {
                    stored(request);
                    ending = status.asRuntimeException();
                    yield null;
                }
                case Fault.StoreAndFail(Problem problem) -> {
                    stored(request);
                    ending = failure(problem);
                    yield null;
                }
                case Fault.StoreAndReport(com.google.rpc.Status error) -> {
                    stored(request);
                    yield ProduceResult.newBuilder().setError(error).build();
                }
                case Fault.StoreAndStaySilent() -> {
                    stored(request);
                    yield null;
                }
            };
        }

        private ProduceResult stored(ProduceRequest request) {
            try {
                ProduceAck ack = log.append(request);
                return ProduceResult.newBuilder().setAck(ack).build();
            } catch (io.millrace.protocol.error.ProblemException rejected) {
                return failed(rejected.problem());
            }
        }

        private ProduceResult failed(Problem problem) {
            return ProduceResult.newBuilder().setError(problem.toStatus()).build();
        }

        @Override
        public void onError(Throwable gone) {
            over = true;
        }

        @Override
        public void onCompleted() {
            answers.onCompleted();
        }
    }

    private final class Fetch extends FetchGrpc.FetchImplBase {
        @Override
        public void fetch(FetchRequest request, StreamObserver<FetchResponse> answer) {
            fetchesSeen.incrementAndGet();
            if (request.getFromBucket()) {
                bucketFetchesSeen.incrementAndGet();
            }
            if (fetchesToBreak.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                answer.onError(broken());
                return;
            }
            log.whenReadable(request, () -> reply(request, answer));
        }

        private void reply(FetchRequest request, StreamObserver<FetchResponse> answer) {
            FetchResponse.Builder response = FetchResponse.newBuilder();
            int left = request.getMaxBytes() == 0 ? 8 * 1024 * 1024 : request.getMaxBytes();
            for (FetchPartition wanted : request.getPartitionsList()) {
                if (cutOff) {
                    response.addPartitions(
                            FetchedPartition.newBuilder().setError(NO_STORAGE.toStatus()));
                    continue;
                }
                FetchedPartition part = log.read(wanted, left);
                left -= part.getBatches().size();
                response.addPartitions(damaged(part));
            }
            answer.onNext(response.build());
            answer.onCompleted();
        }

        private FetchedPartition damaged(FetchedPartition part) {
            if (part.getBatches().isEmpty()
                    || fetchesToDamage.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
                return part;
            }
            byte[] bytes = part.getBatches().toByteArray();
            bytes[bytes.length - 1] ^= 1;
            return part.toBuilder().setBatches(ByteString.copyFrom(bytes)).build();
        }

        @Override
        public void listOffsets(
                ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> answer) {
            List<OffsetAnswer> answers = new ArrayList<>();
            for (OffsetQuery query : request.getQueriesList()) {
                answers.add(log.find(query));
            }
            answer.onNext(ListOffsetsResponse.newBuilder().addAllAnswers(answers).build());
            answer.onCompleted();
        }
    }
}
