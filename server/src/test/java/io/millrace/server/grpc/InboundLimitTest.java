package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.ListTopicsRequest;
import io.millrace.protocol.v1.ListTopicsResponse;
import io.millrace.storage.loop.SimulatedLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InboundLimitTest {

    private static final int MESSAGE_BYTES = 1000;
    private static final int ALL_BYTES = 2500;

    private final SimulatedLoop loop = new SimulatedLoop();
    private final InboundLimit limit = new InboundLimit(loop, MESSAGE_BYTES, ALL_BYTES);

    @Test
    void aMessageOfExactlyTheLimitArrives() {
        Arriving call = new Arriving();
        call.bytes(MESSAGE_BYTES);
        call.complete();
        assertThat(call.ends).isEmpty();
    }

    @Test
    void aLargerMessageEndsItsCallBeforeItIsThere() {
        Arriving call = new Arriving();
        call.bytes(MESSAGE_BYTES);
        call.bytes(1);
        assertThat(call.ends).extracting(Status::getCode).containsExactly(Code.INVALID_ARGUMENT);
        assertThat(call.ends.getFirst().getDescription()).contains("1000 bytes");
    }

    @Test
    void whatIsRefusedIsRefusedOnce() {
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
    void theCallThatGoesPastTheLimitOfAllIsOverloadAndTheOthersGoOn() {
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
        assertThat(limit.arrivingBytes()).isEqualTo(2 * MESSAGE_BYTES);
    }

    /** A call as the transport drives it. */
    private final class Arriving {

        private final List<Status> ends = new ArrayList<>();
        private final ServerStreamTracer tracer = limit.newServerStreamTracer("m", new Metadata());

        Arriving() {
            Context context = tracer.filterContext(Context.ROOT);
            RefusableCall<ListTopicsRequest, ListTopicsResponse> call =
                    new RefusableCall<>(new Call());
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
