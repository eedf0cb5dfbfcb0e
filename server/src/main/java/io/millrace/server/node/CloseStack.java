package io.millrace.server.node;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jboss.logging.Logger;

/**
 * A stack of open resources, closed in reverse order. Owned by the thread that opens and closes a
 * node.
 */
final class CloseStack implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(CloseStack.class);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T part) {
        open.push(part);
        return part;
    }

    @Override
    public void close() {
        for (AutoCloseable part = open.poll(); part != null; part = open.poll()) {
            try {
                part.close();
            } catch (Exception failure) {
                LOG.warnf(failure, "Closing %s failed", part);
            }
        }
    }
}
