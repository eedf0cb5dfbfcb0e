package io.millrace.simulation.world;

import io.millrace.runtime.loop.EventLoop;
import io.millrace.simulation.invariant.UploadCheck;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.DeleteResult;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.ObjectUploads;
import io.millrace.storage.object.StoredPart;
import io.millrace.storage.object.UploadId;
import io.millrace.storage.object.UploadListing;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * A process's access to the bucket. Calls are slow, fail, or take effect and fail. A request of a
 * dead process may still take effect.
 */
final class NodeBucket implements ObjectStore {

    private final EventLoop world;
    private final int node;
    private final NodeLoop loop;
    private final ObjectStore bucket;
    private final ObjectDamage damage;
    private final ObjectUploads uploads = new Uploads();
    private final UploadCheck uploadCheck;
    private final FaultState faults;
    private final StepCounter steps;
    private final RandomGenerator random;

    NodeBucket(
            SimulatedCluster cluster,
            int node,
            NodeLoop loop,
            StepCounter steps,
            RandomGenerator random) {
        this.world = cluster.world;
        this.node = node;
        this.loop = loop;
        this.bucket = cluster.store;
        this.damage = cluster.damage;
        this.uploadCheck = cluster.uploads;
        this.faults = cluster.faults;
        this.steps = steps;
        this.random = random;
    }

    private boolean happens(double rate) {
        return rate > 0 && random.nextDouble() < rate;
    }

    private <T> CompletableFuture<T> call(Supplier<CompletableFuture<T>> effect) {
        CompletableFuture<T> result = new CompletableFuture<>();
        steps.step();
        if (loop.isDead()) {
            return result;
        }
        Duration takes =
                happens(faults.bucketSlow)
                        ? FaultState.between(random, 500, 6000)
                        : FaultState.delay(random, faults.bucketUsualDelay);
        if (happens(faults.bucketFailsBeforeEffect)) {
            world.schedule(takes, () -> fail(result));
            world.schedule(
                    takes.plus(FaultState.between(random, 1, 10_000)),
                    () -> {
                        var unused = effect.get();
                    });
        } else {
            world.schedule(takes, () -> arrive(effect, result));
        }
        return result;
    }

    private <T> void arrive(Supplier<CompletableFuture<T>> effect, CompletableFuture<T> result) {
        if (faults.bucketUnavailableUntil > world.nanoTime()) {
            if (random.nextInt(4) > 0) {
                fail(result);
            }
        } else if (faults.bucketRejectsUntil > world.nanoTime()) {
            result.completeExceptionally(
                    new ObjectStoreException.RequestRejected("the token has expired", null));
        } else if (happens(faults.bucketFails)) {
            fail(result);
        } else {
            CompletableFuture<T> done = effect.get();
            if (!loop.isDead()) {
                steps.step();
            }
            if (happens(faults.bucketFailsAfterEffect)) {
                fail(result);
            } else {
                done.whenComplete((value, failure) -> {
                    if (failure == null) {
                        result.complete(value);
                    } else {
                        result.completeExceptionally(failure);
                    }
                });
            }
        }
    }

    private void fail(CompletableFuture<?> result) {
        result.completeExceptionally(
                random.nextBoolean()
                        ? new ObjectStoreException.Throttled("slow down", null)
                        : new ObjectStoreException.Unavailable("internal error", null));
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        ObjectBody sent = copyOf(body);
        return call(() -> bucket.put(key, sent));
    }

    /** Copies the body at once: a delayed request carries the bytes of the time of sending. */
    private static ObjectBody copyOf(ObjectBody body) {
        ByteBuffer copy = ByteBuffer.allocate(Math.toIntExact(body.sizeBytes()));
        body.pieces().forEach(copy::put);
        return ObjectBody.of(copy.array());
    }

    @Override
    public ObjectUploads uploads() {
        return uploads;
    }

