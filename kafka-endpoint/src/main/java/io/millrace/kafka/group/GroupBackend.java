package io.millrace.kafka.group;

import io.millrace.group.Coordinators;
import io.millrace.group.GroupSessions;
import io.millrace.group.coordinator.ClassicGroups;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.metadata.Metadata;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The parts of a node that serve consumer groups.
 *
 * @param classic the groups with client-side assignment that this node coordinates
 * @param sessions sessions with the coordinator of any group
 * @param self the id of this node
 */
public record GroupBackend(
        Metadata metadata,
        ClassicGroups classic,
        GroupSessions sessions,
        GroupCommits commits,
        Coordinators coordinators,
        KafkaNodes nodes,
        Supplier<String> self,
        TopicIds ids) {

    /** Runs a task on the metadata's event loop. */
    <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        metadata.loop()
                .runNowOrLater(() -> {
                    CompletableFuture<T> running;
                    try {
                        running = task.get();
                    } catch (RuntimeException failure) {
                        running = CompletableFuture.failedFuture(failure);
                    }
                    running.whenComplete((value, failure) -> {
                        if (failure == null) {
                            result.complete(value);
                        } else {
                            result.completeExceptionally(failure);
                        }
                    });
                });
        return result;
    }

    /**
     * Runs a task on the metadata's event loop once everything is applied that was in the log at
     * the time of the call. Fails with a {@code ProblemException} if the log cannot be reached.
     */
    <T> CompletableFuture<T> afterBarrier(Supplier<CompletableFuture<T>> task) {
        return onLoop(() -> metadata.barrier().thenCompose(current -> task.get()));
    }
}
