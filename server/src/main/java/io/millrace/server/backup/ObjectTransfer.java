package io.millrace.server.backup;

import io.millrace.runtime.SystemAccess;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Copies objects, at most four at a time, and reports the progress every 5 %. Blocks; one thread.
 */
@SystemAccess("creates the threads of a command")
record ObjectTransfer(StreamObjectCopy copy, Consumer<String> progress) {

    private static final int STEPS = 20;

    void copy(List<ObjectRef> objects) {
        long total = objects.stream().mapToLong(ObjectRef::sizeBytes).sum();
        long bytes = 0;
        int step = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ReadAhead<ObjectRef, ObjectRef> copies =
                    new ReadAhead<>(
                            objects,
                            ref ->
                                    CompletableFuture.supplyAsync(
                                            () -> {
                                                copy.copy(ref);
                                                return ref;
                                            },
                                            threads));
            for (int i = 1; i <= objects.size(); i++) {
                bytes += copies.next().sizeBytes();
                if (bytes * STEPS / total > step) {
                    step = (int) (bytes * STEPS / total);
                    progress.accept(
                            "Copied %d of %d objects, %,d of %,d bytes."
                                    .formatted(i, objects.size(), bytes, total));
                }
            }
        }
    }
}
