package io.millrace.storage.object;

import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A bucket that fails, is slow or never answers, as the test wants it. Safe for use by any number
 * of threads, if its delegate is.
 */
public final class FaultyObjectStore implements ObjectStore {

    /** What becomes of a call. */
    public interface Fault {

        <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call);

        /** None. */
        static Fault none() {
            return new Fault() {
                @Override
                public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
                    return call.get();
                }
            };
        }

        /** It fails and has no effect. */
        static Fault failing(ObjectStoreException with) {
            return new Fault() {
                @Override
                public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
                    return CompletableFuture.failedFuture(with);
                }
            };
        }

        /** It has its effect, but its caller hears that it failed. */
        static Fault losingTheAnswer(ObjectStoreException with) {
            return new Fault() {
                @Override
                public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
                    return call.get().thenCompose(any -> CompletableFuture.failedFuture(with));
                }
            };
        }

        /** It has no effect and is never answered. */
        static Fault silent() {
            return new Fault() {
                @Override
                public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
                    return new CompletableFuture<>();
                }
            };
        }

        /** Another one for each call. */
        static Fault chosen(Supplier<Fault> choice) {
            return new Fault() {
                @Override
                public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
                    return choice.get().in(call);
                }
            };
        }

        /** It has its effect, later, if it is not cancelled before. */
        static Fault late(EventLoop loop, Duration by) {
            return late(loop, by, none());
        }

        /** It has its effect, or the other fault, later, if it is not cancelled before. */
        static Fault late(EventLoop loop, Duration by, Fault then) {
            return new Fault() {
                @Override
                public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
                    CompletableFuture<T> answer = new CompletableFuture<>();
                    EventLoop.Timer timer =
                            loop.schedule(
                                    by,
                                    () ->
                                            then.in(call)
                                                    .whenComplete((value, failure) -> {
                                                        if (failure == null) {
                                                            answer.complete(value);
                                                        } else {
                                                            answer.completeExceptionally(failure);
                                                        }
                                                    }));
                    answer.whenComplete((any, failure) -> timer.cancel());
                    return answer;
                }
            };
        }
    }

    private final ObjectStore delegate;
    private final ObjectUploads uploads = new FaultyUploads();
    private final Queue<Fault> next = new ConcurrentLinkedQueue<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final Map<ObjectKey, Fault> ofObjects = new ConcurrentHashMap<>();
    private volatile Fault usual = Fault.none();
    private volatile Fault ofUploadLists = Fault.none();

    public FaultyObjectStore(ObjectStore delegate) {
        this.delegate = delegate;
    }

    /** What becomes of the next calls, one after the other. */
    public void next(Fault... faults) {
        next.addAll(List.of(faults));
    }

    /** What becomes of calls for which there is nothing else. */
    public void usually(Fault fault) {
        usual = fault;
    }

    /**
     * Sets the fault of reads and deletions of one object, if not {@link #next}. A deletion of many
     * keys reports the failure for this key only.
     */
    public void usuallyOf(ObjectKey key, Fault fault) {
        ofObjects.put(key, fault);
    }

    /** Lists of uploads fail from now on, and other calls do as they did. */
    public void listsNoUploads(ObjectStoreException with) {
        ofUploadLists = Fault.failing(with);
    }

    /** How many calls there were. */
    public int calls() {
        return calls.get();
    }

    /** How many calls their callers gave up. */
    public int cancelled() {
        return cancelled.get();
    }

    private <T> CompletableFuture<T> faulty(Supplier<CompletableFuture<T>> call) {
        return faulty(List.of(), call);
    }

    private <T> CompletableFuture<T> faulty(
            Collection<ObjectKey> objects, Supplier<CompletableFuture<T>> call) {
        calls.incrementAndGet();
        Fault first = next.poll();
        Fault fault = first == null ? usually(objects) : first;
        CompletableFuture<T> answer = fault.in(call);
        answer.whenComplete((any, failure) -> {
            if (answer.isCancelled()) {
                cancelled.incrementAndGet();
            }
        });
        return answer;
    }

    private Fault usually(Collection<ObjectKey> objects) {
        return objects.stream()
                .map(ofObjects::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(usual);
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        return faulty(() -> delegate.put(key, body));
    }

    @Override
    public ObjectUploads uploads() {
        return uploads;
    }

    @Override
    public CompletableFuture<byte[]> get(ObjectKey key, ByteRange range) {
        return faulty(List.of(key), () -> delegate.get(key, range));
    }

    @Override
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        return faulty(() -> {
            Map<ObjectKey, CompletableFuture<DeleteResult>> single = new LinkedHashMap<>();
            List<ObjectKey> others = new ArrayList<>();
            for (ObjectKey key : keys) {
                Fault fault = ofObjects.get(key);
                if (fault == null) {
                    others.add(key);
                } else {
                    single.put(key, fault.in(() -> delegate.delete(List.of(key))));
                }
            }
            return withFailures(delegate.delete(others), single);
        });
    }

    private static CompletableFuture<DeleteResult> withFailures(
            CompletableFuture<DeleteResult> others,
            Map<ObjectKey, CompletableFuture<DeleteResult>> single) {
        CompletableFuture<DeleteResult> result = others;
        for (Map.Entry<ObjectKey, CompletableFuture<DeleteResult>> one : single.entrySet()) {
            CompletableFuture<DeleteResult> alone =
                    one.getValue().exceptionally(failure -> failed(one.getKey(), failure));
            result = result.thenCombine(alone, FaultyObjectStore::both);
        }
        return result;
    }

    private static DeleteResult failed(ObjectKey key, Throwable failure) {
        if (FutureFailures.of(failure) instanceof ObjectStoreException reason) {
            return new DeleteResult(Map.of(key, reason));
        }
        throw new CompletionException(failure);
    }

    private static DeleteResult both(DeleteResult one, DeleteResult other) {
        Map<ObjectKey, ObjectStoreException> failures = new LinkedHashMap<>(one.failures());
        failures.putAll(other.failures());
        return new DeleteResult(failures);
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        return faulty(() -> delegate.list(prefix, after, limit));
    }

    @Override
    public void close() {
        delegate.close();
    }

    /** Steps of uploads fail like other calls. */
    private final class FaultyUploads implements ObjectUploads {

        @Override
        public int minPartBytes() {
            return delegate.uploads().minPartBytes();
        }

        @Override
        public CompletableFuture<PartedUpload> begin(ObjectKey key, int partBytes) {
            return faulty(() -> delegate.uploads().begin(key, partBytes));
        }

        @Override
        public CompletableFuture<StoredPart> putPart(
                PartedUpload upload, int number, ObjectBody body) {
            return faulty(() -> delegate.uploads().putPart(upload, number, body));
        }

        @Override
        public CompletableFuture<Void> complete(PartedUpload upload, List<StoredPart> parts) {
            return faulty(() -> delegate.uploads().complete(upload, parts));
        }

        @Override
        public CompletableFuture<Void> abandon(UploadId upload) {
            return faulty(() -> delegate.uploads().abandon(upload));
        }

        @Override
        public CompletableFuture<UploadListing> unfinished(
                String prefix, Optional<UploadId> after, int limit) {
            return faulty(() ->
                    ofUploadLists.in(() -> delegate.uploads().unfinished(prefix, after, limit)));
        }
    }
}
