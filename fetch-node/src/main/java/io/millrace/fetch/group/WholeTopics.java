package io.millrace.fetch.group;

import io.millrace.fetch.PartitionKey;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
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
 * Sessions without a group: each has all partitions of its topics, those that come later included.
 * Owned by the metadata's loop.
 */
public final class WholeTopics implements GroupSessions {

    /** How often it is looked for other topics and partitions. */
    private static final Duration EVERY = Duration.ofMillis(200);

    private static final Problem NO_GROUP =
            new Problem(
                    Reason.MALFORMED_REQUEST,
                    "A subscription without a group stores no offsets: name a group in Open.");

    private final Metadata metadata;

    public WholeTopics(Metadata metadata) {
        this.metadata = metadata;
    }

    @Override
    public Session join(JoinRequest request, SessionListener listener) {
        Whole session = new Whole(request.details().subscription(), listener);
        metadata.loop().execute(session::begin);
        return session;
    }

    /** Everything. */
    private final class Whole implements Session {

        private final Subscription subscription;
        private final SessionListener listener;
        private final Set<PartitionKey> assigned = new TreeSet<>();
        private @Nullable Topics known;
        private boolean over;

        private Whole(Subscription subscription, SessionListener listener) {
            this.subscription = subscription;
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
            Interest interest;
            try {
                interest = new Interest(subscription);
            } catch (ProblemException malformed) {
                end(malformed.problem());
                return;
            }
            // What this copy does not know of yet is no topic that comes later.
            var unused =
                    metadata.barrier()
                            .whenComplete((reached, failure) ->
                                    metadata.loop().run(() -> begin(interest, failure)));
        }

        private void begin(Interest interest, @Nullable Throwable noBarrier) {
            Optional<String> unknown = interest.unknownAmong(metadata.topics());
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
                                        "The metadata log cannot be reached, so that nobody knows whether there is a topic %s. Try again."
                                                .formatted(unknown.get())));
                return;
            }
            listener.joined("");
            look(interest, true);
        }

        private void look(Interest interest, boolean first) {
            if (over) {
                return;
            }
            Topics topics = metadata.topics();
            if (topics != known) {
                known = topics;
                tell(all(interest, topics), first);
            }
            metadata.loop().schedule(EVERY, () -> look(interest, false));
        }

        private static Set<PartitionKey> all(Interest interest, Topics topics) {
            Set<PartitionKey> all = new TreeSet<>();
            for (long id : interest.among(topics)) {
                int count = topics.withId(id).map(Topic::partitionCount).orElse(0);
                for (int partition = 0; partition < count; partition++) {
                    all.add(new PartitionKey(id, partition));
                }
            }
            return all;
        }

        private void tell(Set<PartitionKey> all, boolean first) {
            List<PartitionKey> lost = assigned.stream().filter(key -> !all.contains(key)).toList();
            List<AssignedPartition> come = new ArrayList<>();
            for (PartitionKey key : all) {
                if (!assigned.contains(key)) {
                    // Of a partition that is new everything is new.
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
        public void alive(long mark) {
            if (!over && known != null) {
                listener.alive(mark);
            }
        }

        @Override
        public void accept(String memberId) {}

        @Override
        public void released(Collection<PartitionKey> partitions) {}

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
