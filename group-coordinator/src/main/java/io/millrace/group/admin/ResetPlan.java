package io.millrace.group.admin;

import io.millrace.metadata.MetadataView;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** Computes the new offsets of a group in a topic. Pure. Only on the metadata's event loop. */
public final class ResetPlan {

    private final ResetRequest request;
    private final Optional<Group> group;
    private final Topic topic;
    private final MetadataView view;

    public ResetPlan(ResetRequest request, Optional<Group> group, Topic topic, MetadataView view) {
        this.request = request;
        this.group = group;
        this.topic = topic;
        this.view = view;
    }

    /**
     * @throws ProblemException if the topic has no such partition, or the target is relative and
     *     the group has no committed offset
     */
    List<Integer> partitions() {
        for (int partition : request.partitions()) {
            if (partition < 0 || partition >= topic.partitionCount()) {
                throw problem(
                        Reason.UNKNOWN_PARTITION,
                        "Topic %s has no partition %d; its partitions are 0 to %d."
                                .formatted(topic.name(), partition, topic.partitionCount() - 1));
            }
        }
        List<Integer> wanted =
                request.partitions().isEmpty()
                        ? IntStream.range(0, topic.partitionCount()).boxed().toList()
                        : List.copyOf(request.partitions());
        if (!(request.target() instanceof ResetTarget.Relative)) {
            return wanted;
        }
        List<Integer> known =
                wanted.stream().filter(partition -> committed(partition).isPresent()).toList();
        boolean lacksOne = !request.partitions().isEmpty() && known.size() < wanted.size();
        if (known.isEmpty() || lacksOne) {
            wanted.stream()
                    .filter(partition -> committed(partition).isEmpty())
                    .findFirst()
                    .ifPresent(partition -> {
                        throw problem(
                                Reason.NO_COMMITTED_OFFSET,
                                "Group %s has no committed offset in %s-%d, so that a relative reset is impossible: reset to the beginning, the end, an offset or a time."
                                        .formatted(request.group(), topic.name(), partition));
                    });
        }
        return known;
    }

    /**
     * @param found the offset of each partition, if the target is a time
     */
    public List<OffsetMove> moves(Map<Integer, Long> found) {
        List<OffsetMove> moves = new ArrayList<>();
        for (int partition : partitions()) {
            view.partition(topic.id(), partition)
                    .ifPresent(log -> moves.add(move(partition, log, found)));
        }
        return moves;
    }

    private OffsetMove move(int partition, PartitionLog log, Map<Integer, Long> found) {
        OptionalLong before = committed(partition);
        long wanted =
                switch (request.target()) {
                    case ResetTarget.Earliest _ -> log.logStartOffset();
                    case ResetTarget.Latest _ -> log.highWatermark();
                    case ResetTarget.Offset(long offset) -> offset;
                    case ResetTarget.Time _ -> found.getOrDefault(partition, log.highWatermark());
                    case ResetTarget.Relative(long offsets) -> saturated(before.orElse(0), offsets);
                };
        long after = Math.clamp(wanted, log.logStartOffset(), log.highWatermark());
        return new OffsetMove(partition, before, after, after != wanted);
    }

    private OptionalLong committed(int partition) {
        return group.flatMap(known -> known.committed(topic.id(), partition))
                .map(known -> OptionalLong.of(known.offset()))
                .orElse(OptionalLong.empty());
    }

    private static long saturated(long offset, long by) {
        return by > 0 && offset > Long.MAX_VALUE - by ? Long.MAX_VALUE : offset + by;
    }

    private static ProblemException problem(Reason reason, String message) {
        return new ProblemException(new Problem(reason, message));
    }
}
