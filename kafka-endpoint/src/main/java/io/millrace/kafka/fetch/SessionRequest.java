package io.millrace.kafka.fetch;

import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.protocol.Errors;

/**
 * Applies the session part of a Fetch request (KIP-227): opens, changes or closes a session. Owned
 * by the fetch node's event loop.
 */
final class SessionRequest {

    private static final int INITIAL = 0;
    private static final int FINAL = -1;
    private static final short FIRST_WITH_TOPIC_IDS = 13;

    private final FetchSessions sessions;
    private final FetchRequestData request;
    private final String owner;
    private final boolean withTopicIds;

    SessionRequest(FetchSessions sessions, FetchRequestData request, short version, String owner) {
        this.sessions = sessions;
        this.request = request;
        this.owner = owner;
        this.withTopicIds = version >= FIRST_WITH_TOPIC_IDS;
    }

    /** The session of a request, or the error of the whole request. */
    sealed interface Resolution {

        record Resolved(FetchSession session) implements Resolution {}

        record Failed(Errors error) implements Resolution {}
    }

    Resolution resolve() {
        int epoch = request.sessionEpoch();
        if (epoch == INITIAL || epoch == FINAL) {
            sessions.find(request.sessionId(), owner).ifPresent(sessions::close);
            FetchSession session =
                    epoch == INITIAL
                            ? sessions.open(owner, withTopicIds, partitionsInRequest())
                            : sessions.temporary(owner, withTopicIds);
            change(session);
            return new Resolution.Resolved(session);
        }
        Optional<FetchSession> found = sessions.find(request.sessionId(), owner);
        if (found.isEmpty()) {
            return new Resolution.Failed(Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        return continued(found.get());
    }

    private Resolution continued(FetchSession session) {
        if (session.isBusy() || !session.isNextEpoch(request.sessionEpoch())) {
            return new Resolution.Failed(Errors.INVALID_FETCH_SESSION_EPOCH);
        }
        if (session.hasTopicIds() != withTopicIds) {
            return new Resolution.Failed(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
        }
        if (!sessions.hasRoom(partitionsInRequest())) {
            // The client repeats the request without a session.
            sessions.close(session);
            return new Resolution.Failed(Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        change(session);
        forget(session);
        session.advanceEpoch();
        if (session.size() == 0) {
            sessions.close(session);
            return new Resolution.Resolved(sessions.temporary(owner, withTopicIds));
        }
        return new Resolution.Resolved(session);
    }

    private int partitionsInRequest() {
        return request.topics().stream().mapToInt(topic -> topic.partitions().size()).sum();
    }

    private void change(FetchSession session) {
        int before = session.size();
        for (FetchTopic topic : request.topics()) {
            for (FetchPartition partition : topic.partitions()) {
                session.put(key(topic.topicId(), topic.topic(), partition.partition()))
                        .position(
                                partition.fetchOffset(),
                                partition.partitionMaxBytes(),
                                partition.currentLeaderEpoch(),
                                partition.lastFetchedEpoch());
            }
        }
        sessions.resized(session, before);
    }

    /** A full fetch has no partitions to forget. */
    private void forget(FetchSession session) {
        int before = session.size();
        for (ForgottenTopic topic : request.forgottenTopicsData()) {
            for (int partition : topic.partitions()) {
                session.remove(key(topic.topicId(), topic.topic(), partition));
            }
        }
        sessions.resized(session, before);
    }

    private PartitionKey key(Uuid topicId, String topic, int partition) {
        return withTopicIds
                ? new PartitionKey(topicId, "", partition)
                : new PartitionKey(Uuid.ZERO_UUID, topic, partition);
    }
}