    @Override
    public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
        return call(() -> damage.get(node, key, range));
    }

    @Override
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        List<ObjectKey> doomed = List.copyOf(keys);
        return call(() -> deleteSome(doomed));
    }

    /**
     * Deletes the objects of a request except some. A failed object may be deleted all the same, or
     * cannot be deleted by any request while faults last.
     */
    private CompletableFuture<DeleteResult> deleteSome(List<ObjectKey> doomed) {
        boolean isPartial = happens(faults.deletePartial);
        Map<ObjectKey, ObjectStoreException> failures = new LinkedHashMap<>();
        List<ObjectKey> deleted = new ArrayList<>();
        for (ObjectKey key : doomed) {
            boolean isStuck = fraction(key) < faults.deleteStuck;
            boolean fails = isStuck || (isPartial && random.nextBoolean());
            if (fails) {
                failures.put(
                        key,
                        isStuck || random.nextBoolean()
                                ? new ObjectStoreException.RequestRejected("access denied", null)
                                : new ObjectStoreException.Throttled("slow down", null));
            }
            if (!isStuck && (!fails || random.nextInt(4) == 0)) {
                deleted.add(key);
            }
        }
        if (!failures.isEmpty()) {
            faults.incompleteDeletes++;
        }
        return (deleted.isEmpty()
                        ? CompletableFuture.completedFuture(DeleteResult.complete())
                        : bucket.delete(deleted))
                .thenApply(all -> new DeleteResult(failures));
    }

    /** Returns a number of [0, 1) that depends only on the key. */
    private static double fraction(ObjectKey key) {
        return (key.value().hashCode() * 0x9E3779B97F4A7C15L >>> 11) * 0x1p-53;
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        return call(() -> bucket.list(prefix, after, limit));
    }

    @Override
    public void close() {}

    private final class Uploads implements ObjectUploads {

        @Override
        public int minPartBytes() {
            return bucket.uploads().minPartBytes();
        }

        @Override
        public CompletableFuture<MultipartUpload> create(ObjectKey key, int partBytes) {
            return call(() ->
                    bucket.uploads()
                            .create(key, partBytes)
                            .whenComplete((begun, no) -> uploadCheck.created(loop, begun.id())));
        }

        @Override
        public CompletableFuture<StoredPart> uploadPart(
                MultipartUpload upload, int number, ObjectBody body) {
            ObjectBody sent = copyOf(body);
            return proceed(upload.id(), () -> bucket.uploads().uploadPart(upload, number, sent));
        }

        @Override
        public CompletableFuture<Void> complete(MultipartUpload upload, List<StoredPart> parts) {
            List<StoredPart> all = List.copyOf(parts);
            CompletableFuture<Void> result =
                    proceed(upload.id(), () -> bucket.uploads().complete(upload, all));
            var unused = result.thenRun(() -> uploadCheck.completed(upload.id()));
            return result;
        }

        private <T> CompletableFuture<T> proceed(UploadId id, Supplier<CompletableFuture<T>> step) {
            uploadCheck.idReceived(id);
            return call(() -> happens(faults.uploadBreaks) ? broken(id, step) : step.get());
        }

        private <T> CompletableFuture<T> broken(UploadId id, Supplier<CompletableFuture<T>> step) {
            if (random.nextBoolean()) {
                return CompletableFuture.failedFuture(
                        new ObjectStoreException.RequestRejected("that is not allowed", null));
            }
            // As a lifecycle rule of the bucket does with incomplete uploads.
            return bucket.uploads().abort(id).thenCompose(gone -> step.get());
        }

        @Override
        public CompletableFuture<Void> abort(UploadId upload) {
            uploadCheck.aborting(loop, upload);
            return call(() -> bucket.uploads().abort(upload));
        }

        @Override
        public CompletableFuture<UploadListing> listUnfinished(
                String prefix, Optional<UploadId> after, int limit) {
            return call(() -> bucket.uploads().listUnfinished(prefix, after, limit));
        }
    }
}
