package io.millrace.kafka.cluster;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.AuthorizedOperations;
import io.millrace.kafka.connection.RequestContext;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Describes the live nodes. Every node serves as controller. */
public final class DescribeClusterHandler
        implements ApiHandler<DescribeClusterRequestData, DescribeClusterResponseData> {

    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    private final KafkaNodes nodes;
    private final TopicIds ids;

    public DescribeClusterHandler(KafkaNodes nodes, TopicIds ids) {
        this.nodes = nodes;
        this.ids = ids;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_CLUSTER;
    }

    @Override
    public CompletableFuture<DescribeClusterResponseData> handle(
            RequestContext context, DescribeClusterRequestData request) {
        return CompletableFuture.completedFuture(
                switch (request.endpointType()) {
                    case BROKERS -> describe(context, request);
                    case CONTROLLERS ->
                            failed(
                                    context,
                                    Errors.MISMATCHED_ENDPOINT_TYPE,
                                    "The request was sent to a broker, not to a controller.");
                    default ->
                            failed(
                                    context,
                                    Errors.UNSUPPORTED_ENDPOINT_TYPE,
                                    "There are endpoints of type 1, brokers, only.");
                });
    }

    private DescribeClusterResponseData describe(
            RequestContext context, DescribeClusterRequestData request) {
        DescribeClusterResponseData answer =
                new DescribeClusterResponseData()
                        .setClusterId(ids.clusterId())
                        .setControllerId(ControllerChoice.of(nodes, context.listener()))
                        .setEndpointType(BROKERS);
        if (request.includeClusterAuthorizedOperations()) {
            answer.setClusterAuthorizedOperations(AuthorizedOperations.ofCluster(context));
        }
        for (KafkaNode node : nodes.live(context.listener())) {
            answer.brokers()
                    .add(
                            new DescribeClusterBroker()
                                    .setBrokerId(node.number())
                                    .setHost(node.host())
                                    .setPort(node.port())
                                    .setRack(node.zone().isEmpty() ? null : node.zone()));
        }
        return answer;
    }

    private static DescribeClusterResponseData failed(
            RequestContext context, Errors error, String message) {
        context.failed(error);
        return new DescribeClusterResponseData()
                .setErrorCode(error.code())
                .setErrorMessage(message);
    }
}
