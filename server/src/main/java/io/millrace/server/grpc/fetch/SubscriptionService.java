package io.millrace.server.grpc.fetch;

import io.grpc.ServerServiceDefinition;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.subscribe.SubscribeMetrics;
import io.millrace.fetch.subscribe.Subscriber;
import io.millrace.fetch.subscribe.SubscriberStream;
import io.millrace.fetch.subscribe.SubscriptionRequest;
import io.millrace.fetch.subscribe.UngroupedSessions;
import io.millrace.group.GroupSessions;
import io.millrace.group.TopicAccess;
import io.millrace.metadata.Metadata;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscriptionGrpc;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.call.RequestMarshaller;
import io.millrace.server.grpc.call.ServiceBinder;
import io.millrace.server.grpc.flow.HeartbeatBatcher;
import io.millrace.server.grpc.flow.OutboundBudget;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The subscribe service of the gRPC API, with and without a consumer group. Owned by the metadata's
 * loop.
 */
public final class SubscriptionService implements GrpcService {

    private static final Problem SHUTTING_DOWN =
            new Problem(
                    Reason.SHUTTING_DOWN,
                    "The node shuts down: open the stream at another node, under the same member"
                            + " id.");

    private final FetchNode fetch;
    private final Metadata metadata;
    private final GroupSessions groups;
    private final GroupSessions ungrouped;
    private final OutboundBudget budget;
    private final SubscribeMetrics metrics;
    private final HeartbeatBatcher heartbeats;
    private final Set<Subscriber> open = new HashSet<>();
    private boolean shuttingDown;

    public SubscriptionService(
            FetchNode fetch,
            Metadata metadata,
            GroupSessions groups,
            TopicAccess access,
            OutboundBudget budget,
            SubscribeMetrics metrics) {
        this.fetch = fetch;
        this.metadata = metadata;
        this.groups = groups;
        this.ungrouped = new UngroupedSessions(metadata, access);
        this.budget = budget;
        this.metrics = metrics;
        this.heartbeats = new HeartbeatBatcher(metadata.loop());
    }

    @Override
    public ServerServiceDefinition bind() {
        return new ServiceBinder(SubscriptionGrpc.getServiceDescriptor())
                .method(
                        SubscriptionGrpc.getSubscribeMethod(),
                        RequestMarshaller.of(SubscribeRequest.getDefaultInstance()),
                        SubscribeResponseWriter.MARSHALLER,
                        (call, headers) -> new SubscribeCall(call, this))
                .bind();
    }

    @Override
    public Audience audience() {
        return Audience.CLIENTS;
    }

    EventLoop loop() {
        return metadata.loop();
    }

    HeartbeatBatcher heartbeats() {
        return heartbeats;
    }

    OutboundBudget budget() {
        return budget;
    }

    /** Fails with SHUTTING_DOWN or NOT_AUTHORIZED. */
    Subscriber open(
            SubscriptionRequest opening, SubscriptionRights rights, SubscriberStream stream) {
        if (shuttingDown) {
            throw new ProblemException(SHUTTING_DOWN);
        }
        rights.refusal(opening)
                .ifPresent(problem -> {
                    throw new ProblemException(problem);
                });
        Subscriber subscriber =
                new Subscriber(
                        rights.withOrigin(opening), fetch, metadata, rights, stream, metrics);
        subscriber.open(opening.join().group().isEmpty() ? ungrouped : groups);
        open.add(subscriber);
        return subscriber;
    }

    void onEnded(Subscriber subscriber) {
        open.remove(subscriber);
    }

    /** Ends all current and future subscriptions; clients resume at other nodes. Any thread. */
    public void endAll() {
        loop().runNowOrLater(() -> {
            shuttingDown = true;
            List.copyOf(open).forEach(subscriber -> subscriber.end(SHUTTING_DOWN));
        });
    }
}
