package io.millrace.it.requests;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import kafka.raft.KafkaRaftManager;
import kafka.server.ControllerServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.raft.LogOffsetMetadata;
import org.apache.kafka.raft.RaftLog;
import org.apache.kafka.server.common.ApiMessageAndVersion;

/** A controller object of Kafka that answers with the topics of a running server. */
public final class StandInController extends ControllerServer {
    private RunningServer server;

    private StandInController() {
        super(null, null, null);
    }

    /** Returns the controller for a server. */
    public static StandInController of(RunningServer server) {
        StandInController controller = StandIn.create(StandInController.class);
        controller.server = server;
        return controller;
    }

    @Override
    public Controller controller() {
        return StandIn.implement(
                Controller.class,
                "findAllTopicIds",
                (self, method, arguments) -> CompletableFuture.completedFuture(topicIds()));
    }

    private Map<String, Uuid> topicIds() {
        return server.topics().stream()
                .collect(
                        Collectors.toMap(
                                MetadataResponseTopic::name, MetadataResponseTopic::topicId));
    }

    @Override
    public KafkaRaftManager<ApiMessageAndVersion> raftManager() {
        return StandIn.create(EmptyLog.class);
    }

    /** A metadata log without entries: no broker is behind it, so tests do not wait for brokers. */
    private static final class EmptyLog extends KafkaRaftManager<ApiMessageAndVersion> {
        private EmptyLog() {
            super(
                    null, null, null, null, null, null, null, null, null, null, null, null, null,
                    null);
        }

        @Override
        public RaftLog raftLog() {
            return StandIn.implement(
                    RaftLog.class,
                    "endOffset",
                    (self, method, arguments) -> new LogOffsetMetadata(0));
        }
    }
}
