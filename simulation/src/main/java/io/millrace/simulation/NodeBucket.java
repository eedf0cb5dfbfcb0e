package io.millrace.simulation;

import io.millrace.storage.loop.Loop;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.ObjectUploads;
import io.millrace.storage.object.PartedUpload;
import io.millrace.storage.object.StoredPart;
import io.millrace.storage.object.UploadId;
import io.millrace.storage.object.UploadListing;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * One process's way to the simulated bucket: slow, failing, and not always honest about what it
 * did. What a process asked before it died may still happen.
 */
final class NodeBucket implements ObjectStore {

    private final Loop world;
    private final NodeLoop loop;
    private final ObjectStore bucket;
    private final ObjectUploads uploads = new Uploads();
    private final Weather weather;
    private final Steps steps;
    private final RandomGenerator random;

    NodeBucket(
            Loop world,
            NodeLoop loop,
            ObjectStore bucket,
            Weather weather,
            Steps steps,
            RandomGenerator random) {
        this.world = world;
        this.loop = loop;
        this.bucket = bucket;
        this.weather = weather;
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
                happens(weather.bucketSlow)
                        ? Weather.between(random, 500, 6000)
                        : Weather.delay(random, weather.bucketUsual);
        if (happens(weather.bucketDoesLater)) {
            world.schedule(takes, () -> fail(result));
            world.schedule(
                    takes.plus(Weather.between(random, 1, 10_000)),
                    () -> {
                        var unheard = effect.get();
                    });
        } else {
            world.schedule(takes, () -> arrive(effect, result));
        }
        return result;
    }

    private <T> void arrive(Supplier<CompletableFuture<T>> effect, CompletableFuture<T> result) {
        if (weather.bucketAwayUntil > world.nanoTime()) {
            if (random.nextInt(4) > 0) {
                fail(result);
            }
        } else if (weather.bucketRefusesUntil > world.nanoTime()) {
            result.completeExceptionally(
                    new ObjectStoreException.Refused("the token has expired", null));
        } else if (happens(weather.bucketFails)) {
            fail(result);
        } else {
            CompletableFuture<T> done = effect.get();
            if (!loop.isDead()) {
                steps.step();
            }
            if (happens(weather.bucketFailsButDoes)) {
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
        ObjectBody sent = asSent(body);
        return call(() -> bucket.put(key, sent));
    }

    /** Copied at once: a request that is late still carries what it was sent with. */
    private static ObjectBody asSent(ObjectBody body) {
        ByteBuffer copy = ByteBuffer.allocate(Math.toIntExact(body.sizeBytes()));
        body.pieces().forEach(copy::put);
        return ObjectBody.of(copy.array());
    }

    @Override
    public ObjectUploads uploads() {
        return uploads;
    }

    @Override
    public CompletableFuture<byte[]> get(ObjectKey key, ByteRange range) {
        return call(() -> bucket.get(key, range));
    }

    @Override
    public CompletableFuture<Void> delete(Collection<ObjectKey> keys) {
        List<ObjectKey> doomed = List.copyOf(keys);
        return call(() -> bucket.delete(doomed));
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        return call(() -> bucket.list(prefix, after, limit));
    }

    @Override
    public void close() {}

    /** Steps of uploads have the same weather. */
    private final class Uploads implements ObjectUploads {

        @Override
        public CompletableFuture<PartedUpload> begin(ObjectKey key, int partBytes) {
            return call(() -> bucket.uploads().begin(key, partBytes));
        }

        @Override
        public CompletableFuture<StoredPart> putPart(
                PartedUpload upload, int number, ObjectBody body) {
            ObjectBody sent = asSent(body);
            return call(() -> bucket.uploads().putPart(upload, number, sent));
        }

        @Override
        public CompletableFuture<Void> complete(PartedUpload upload, List<StoredPart> parts) {
            List<StoredPart> all = List.copyOf(parts);
            return call(() -> bucket.uploads().complete(upload, all));
        }

        @Override
        public CompletableFuture<Void> abandon(UploadId upload) {
            return call(() -> bucket.uploads().abandon(upload));
        }

        @Override
        public CompletableFuture<UploadListing> unfinished(
                String prefix, Optional<UploadId> after, int limit) {
            return call(() -> bucket.uploads().unfinished(prefix, after, limit));
        }
    }
}
