package io.millrace.client.subscription;

import io.millrace.client.partition.StartPosition;
import io.millrace.protocol.v1.Failure;
import io.millrace.protocol.v1.Open;
import io.millrace.protocol.v1.SubscribeRequest;

/** The first message of a subscription's streams. Immutable. */
final class SubscriptionOpening {

    private final Open open;

    SubscriptionOpening(SubscriptionSettings settings, String zone, String run) {
        StartPosition outOfRange = settings.outOfRange();
        this.open =
                Open.newBuilder()
                        .setGroup(settings.group())
                        .setInstanceId(settings.instanceId())
                        .addAllTopics(settings.topics())
                        .setTopicPattern(settings.pattern())
                        .setAssignor(
                                switch (settings.assignor()) {
                                    case STICKY -> io.millrace.protocol.v1.Assignor.STICKY;
                                    case RANGE -> io.millrace.protocol.v1.Assignor.RANGE;
                                    case ZONE_AWARE -> io.millrace.protocol.v1.Assignor.ZONE_AWARE;
                                })
                        .setSessionTimeoutMs((int) settings.sessionTimeout().toMillis())
                        .setReleaseTimeoutMs((int) settings.releaseTimeout().toMillis())
                        .setZone(zone)
                        .setStart(PartitionMessages.toProto(settings.start()))
                        .setOutOfRange(
                                outOfRange == null
                                        ? io.millrace.protocol.v1.StartPosition.newBuilder()
                                                .setFailure(Failure.getDefaultInstance())
                                                .build()
                                        : PartitionMessages.toProto(outOfRange))
                        .setClientId(settings.clientId())
                        .setClientRunId(run)
                        .build();
    }

    /**
     * @param memberId empty for a new member
     */
    SubscribeRequest withMember(String memberId) {
        return SubscribeRequest.newBuilder()
                .setOpen(open.toBuilder().setMemberId(memberId))
                .build();
    }
}
