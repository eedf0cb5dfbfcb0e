package io.millrace.metadata.admin;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicName;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Validates requests about topics, proposes commands and answers from the applied state. Called on
 * the metadata's loop, where futures complete. Every failure is a {@link ProblemException} in the
 * future.
 */
public final class TopicAdmin {

    public static final int MAX_PARTITIONS = 100_000;

    static final int MAX_PARTITIONS_PER_PAGE = 10_000;

    private final Metadata metadata;
    private final TopicTrim trim;

    public TopicAdmin(Metadata metadata) {
        this.metadata = metadata;
        this.trim = new TopicTrim(metadata);
    }

    /** Creates a topic: INVALID_TOPIC_NAME, INVALID_PARTITION_COUNT or INVALID_CONFIG. */
    public CompletableFuture<Topic> create(
            String name, int partitions, Map<String, String> settings) {
        try {
            requireLegalName(name);
            requirePartitionCount(name, partitions);
            TopicSettings.parse(settings);
        } catch (ProblemException invalid) {
            return CompletableFuture.failedFuture(invalid);
        }
        return proposeTopic(new Command.TopicCreated(name, partitions, settings));
    }

    /**
     * Checks a creation without executing it: INVALID_TOPIC_NAME, INVALID_PARTITION_COUNT,
     * INVALID_CONFIG or TOPIC_EXISTS.
     */
    public CompletableFuture<Void> checkCreation(
            String name, int partitions, Map<String, String> settings) {
        try {
            requireLegalName(name);
            requirePartitionCount(name, partitions);
            TopicSettings.parse(settings);
        } catch (ProblemException invalid) {
            return CompletableFuture.failedFuture(invalid);
        }
        return metadata.barrier()
                .thenAccept(current ->
                        metadata.topics()
                                .named(name)
                                .ifPresent(topic -> {
                                    throw problem(
                                            Reason.TOPIC_EXISTS,
                                            "There is a topic " + name + " already.");
                                }));
    }

    /**
     * Lists the visible topics by name. The token of a page names none but visible topics.
     *
     * @param token empty for the first page
     */
    public CompletableFuture<Page<Topic>> list(
            String token, int requested, Predicate<Topic> visible) {
        return list(token, Page.size(requested, Page.MAX_ROWS), visible, List.of());
    }

    /** Scans in parts, so that the loop is not occupied for long. */
    private CompletableFuture<Page<Topic>> list(
            String after, int size, Predicate<Topic> visible, List<Topic> before) {
        return metadata.barrier()
                .thenCompose(current -> {
                    List<Topic> part = metadata.topics().after(after, Page.MAX_ROWS + 1);
                    List<Topic> found =
                            Stream.concat(before.stream(), part.stream().filter(visible))
                                    .limit(size + 1L)
                                    .toList();
                    return found.size() > size || part.size() <= Page.MAX_ROWS
                            ? CompletableFuture.completedFuture(Page.of(found, size, Topic::name))
                            : list(part.getLast().name(), size, visible, found);
                });
    }

    /**
     * Describes a topic and a page of its partitions: UNKNOWN_TOPIC, or MALFORMED_REQUEST for a
     * token of no page.
     *
     * @param token empty for the first page
     */
    public CompletableFuture<TopicDescription> describe(String name, String token, int requested) {
        return metadata.barrier()
                .thenApply(current -> {
                    Topic topic = existing(name);
                    int from = PartitionPageToken.parse(token).partitionOf(topic);
                    int size = Page.size(requested, MAX_PARTITIONS_PER_PAGE);
                    int to = Math.min(topic.partitionCount(), from + size);
                    return new TopicDescription(
                            topic,
                            IntStream.range(from, to)
                                    .mapToObj(partition -> describe(topic, partition))
                                    .toList(),
                            to == topic.partitionCount()
                                    ? ""
                                    : new PartitionPageToken(topic.id(), to).text());
                });
    }

    /** Deletes a topic and its records: UNKNOWN_TOPIC. */
    public CompletableFuture<Void> delete(String name) {
        return topic(name)
                .thenCompose(topic -> propose(new Command.TopicDeleted(topic.id())))
                .thenAccept(deleted -> {});
    }

    /** Deletes the topic with an id and its records: UNKNOWN_TOPIC. */
    public CompletableFuture<Void> delete(long topicId) {
        return propose(new Command.TopicDeleted(topicId)).thenAccept(deleted -> {});
    }

