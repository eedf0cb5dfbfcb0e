package io.millrace.kafka.produce;

import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.ingest.sequence.ProducerSequence;
import io.millrace.ingest.sequence.SequenceGaps.GapVerdict;
import io.millrace.kafka.cluster.KafkaNode;
import io.millrace.kafka.connection.KafkaErrors;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.NodeEndpoint;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;

/**
 * The receiver of the outcome of one batch, which becomes its part of the answer. Owned by the loop
 * of the ingest node.
 *
 * @param producerId -1 without an idempotent producer
 */
record BatchDecision(
        ProduceContext shared,
        String topic,
        long producerId,
        short producerEpoch,
        PartitionProduceResponse decision,
        PendingProduce request)
        implements ProduceReply {

    private static final short FIRST_WITH_RECORD_ERRORS = 8;
    private static final short FIRST_WITH_LEADER = 10;

    /** The detail of a problem that names the position of a record. */
    private static final String RECORD = "record";

    @Override
    public void complete(ProduceOutcome outcome) {
        switch (outcome) {
            case ProduceOutcome.Acknowledged stored -> stored(stored);
            case ProduceOutcome.Rejected(var problem) -> rejected(problem);
        }
        request.decided();
    }

    private void stored(ProduceOutcome.Acknowledged stored) {
        if (stored.baseOffset() < 0) {
            request.reject(decision, Errors.DUPLICATE_SEQUENCE_NUMBER);
            return;
        }
        decision.setBaseOffset(stored.baseOffset());
        shared.metadata()
                .topics()
                .named(topic)
                .ifPresent(found -> {
                    if (found.settings().logAppendTime()) {
                        decision.setLogAppendTimeMs(stored.appendTimeMs());
                    }
                    shared.metadata()
                            .view()
                            .partition(found.id(), decision.index())
                            .ifPresent(log -> decision.setLogStartOffset(log.logStartOffset()));
                    if (producerId >= 0 && !stored.duplicate() && !shared.gaps().isEmpty()) {
                        shared.gaps().appended(sequence(found));
                    }
                });
    }

    private ProducerSequence sequence(Topic found) {
        return new ProducerSequence(found.id(), decision.index(), producerId, producerEpoch);
    }

    private void rejected(Problem problem) {
        Errors error = errorOf(problem);
        request.reject(decision, error);
        if (error != Errors.NOT_LEADER_OR_FOLLOWER) {
            decision.setErrorMessage(problem.message());
        }
        String record = problem.details().get(RECORD);
        if (record != null && request.context().version() >= FIRST_WITH_RECORD_ERRORS) {
            decision.recordErrors()
                    .add(
                            new BatchIndexAndErrorMessage()
                                    .setBatchIndex(Integer.parseInt(record))
                                    .setBatchIndexErrorMessage(problem.message()));
        }
    }

    private Errors errorOf(Problem problem) {
        return switch (problem.reason()) {
            case INVALID_TOPIC_NAME -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            case OUT_OF_ORDER_SEQUENCE ->
                    shared.metadata()
                            .topics()
                            .named(topic)
                            .map(this::sequence)
                            .filter(gap -> shared.gaps().report(gap) == GapVerdict.REPEAT)
                            .map(gap -> Errors.NOT_LEADER_OR_FOLLOWER)
                            .orElse(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
            case SHUTTING_DOWN -> {
                nameSuccessor();
                yield Errors.NOT_LEADER_OR_FOLLOWER;
            }
            default -> KafkaErrors.of(problem.reason());
        };
    }

    private void nameSuccessor() {
        if (request.context().version() >= FIRST_WITH_LEADER) {
            shared.leaders()
                    .successor(
                            request.context().listener(),
                            request.context().zone(),
                            topic,
                            decision.index())
                    .ifPresent(this::name);
        }
    }

    private void name(KafkaNode leader) {
        decision.currentLeader()
                .setLeaderId(leader.number())
                .setLeaderEpoch((int) shared.metadata().generation());
        if (request.answer().nodeEndpoints().find(leader.number()) == null) {
            request.answer()
                    .nodeEndpoints()
                    .add(
                            new NodeEndpoint()
                                    .setNodeId(leader.number())
                                    .setHost(leader.host())
                                    .setPort(leader.port())
                                    .setRack(leader.zone().isEmpty() ? null : leader.zone()));
        }
    }
}
