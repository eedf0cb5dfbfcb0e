package io.millrace.server.grpc.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.BucketGrpc;
import io.millrace.protocol.v1.CheckBucketRequest;
import io.millrace.protocol.v1.CheckBucketResponse;
import io.millrace.server.grpc.RunningNode;
import io.millrace.server.grpc.call.GrpcErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("No other test may log what this one listens to.")
class BucketServiceTest {

    /** More objects than fit in flight to a client that does not read. */
    private static final int OBJECTS = 4_000;

    @TempDir Path folder;

    private final List<LogRecord> logged = Collections.synchronizedList(new ArrayList<>());
    private final Logger errors = Logger.getLogger(GrpcErrors.class.getName());
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord record) {
                    logged.add(record);
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };
    private RunningNode node;

    @BeforeEach
    void start() throws IOException {
        errors.addHandler(handler);
        node = new RunningNode(folder);
        Path notes = Files.createDirectories(folder.resolve("bucket/objects/notes"));
        for (int i = 0; i < OBJECTS; i++) {
            Files.createFile(notes.resolve("note-" + i));
        }
    }

    @AfterEach
    void stop() {
        node.close();
        errors.removeHandler(handler);
    }

    private int check() {
        List<CheckBucketResponse> all = new ArrayList<>();
        BucketGrpc.newBlockingStub(node.connect())
                .checkBucket(CheckBucketRequest.getDefaultInstance())
                .forEachRemaining(all::add);
        return all.stream().mapToInt(CheckBucketResponse::getObjectsCount).sum();
    }

    private boolean canCheck() {
        try {
            return check() >= OBJECTS;
        } catch (StatusRuntimeException stillBusy) {
            return false;
        }
    }

    /** Starts a check and waits for its first message; no further message is read. */
    private ClientCall<CheckBucketRequest, CheckBucketResponse> beginCheck() throws Exception {
        CompletableFuture<CheckBucketResponse> first = new CompletableFuture<>();
        ClientCall<CheckBucketRequest, CheckBucketResponse> call =
                node.connect().newCall(BucketGrpc.getCheckBucketMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(CheckBucketResponse message) {
                        first.complete(message);
                    }
                },
                new Metadata());
        call.sendMessage(CheckBucketRequest.getDefaultInstance());
        call.halfClose();
        call.request(1);
        first.get(20, TimeUnit.SECONDS);
        return call;
    }

    @Test
    void oneCheckRunsAtATimeUntilItsCallerCancels() throws Exception {
        ClientCall<CheckBucketRequest, CheckBucketResponse> call = beginCheck();

        StatusRuntimeException busy =
                catchThrowableOfType(StatusRuntimeException.class, this::check);
        assertThat(
                        Optional.ofNullable(StatusProto.fromThrowable(busy))
                                .flatMap(Problem::fromStatus))
                .map(Problem::reason)
                .contains(Reason.OVERLOADED);

        call.cancel("not wanted any more", null);
        RunningNode.await(this::canCheck);
        assertThat(check()).isGreaterThanOrEqualTo(OBJECTS);
        assertThat(logged).as("who leaves is no fault of the server").isEmpty();
    }
}
