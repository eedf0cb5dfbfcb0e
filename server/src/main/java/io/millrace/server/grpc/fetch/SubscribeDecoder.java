package io.millrace.server.grpc.fetch;

import io.millrace.fetch.subscribe.StartPosition;
import io.millrace.fetch.subscribe.SubscriberRequest;
import io.millrace.fetch.subscribe.SubscriptionRequest;
import io.millrace.fetch.subscribe.TopicPartition;
import io.millrace.group.JoinRequest;
import io.millrace.group.MemberDetails;
import io.millrace.group.TopicSubscription;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.v1.Commit;
import io.millrace.protocol.v1.Credit;
import io.millrace.protocol.v1.OffsetToCommit;
import io.millrace.protocol.v1.Open;
import io.millrace.protocol.v1.Pause;
import io.millrace.protocol.v1.Seek;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.security.principal.Caller;
import io.millrace.server.grpc.call.GrpcErrors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A decoder of Subscribe requests. */
final class SubscribeDecoder {

    private static final int SESSION_TIMEOUT_MS = 45_000;
    private static final int RELEASE_TIMEOUT_MS = 60_000;

    private SubscribeDecoder() {}

    /** Decodes the first message of a stream; fails with MALFORMED_REQUEST. */
    static SubscriptionRequest opening(SubscribeRequest request, Caller caller) {
        if (!request.hasOpen()) {
            throw malformed("the first message of a stream must be an Open.");
        }
        Open open = request.getOpen();
        if (open.getSessionTimeoutMs() < 0 || open.getReleaseTimeoutMs() < 0) {
            throw malformed("a timeout is negative.");
        }
        MemberDetails details =
                new MemberDetails(
                        new TopicSubscription(
                                TopicSubscription.to(open.getTopicsList()).topics(),
                                open.getTopicPattern()),
                        assignor(open),
                        millis(open.getSessionTimeoutMs(), SESSION_TIMEOUT_MS),
                        millis(open.getReleaseTimeoutMs(), RELEASE_TIMEOUT_MS),
                        open.getZone(),
                        open.getClientId(),
                        open.getClientRunId());
        return new SubscriptionRequest(
                new JoinRequest(
                        open.getGroup(),
                        open.getMemberId(),
                        false,
                        open.getInstanceId(),
                        details,
                        Optional.empty(),
                        caller),
                position(open.getStart()),
                position(open.getOutOfRange()));
    }

    private static Duration millis(int given, int otherwise) {
        return Duration.ofMillis(given == 0 ? otherwise : given);
    }

    private static AssignmentStrategy assignor(Open open) {
        return switch (open.getAssignor()) {
            case ASSIGNOR_UNSPECIFIED, STICKY -> AssignmentStrategy.STICKY;
            case RANGE -> AssignmentStrategy.RANGE;
            case ZONE_AWARE -> AssignmentStrategy.ZONE_AWARE;
            case UNRECOGNIZED ->
                    throw malformed("unknown assignor " + open.getAssignorValue() + ".");
        };
    }

    private static StartPosition position(io.millrace.protocol.v1.StartPosition position) {
        return switch (position.getAtCase()) {
            case AT_NOT_SET, EARLIEST -> StartPosition.EARLIEST;
            case LATEST -> new StartPosition.LookedUp(new OffsetLookup.LookupPosition.Latest());
            case TIMESTAMP_MS ->
                    new StartPosition.LookedUp(
                            new OffsetLookup.LookupPosition.Time(position.getTimestampMs()));
            case FAILURE -> new StartPosition.NoPosition();
        };
    }

    /** Decodes any later message; fails with MALFORMED_REQUEST. */
    static SubscriberRequest message(SubscribeRequest request) {
        return switch (request.getRequestCase()) {
            case REQUEST_NOT_SET -> throw malformed("no field is set.");
            case OPEN -> throw malformed("only the first message of a stream may be an Open.");
            case CREDIT -> credit(request.getCredit());
            case HEARTBEAT -> new SubscriberRequest.Heartbeat();
            case ACCEPT -> new SubscriberRequest.Accept(request.getAccept().getMemberId());
            case COMMIT -> commit(request.getCommit());
            case RELEASED ->
                    new SubscriberRequest.Released(
                            names(request.getReleased().getPartitionsList()));
            case PAUSE -> pause(request.getPause());
            case SEEK -> seek(request.getSeek());
            case LEAVE -> new SubscriberRequest.Leave();
        };
    }

    private static SubscriberRequest credit(Credit credit) {
        if (credit.getBytes() < 0 || credit.getRecords() < 0) {
            throw malformed("the credit is negative.");
        }
        return new SubscriberRequest.Credit(credit.getBytes(), credit.getRecords());
    }

    private static SubscriberRequest commit(Commit commit) {
        List<SubscriberRequest.CommittedPosition> places =
                new ArrayList<>(commit.getOffsetsCount());
        for (OffsetToCommit offsetToCommit : commit.getOffsetsList()) {
            TopicPartition name = name(offsetToCommit.getTopic(), offsetToCommit.getPartition());
            if (offsetToCommit.getOffset() < 0) {
                throw malformed(
                        "offset %d of %s-%d is negative."
                                .formatted(
                                        offsetToCommit.getOffset(),
                                        name.topic(),
                                        name.partition()));
            }
            places.add(
                    new SubscriberRequest.CommittedPosition(
                            name, offsetToCommit.getOffset(), offsetToCommit.getMetadata()));
        }
        if (commit.getSequence() < 0) {
            throw malformed("commit number %d is negative.".formatted(commit.getSequence()));
        }
        return new SubscriberRequest.Commit(
                commit.getId(),
                places,
                commit.getSequence() == 0
                        ? Command.OffsetsCommitted.UNNUMBERED
                        : commit.getSequence());
    }

    private static SubscriberRequest pause(Pause pause) {
        List<TopicPartition> names = names(pause.getPartitionsList());
        return pause.getResume()
                ? new SubscriberRequest.Resume(names)
                : new SubscriberRequest.Pause(names);
    }

    private static SubscriberRequest seek(Seek seek) {
        TopicPartition name = name(seek.getTopic(), seek.getPartition());
        return switch (seek.getToCase()) {
            case TO_NOT_SET -> throw malformed("a Seek needs a target.");
            case OFFSET -> {
                if (seek.getOffset() < 0) {
                    throw malformed("illegal Seek to offset " + seek.getOffset() + ".");
                }
                yield new SubscriberRequest.Seek(name, seek.getOffset());
            }
            case POSITION ->
                    switch (position(seek.getPosition())) {
                        case StartPosition.LookedUp found ->
                                new SubscriberRequest.SeekToPosition(name, found);
                        case StartPosition.NoPosition nowhere ->
                                throw malformed("the Seek has an unknown target.");
                    };
        };
    }

    private static List<TopicPartition> names(List<io.millrace.protocol.v1.PartitionName> names) {
        return names.stream().map(name -> name(name.getTopic(), name.getPartition())).toList();
    }

    private static TopicPartition name(String topic, int partition) {
        if (partition < 0) {
            throw malformed("partition " + partition + " of " + topic + " is negative.");
        }
        return new TopicPartition(topic, partition);
    }

    private static ProblemException malformed(String why) {
        return new ProblemException(GrpcErrors.malformed("SubscribeRequest", why));
    }
}
