package io.millrace.kafka.cluster;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKey;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Names the offered APIs and their versions. Produce is named from version 0, because older clients
 * compress records only then, although its handler has later versions only.
 */
public final class ApiVersionsHandler
        implements ApiHandler<ApiVersionsRequestData, ApiVersionsResponseData> {

    private static final Pattern SOFTWARE =
            Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");
    private static final short FIRST_WITH_SOFTWARE = 3;
    private static final int NO_NODE = -1;

    /** The feature that says that a cluster has consumer groups of KIP-848. */
    private static final String GROUPS = "group.version";

    private final List<ApiHandler<?, ?>> offered;
    private final KafkaNodes nodes;
    private final TopicIds ids;

    /**
     * @param others the handlers of all other APIs
     */
    public ApiVersionsHandler(
            List<? extends ApiHandler<?, ?>> others, KafkaNodes nodes, TopicIds ids) {
        this.nodes = nodes;
        this.ids = ids;
        this.offered =
                Stream.concat(Stream.<ApiHandler<?, ?>>of(this), others.stream())
                        .sorted(Comparator.comparingInt(handler -> handler.api().id))
                        .toList();
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.API_VERSIONS;
    }

    @Override
    public boolean allowsUnauthenticated() {
        return true;
    }

    @Override
    public CompletableFuture<ApiVersionsResponseData> handle(
            RequestContext context, ApiVersionsRequestData request) {
        Errors problem =
                !isLegal(context, request)
                        ? Errors.INVALID_REQUEST
                        : isForThisNode(request) ? Errors.NONE : Errors.REBOOTSTRAP_REQUIRED;
        if (problem != Errors.NONE) {
            context.failed(problem);
            return CompletableFuture.completedFuture(
                    new ApiVersionsResponseData().setErrorCode(problem.code()));
        }
        return CompletableFuture.completedFuture(answer());
    }

    private static boolean isLegal(RequestContext context, ApiVersionsRequestData request) {
        return (request.clusterId() == null) == (request.nodeId() == NO_NODE)
                && (context.version() < FIRST_WITH_SOFTWARE
                        || (isLegal(request.clientSoftwareName())
                                && isLegal(request.clientSoftwareVersion())));
    }

    /** Returns false if the address of the node that the client expects is now that of this one. */
    private boolean isForThisNode(ApiVersionsRequestData request) {
        int self = nodes.self();
        return request.clusterId() == null
                || (request.clusterId().equals(ids.clusterId())
                        && (request.nodeId() == self || self == NO_NODE));
    }

    private static boolean isLegal(String software) {
        return software.length() <= Byte.MAX_VALUE && SOFTWARE.matcher(software).matches();
    }

    private ApiVersionsResponseData answer() {
        ApiVersionCollection versions = new ApiVersionCollection(offered.size());
        ApiVersionsResponseData answer = new ApiVersionsResponseData().setApiKeys(versions);
        for (ApiHandler<?, ?> handler : offered) {
            versions.add(
                    new ApiVersion()
                            .setApiKey(handler.api().id)
                            .setMinVersion(
                                    handler.api() == ApiKeys.PRODUCE
                                            ? ApiKeys.PRODUCE_API_VERSIONS_RESPONSE_MIN_VERSION
                                            : handler.minVersion())
                            .setMaxVersion(handler.maxVersion()));
            if (handler.api() == ApiKeys.CONSUMER_GROUP_HEARTBEAT) {
                answer.supportedFeatures()
                        .add(
                                new SupportedFeatureKey()
                                        .setName(GROUPS)
                                        .setMinVersion((short) 0)
                                        .setMaxVersion((short) 1));
                answer.finalizedFeatures()
                        .add(
                                new FinalizedFeatureKey()
                                        .setName(GROUPS)
                                        .setMinVersionLevel((short) 1)
                                        .setMaxVersionLevel((short) 1));
                answer.setFinalizedFeaturesEpoch(0);
            }
        }
        return answer;
    }
}