    /**
     * Adds partitions to a topic: INVALID_PARTITION_COUNT or UNKNOWN_TOPIC.
     *
     * @param partitions the total number afterwards
     */
    public CompletableFuture<Topic> addPartitions(String name, int partitions) {
        try {
            requirePartitionCount(name, partitions);
        } catch (ProblemException invalid) {
            return CompletableFuture.failedFuture(invalid);
        }
        return topic(name)
                .thenCompose(
                        topic -> proposeTopic(new Command.PartitionsAdded(topic.id(), partitions)));
    }

    /**
     * Changes settings of a topic: INVALID_CONFIG or UNKNOWN_TOPIC.
     *
     * @param reset the settings that return to their defaults
     */
    public CompletableFuture<Topic> configure(
            String name, Map<String, String> set, Set<String> reset) {
        try {
            // A request that is invalid for every topic is not appended.
            TopicSettings.DEFAULTS.with(set, reset);
        } catch (ProblemException invalid) {
            return CompletableFuture.failedFuture(invalid);
        }
        return topic(name)
                .thenCompose(
                        topic -> proposeTopic(new Command.TopicConfigured(topic.id(), set, reset)));
    }

    /**
     * Deletes the first records of partitions. Idempotent.
     *
     * @param requests at least one; MALFORMED_REQUEST for none or a negative offset
     * @return the results in the order of requests; fails if an outcome is unknown
     */
    public CompletableFuture<List<TrimResult>> trim(String name, List<TrimRequest> requests) {
        try {
            TopicTrim.validate(name, requests);
        } catch (ProblemException invalid) {
            return CompletableFuture.failedFuture(invalid);
        }
        return topic(name).thenCompose(topic -> trim.trim(topic, requests));
    }

    /** Returns a topic, after a barrier if unknown: UNKNOWN_TOPIC. */
    public CompletableFuture<Topic> topic(String name) {
        Optional<Topic> known = metadata.topics().named(name);
        return known.isPresent()
                ? CompletableFuture.completedFuture(known.get())
                : metadata.barrier().thenApply(current -> existing(name));
    }

    private Topic existing(String name) {
        return metadata.topics().named(name).orElseThrow(() -> unknown(name));
    }

    static ProblemException unknown(String name) {
        return problem(
                Reason.UNKNOWN_TOPIC,
                "There is no topic " + name + ": create it first, or check the name.");
    }

    private TopicDescription.Partition describe(Topic topic, int partition) {
        Optional<PartitionLog> log = metadata.view().partition(topic.id(), partition);
        return log.map(known ->
                        new TopicDescription.Partition(
                                partition,
                                known.logStartOffset(),
                                known.highWatermark(),
                                known.sizeBytes()))
                .orElseGet(() -> new TopicDescription.Partition(partition, 0, 0, 0));
    }

    private CompletableFuture<Outcome> propose(Command command) {
        return metadata.propose(command, Metadata.Priority.BACKGROUND)
                .thenApply(Proposal::acceptedOutcome);
    }

    private CompletableFuture<Topic> proposeTopic(Command command) {
        return propose(command).thenApply(TopicAdmin::topicOf);
    }

    private static Topic topicOf(Outcome outcome) {
        return switch (outcome) {
            case Outcome.TopicReady(var topic) -> topic;
            case Outcome.CommandRejected _,
                    Outcome.Block _,
                    Outcome.ProducerIds _,
                    Outcome.GroupClaim _,
                    Outcome.NodeNumber _,
                    Outcome.Rows _,
                    Outcome.Completed _ ->
                    throw new IllegalStateException("not a topic: " + outcome);
        };
    }

    private static void requireLegalName(String name) {
        if (!TopicName.isLegal(name)) {
            throw problem(
                    Reason.INVALID_TOPIC_NAME,
                    "\""
                            + name
                            + "\" is not a valid topic name: use 1 to 249 characters of"
                            + " [a-zA-Z0-9._-], but neither \".\" nor \"..\".");
        }
    }

    private static void requirePartitionCount(String topic, int count) {
        if (count < 1 || count > MAX_PARTITIONS) {
            throw problem(
                    Reason.INVALID_PARTITION_COUNT,
                    "Topic %s cannot have %d partitions: use 1 to %d."
                            .formatted(topic, count, MAX_PARTITIONS));
        }
    }

    private static ProblemException problem(Reason reason, String message) {
        return new ProblemException(new Problem(reason, message));
    }
}
