package io.millrace.client.producer;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The topics that a producer sends to, each looked up once; a look-up that failed is repeated when
 * it is next asked for. Thread-safe. It grows with the topics that are sent to.
 */
final class WriteTopics {

    private final Function<String, CompletableFuture<WriteTopic>> lookUp;
    private final Map<String, CompletableFuture<WriteTopic>> known = new ConcurrentHashMap<>();

    WriteTopics(Function<String, CompletableFuture<WriteTopic>> lookUp) {
        this.lookUp = lookUp;
    }

    /** The topic, the same for everybody; fails as the look-up does. */
    CompletableFuture<WriteTopic> get(String name) {
        CompletableFuture<WriteTopic> found = known.get(name);
        if (found != null && !found.isCompletedExceptionally()) {
            return found;
        }
        // Two threads must not have two: each partition's sequences are counted in one place.
        return known.compute(
                name,
                (key, earlier) ->
                        earlier != null && !earlier.isCompletedExceptionally()
                                ? earlier
                                : lookUp.apply(key));
    }

    /** The topic, if it is looked up already. */
    @Nullable WriteTopic ifKnown(String name) {
        CompletableFuture<WriteTopic> found = known.get(name);
        return found == null ? null : valueOf(found);
    }

    void forEach(Consumer<WriteTopic> action) {
        for (CompletableFuture<WriteTopic> each : known.values()) {
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
