package io.millrace.client.producer;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The topics of a producer, each looked up once; a failed look-up is repeated at the next request.
 * Thread-safe. Grows with the number of topics.
 */
final class WriteTopics {

    private final Function<String, CompletableFuture<WriteTopic>> lookUp;
    private final Map<String, CompletableFuture<WriteTopic>> topics = new ConcurrentHashMap<>();

    WriteTopics(Function<String, CompletableFuture<WriteTopic>> lookUp) {
        this.lookUp = lookUp;
    }

    CompletableFuture<WriteTopic> get(String name) {
        CompletableFuture<WriteTopic> found = topics.get(name);
        if (found != null && !found.isCompletedExceptionally()) {
            return found;
        }
        // All threads must share the instance, which counts each partition's sequences.
        return topics.compute(
                name,
                (key, earlier) ->
                        earlier != null && !earlier.isCompletedExceptionally()
                                ? earlier
                                : lookUp.apply(key));
    }

    @Nullable WriteTopic getIfPresent(String name) {
        CompletableFuture<WriteTopic> found = topics.get(name);
        return found == null ? null : valueOf(found);
    }

    void forEach(Consumer<WriteTopic> action) {
        for (CompletableFuture<WriteTopic> each : topics.values()) {
            WriteTopic topic = valueOf(each);
            if (topic != null) {
                action.accept(topic);
            }
        }
    }

    private static @Nullable WriteTopic valueOf(CompletableFuture<WriteTopic> found) {
        return found.isDone() && !found.isCompletedExceptionally() ? found.join() : null;
    }
}
