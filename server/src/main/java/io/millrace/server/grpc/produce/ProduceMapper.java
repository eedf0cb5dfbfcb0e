package io.millrace.server.grpc.produce;

import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.CommitTiming;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.ProduceAck;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.protocol.v1.ProduceTiming;

/** Maps between produce messages and the ingest node's types. */
final class ProduceMapper {

    private static final Problem NO_PAYLOAD =
            new Problem(
                    Reason.MALFORMED_REQUEST, "The request has no payload: set batch or records.");

    private ProduceMapper() {}

    /** Submits the batch or the records. The bytes may be reused once this returns. */
    static void submit(
            IngestNode ingest, long connection, ProduceMessage request, ProduceReply reply) {
        switch (request.kind()) {
            case BATCH ->
                    ingest.produce(
                            connection,
                            request.topic(),
                            request.partition(),
                            request.payload(),
                            reply);
            case RECORDS ->
                    ingest.produceRecords(
                            connection,
                            request.topic(),
                            request.partition(),
                            request.payload(),
                            reply);
            case NONE -> reply.complete(new ProduceOutcome.Rejected(NO_PAYLOAD));
        }
    }

    static ProduceResult result(ProduceOutcome outcome, boolean wantTiming) {
        return switch (outcome) {
            case ProduceOutcome.Acknowledged stored ->
                    ProduceResult.newBuilder().setAck(ack(stored, wantTiming)).build();
            case ProduceOutcome.Rejected(var problem) ->
                    ProduceResult.newBuilder().setError(problem.toStatus()).build();
        };
    }

    static ProduceAck ack(ProduceOutcome.Acknowledged stored, boolean wantTiming) {
        ProduceAck.Builder ack =
                ProduceAck.newBuilder()
                        .setBaseOffset(stored.baseOffset())
                        .setAppendTimeMs(stored.appendTimeMs())
                        .setDuplicate(stored.duplicate());
        if (wantTiming) {
            ack.setTiming(timing(stored.timing()));
        }
        return ack.build();
    }

    private static ProduceTiming timing(CommitTiming timing) {
        return ProduceTiming.newBuilder()
                .setLingerUs(timing.lingerNanos() / 1000)
                .setUploadUs(timing.uploadNanos() / 1000)
                .setAppendUs(timing.appendNanos() / 1000)
                .setApplyUs(timing.applyNanos() / 1000)
                .build();
    }
}
