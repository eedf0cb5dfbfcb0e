package io.millrace.fetch.subscribe;

import io.millrace.group.AssignedPartition;
import io.millrace.group.CommitResult;
import io.millrace.group.GroupSession;
import io.millrace.group.GroupSessions;
import io.millrace.group.JoinRequest;
import io.millrace.group.MemberOrigin;
import io.millrace.group.SessionListener;
import io.millrace.group.TopicAccess;
import io.millrace.group.TopicSubscription;
import io.millrace.group.coordinator.MatchedTopics;
import io.millrace.group.coordinator.TopicMatcher;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of subscriptions without a group. A session is assigned all partitions of its topics,
 * including later additions. Owned by the metadata's event loop.
 */
public final class UngroupedSessions implements GroupSessions {

    private static final Duration CHECK_INTERVAL = Duration.ofMillis(200);

    private static final Problem NO_GROUP =
            new Problem(
                    Reason.MALFORMED_REQUEST,
                    "A subscription without a group stores no offsets: name a group in Open.");

    /** The id of all members: a session has no state that it would have to find again. */
    private static final String MEMBER_ID = "ungrouped";

    private final Metadata metadata;
    private final TopicAccess access;

    /** Creates sessions that may read all topics. */
    public UngroupedSessions(Metadata metadata) {
        this(metadata, TopicAccess.ALL);
    }

    public UngroupedSessions(Metadata metadata, TopicAccess access) {
        this.metadata = metadata;
        this.access = access;
    }

    @Override
    public GroupSession join(JoinRequest request, SessionListener listener) {
        UngroupedSession session = new UngroupedSession(request, listener);
        metadata.loop().execute(session::begin);
        return session;
    }

    private final class UngroupedSession implements GroupSession {

        private final TopicSubscription subscription;
        private final boolean continued;
        private final MemberOrigin origin;
        private final SessionListener listener;
        private final Set<PartitionId> assigned = new TreeSet<>();
        private @Nullable Topics known;
        private Object accessVersion = access.version();
        private boolean over;

        private UngroupedSession(JoinRequest request, SessionListener listener) {
            this.subscription = request.details().subscription();
            this.continued = !request.memberId().isEmpty();
            this.origin = request.details().origin();
            this.listener = listener;
        }

        private void begin() {
            if (over) {
                return;
            }
            if (subscription.topics().isEmpty() && subscription.pattern().isEmpty()) {
                end(
                        new Problem(
                                Reason.MALFORMED_REQUEST,
                                "Name topics to read, or a pattern of them."));
                return;
            }
            TopicMatcher interest;
            try {
                interest = new TopicMatcher(subscription);
            } catch (ProblemException malformed) {
                end(malformed.problem());
                return;
            }
            // A topic missing in the local metadata may already exist.
            var unused =
                    metadata.barrier()
                            .whenComplete((reached, failure) ->
                                    metadata.loop().runNowOrLater(() -> begin(interest, failure)));
        }

        private void begin(TopicMatcher interest, @Nullable Throwable noBarrier) {
            Optional<String> unknown = interest.unknownTopic(metadata.topics());
            if (over) {
                return;
            }
            if (unknown.isPresent()) {
                end(
                        noBarrier == null
                                ? new Problem(
                                        Reason.UNKNOWN_TOPIC,
                                        "There is no topic %s; create it or correct the name."
                                                .formatted(unknown.get()))
                                : new Problem(
                                        Reason.METADATA_UNAVAILABLE,
                                        "The metadata log cannot be reached, so topic %s cannot be looked up. Try again."
                                                .formatted(unknown.get())));
                return;
            }
            listener.joined(MEMBER_ID);
            check(new MatchedTopics(interest), !continued);
        }

        private void check(MatchedTopics matched, boolean first) {
            if (over) {
                return;
            }
            Topics topics = metadata.topics();
            if (topics != known || accessVersion != access.version()) {
                known = topics;
                accessVersion = access.version();
                report(all(matched, topics), first);
            }
            metadata.loop().schedule(CHECK_INTERVAL, () -> check(matched, false));
        }

        private Set<PartitionId> all(MatchedTopics matched, Topics topics) {
            Set<PartitionId> all = new TreeSet<>();
            for (long id : matched.update(topics)) {
                int count =
                        topics.withId(id)
                                .filter(topic -> access.mayRead(origin, topic.name()))
                                .map(Topic::partitionCount)
                                .orElse(0);
                for (int partition = 0; partition < count; partition++) {
                    all.add(new PartitionId(id, partition));
                }
            }
            return all;
        }

        private void report(Set<PartitionId> all, boolean first) {
            List<PartitionId> lost = assigned.stream().filter(key -> !all.contains(key)).toList();
            List<AssignedPartition> come = new ArrayList<>();
            for (PartitionId key : all) {
                if (!assigned.contains(key)) {
                    // A partition added later is read from its first offset. A client that
                    // continues seeks in the partitions that it knows.
                    come.add(
                            new AssignedPartition(
                                    key,
                                    first
                                            ? Optional.empty()
                                            : Optional.of(new CommittedOffset(0, -1, ""))));
                }
            }
            assigned.clear();
            assigned.addAll(all);
            if (!lost.isEmpty()) {
                listener.lost(lost);
            }
            if (!come.isEmpty() && !over) {
                listener.assigned(0, come);
            }
        }

        private void end(Problem problem) {
            over = true;
            listener.ended(problem);
        }

        @Override
        public void heartbeat(long mark) {
            if (!over && known != null) {
                listener.heartbeatAcknowledged(mark);
            }
        }

        @Override
        public void accept(String memberId) {}

        @Override
        public void released(Collection<PartitionId> partitions) {}

        @Override
        public CompletableFuture<CommitResult> commit(long number, List<OffsetCommit> offsets) {
            return CompletableFuture.completedFuture(new CommitResult.Failed(NO_GROUP));
        }

        @Override
        public CompletableFuture<Void> leave() {
            over = true;
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void detach() {
            over = true;
        }
    }
}
