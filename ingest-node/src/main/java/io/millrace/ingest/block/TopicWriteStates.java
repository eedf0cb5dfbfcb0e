package io.millrace.ingest.block;

import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The write states of topics, by name. A look-up makes one state current with the metadata, so its
 * cost does not depend on changes of other topics. States of deleted topics are removed when their
 * number has doubled since the last removal. Owned by the node's event loop.
 */
public final class TopicWriteStates {

    private static final int MIN_BEFORE_REMOVAL = 64;

    private final Supplier<Topics> current;
    private final Map<String, TopicWriteState> byName = new HashMap<>();
    private Topics seen = Topics.NONE;
    private long changes;
    private int sizeOfNextRemoval = MIN_BEFORE_REMOVAL;

    public TopicWriteStates(Supplier<Topics> current) {
        this.current = current;
    }

    /** Returns the topic's write state; null if this node's metadata lacks the topic. */
    @Nullable
    public TopicWriteState named(String name) {
        Topics now = current.get();
        if (now != seen) {
            seen = now;
            changes++;
        }
        TopicWriteState known = byName.get(name);
        return known != null && known.currentAt == changes ? known : updated(name, known);
    }

    private @Nullable TopicWriteState updated(String name, @Nullable TopicWriteState known) {
        Topic topic = seen.named(name).orElse(null);
        if (topic == null) {
            byName.remove(name);
            return null;
        }
        TopicWriteState state = known;
        if (state == null || state.topic().id() != topic.id()) {
            removeDeletedIfDue();
            state = new TopicWriteState(topic);
            byName.put(name, state);
        }
        state.update(topic);
        state.currentAt = changes;
        return state;
    }

    private void removeDeletedIfDue() {
        if (byName.size() >= sizeOfNextRemoval) {
            byName.keySet().removeIf(name -> seen.named(name).isEmpty());
            sizeOfNextRemoval = Math.max(MIN_BEFORE_REMOVAL, 2 * byName.size());
        }
    }

    int size() {
        return byName.size();
    }
}
