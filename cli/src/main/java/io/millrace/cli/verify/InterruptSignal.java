package io.millrace.cli.verify;

import io.millrace.runtime.SystemAccess;
import java.util.LinkedHashMap;
import java.util.Map;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * A signal handler that ends an operation early on the first SIGINT or SIGTERM; the second signal
 * ends the process. Active until closed. Any thread.
 */
@SystemAccess("handles signals")
final class InterruptSignal implements AutoCloseable {

    private final Map<Signal, SignalHandler> usual = new LinkedHashMap<>();

    /**
     * @param end called once, on a new thread
     */
    InterruptSignal(Runnable end) {
        synchronized (usual) {
            for (String name : new String[] {"INT", "TERM"}) {
                Signal signal = new Signal(name);
                usual.put(signal, Signal.handle(signal, received -> end(end)));
            }
        }
    }

    private void end(Runnable end) {
        close();
        end.run();
    }

    @Override
    public void close() {
        synchronized (usual) {
            usual.forEach(Signal::handle);
            usual.clear();
        }
    }
}
