package io.millrace.server.node;

import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.identity.IdentityCheck;
import io.millrace.metadata.identity.LogIdentity;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.runtime.SystemAccess;
import io.millrace.server.settings.ServerSettings;
import io.millrace.storage.object.ObjectStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * Verifies the identity of clusters, waits for metadata replicas to open and registers them for
 * closing.
 */
@SystemAccess("creates the threads of the metadata log")
final class Replicas {

    private static final int CLOSE_SECONDS = 5;

    private Replicas() {}

    /** Refuses the start if the log and the bucket are not of one cluster. */
    static ClusterId verifyIdentity(
            LogIdentity log, ServerSettings settings, ObjectStore bucket, RandomGenerator random) {
        return await(
                new IdentityCheck(
                                log,
                                bucket,
                                new IdentityCheck.Place(
                                        settings.cluster(),
                                        settings.log().toString(),
                                        settings.bucket().toString()),
                                settings.adoptedBucket(),
                                random)
                        .run());
    }

    static MetadataReplica awaitCurrent(
            CompletableFuture<MetadataReplica> opening, CloseStack closing) {
        MetadataReplica replica = await(opening);
        closing.add(() -> close(replica));
        return replica;
    }

    static <T> T await(CompletableFuture<T> opening) {
        try {
            return opening.get();
        } catch (ExecutionException failure) {
            throw new StartFailure(StartFailure.sentence(failure));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new StartFailure("the start was interrupted.");
        }
    }

    private static void close(MetadataReplica replica)
            throws InterruptedException, ExecutionException, TimeoutException {
        replica.close().get(CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    static ExecutorService thread(String name, CloseStack closing) {
        return closing.add(
                Executors.newSingleThreadExecutor(Thread.ofPlatform().name(name).factory()));
    }
}
