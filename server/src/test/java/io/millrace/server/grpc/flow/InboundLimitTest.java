package io.millrace.server.grpc.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.ListTopicsRequest;
import io.millrace.protocol.v1.ListTopicsResponse;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InboundLimitTest {

    private static final int MESSAGE_BYTES = 1000;
    private static final int ALL_BYTES = 2500;

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final List<Runnable> waitingForRoom = new ArrayList<>();
    private boolean hasRoom = true;
    private final InboundLimit limit =
            new InboundLimit(
                    loop,
                    MESSAGE_BYTES,
                    new InboundMemory(ALL_BYTES, 0, 1, this::whenRoom),
                    new ConnectionWindows(0));

    @Test
    void aMessageOfExactlyTheLimitArrives() {
        Arriving call = new Arriving();
        call.bytes(MESSAGE_BYTES);
        call.complete();
        assertThat(call.ends).isEmpty();
    }

    @Test
    void aTooLargeMessageEndsItsCallBeforeItIsComplete() {
        Arriving call = new Arriving();
        call.bytes(MESSAGE_BYTES);
        call.bytes(1);
        assertThat(call.ends).extracting(Status::getCode).containsExactly(Code.INVALID_ARGUMENT);
        assertThat(call.ends.getFirst().getDescription()).contains("1000 bytes");
    }

    @Test
    void aCallIsRejectedOnce() {
        Arriving call = new Arriving();
        for (int i = 0; i < 5; i++) {
            call.bytes(MESSAGE_BYTES);
        }
        assertThat(call.ends).hasSize(1);
    }

    @Test
    void messagesOfOneCallCountOneByOne() {
        Arriving call = new Arriving();
        for (int i = 0; i < 10; i++) {
            call.bytes(MESSAGE_BYTES);
            call.complete();
        }
        assertThat(call.ends).isEmpty();
    }

    @Test
    void theCallThatExceedsTheSharedLimitIsRejectedAndOthersContinue() {
        List<Arriving> calls = List.of(new Arriving(), new Arriving(), new Arriving());
        calls.forEach(call -> call.bytes(900));
        assertThat(calls.get(0).ends).isEmpty();
        assertThat(calls.get(1).ends).isEmpty();
        assertThat(calls.get(2).ends)
                .extracting(Status::getCode)
                .containsExactly(Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void callsThatEndMakeRoomForOthers() {
        Arriving first = new Arriving();
        Arriving second = new Arriving();
        first.bytes(900);
        second.bytes(900);
        first.tracer.streamClosed(Status.CANCELLED);
        second.complete();
        Arriving third = new Arriving();
        Arriving fourth = new Arriving();
        third.bytes(MESSAGE_BYTES);
        fourth.bytes(MESSAGE_BYTES);
        assertThat(third.ends).isEmpty();
        assertThat(fourth.ends).isEmpty();
        assertThat(limit.inboundBytes()).isEqualTo(2 * MESSAGE_BYTES);
    }

    @Test
    void aConnectionWaitsForItsTurnAndTheTurnForRoom() {
        Connection first = new Connection(1);
        Connection second = new Connection(2);
        Arriving ahead = new Arriving(first);
        ahead.bytes(900);
        Arriving after = new Arriving(second);
        after.bytes(900);
        assertThat(first.mayProceed()).as("it is its turn").isTrue();
        assertThat(second.mayProceed()).isFalse();
        assertThat(limit.waitingConnections()).isEqualTo(1);
        hasRoom = false;
        ahead.complete();
        loop.runReady();
        assertThat(second.mayProceed()).isFalse();
        waitingForRoom.forEach(Runnable::run);
        assertThat(second.mayProceed()).isTrue();
        assertThat(second.receivedOfChanges).isPositive();
    }

    @Test
    void aConnectionThatStallsDuringItsTurnIsRejected() {
        Connection idle = new Connection(1);
        Connection patient = new Connection(2);
        Arriving stalled = new Arriving(idle);
        Arriving other = new Arriving(idle);
        stalled.bytes(900);
        Arriving next = new Arriving(patient);
        next.bytes(900);
        loop.advance(Duration.ofSeconds(5));
        assertThat(stalled.ends)
                .extracting(Status::getCode)
                .containsExactly(Code.RESOURCE_EXHAUSTED);
        assertThat(other.ends).as("nothing of it has arrived").isEmpty();
        assertThat(next.ends).isEmpty();
        assertThat(patient.mayProceed()).isTrue();
        assertThat(limit.rejected()).isEqualTo(1);
        stalled.tracer.streamClosed(Status.CANCELLED);
        next.complete();
        loop.advance(Duration.ofSeconds(5));
        assertThat(loop.idle()).as("nobody waits").isTrue();
    }

    @Test
    void closingTheConnectionThatHasTheTurnStartsTheNextTurn() {
        Connection first = new Connection(1);
        Connection second = new Connection(2);
        Arriving ahead = new Arriving(first);
        ahead.bytes(900);
        new Arriving(second).bytes(900);
        limit.unregister(first.ends, first.joined);
        ahead.tracer.streamClosed(Status.CANCELLED);
        loop.runReady();
        assertThat(second.mayProceed()).isTrue();
    }

    private void whenRoom(Runnable task) {
        if (hasRoom) {
            task.run();
        } else {
            waitingForRoom.add(task);
        }
    }

    /** A connection whose event loop is the calling thread. */
    private final class Connection {

        private final InboundConnection.ConnectionAddresses ends;
        private final InboundConnection joined;
        private int receivedOfChanges;

        Connection(int port) {
            ends =
                    new InboundConnection.ConnectionAddresses(
                            new InetSocketAddress("127.0.0.1", 9090),
                            new InetSocketAddress("127.0.0.1", port));
            joined = limit.register(ends, Runnable::run, () -> receivedOfChanges++);
        }

        boolean mayProceed() {
            return limit.mayProceed(joined);
        }
    }

    /** A call as driven by the transport. */
    private final class Arriving {

        private final List<Status> ends = new ArrayList<>();
        private final ServerStreamTracer tracer = limit.newServerStreamTracer("m", new Metadata());
        private final Attributes attributes;

        /** A call on a connection that is not registered. */
        Arriving() {
            this(Attributes.EMPTY);
        }

        Arriving(Connection connection) {
            this(
                    Attributes.newBuilder()
                            .set(Grpc.TRANSPORT_ATTR_LOCAL_ADDR, connection.ends.local())
                            .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, connection.ends.remote())
                            .build());
        }

        private Arriving(Attributes attributes) {
            this.attributes = attributes;
            Context context = tracer.filterContext(Context.ROOT);
            RejectableCall<ListTopicsRequest, ListTopicsResponse> call =
                    new RejectableCall<>(new Call());
            context.run(() ->
                    limit.interceptCall(
                            call,
                            new Metadata(),
                            (any, headers) -> new ServerCall.Listener<>() {}));
        }

        void bytes(long count) {
            tracer.inboundWireSize(count);
            loop.runReady();
        }

        void complete() {
            tracer.inboundMessageRead(0, 0, 0);
        }

        private final class Call extends ServerCall<ListTopicsRequest, ListTopicsResponse> {
            @Override
            public void request(int messages) {}

            @Override
            public void sendHeaders(Metadata headers) {}

            @Override
            public void sendMessage(ListTopicsResponse message) {}

            @Override
            public void close(Status status, Metadata trailers) {
                ends.add(status);
            }

            @Override
            public Attributes getAttributes() {
                return attributes;
            }

            @Override
            public boolean isCancelled() {
                return false;
            }

            @Override
            public MethodDescriptor<ListTopicsRequest, ListTopicsResponse> getMethodDescriptor() {
                return AdminGrpc.getListTopicsMethod();
            }
        }
    }
}
