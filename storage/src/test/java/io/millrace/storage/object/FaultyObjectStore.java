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
 * A bucket with injected faults: failures, latency and lost responses. Thread safe if its delegate
 * is.
 */
public final class FaultyObjectStore implements ObjectStore {

    /** A fault that applies to a call. */
    public interface Fault {

        <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call);

        /** No fault. */
        static Fault none() {
            return new Fault() {
                @Override
                public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
                    return call.get();
                }
            };
        }

        /** Fails the call without effect. */
        static Fault failing(ObjectStoreException with) {
            return new Fault() {
                @Override
                public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
                    return CompletableFuture.failedFuture(with);
                }
            };
        }

        /** Applies the call, but reports a failure to the caller. */
        static Fault losingTheAnswer(ObjectStoreException with) {
            return new Fault() {
                @Override
                public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
                    return call.get().thenCompose(any -> CompletableFuture.failedFuture(with));
                }
            };
        }

        /** Never completes the call, which has no effect. */
        static Fault silent() {
            return new Fault() {
                @Override
                public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
                    return new CompletableFuture<>();
                }
            };
        }

        /** Selects a fault for each call. */
        static Fault chosen(Supplier<Fault> choice) {
            return new Fault() {
                @Override
                public <T> CompletableFuture<T> in(Supplier<CompletableFuture<T>> call) {
                    return choice.get().in(call);
                }
            };
        }

        /** Delays the call, unless cancelled before. */
        static Fault late(EventLoop loop, Duration by) {
            return late(loop, by, none());
        }

        /** Delays the call and then applies the other fault, unless cancelled before. */
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

    /** Sets the faults of the next calls, in order. */
    public void next(Fault... faults) {
        next.addAll(List.of(faults));
    }

    /** Sets the fault of calls without a fault of their own. */
    public void byDefault(Fault fault) {
        usual = fault;
    }

    /**
     * Sets the fault of reads and deletions of one object, if not {@link #next}. A deletion of many
     * keys reports the failure for this key only.
     */
    public void forObject(ObjectKey key, Fault fault) {
        ofObjects.put(key, fault);
    }

    /** Makes listings of uploads fail; other calls are unaffected. */
    public void listsNoUploads(ObjectStoreException with) {
        ofUploadLists = Fault.failing(with);
    }

    /** Returns the number of calls. */
    public int calls() {
        return calls.get();
    }

    /** Returns the number of calls cancelled by their callers. */
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
        Fault fault = first == null ? byDefault(objects) : first;
        CompletableFuture<T> answer = fault.in(call);
        answer.whenComplete((any, failure) -> {
            if (answer.isCancelled()) {
                cancelled.incrementAndGet();
            }
        });
        return answer;
    }

    private Fault byDefault(Collection<ObjectKey> objects) {
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
    public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
        return faulty(List.of(key), () -> delegate.getRange(key, range));
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
        for (Map.Entry<ObjectKey, CompletableFuture<DeleteResult>> entry : single.entrySet()) {
            CompletableFuture<DeleteResult> alone =
                    entry.getValue().exceptionally(failure -> failed(entry.getKey(), failure));
            result = result.thenCombine(alone, FaultyObjectStore::both);
        }
        return result;
    }

    private static DeleteResult failed(ObjectKey key, Throwable failure) {
        if (FutureFailures.unwrap(failure) instanceof ObjectStoreException reason) {
            return new DeleteResult(Map.of(key, reason));
        }
        throw new CompletionException(failure);
    }

    private static DeleteResult both(DeleteResult result, DeleteResult other) {
        Map<ObjectKey, ObjectStoreException> failures = new LinkedHashMap<>(result.failures());
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

    /** Applies faults to multipart uploads as to other calls. */
    private final class FaultyUploads implements ObjectUploads {

        @Override
        public int minPartBytes() {
            return delegate.uploads().minPartBytes();
        }

        @Override
        public CompletableFuture<MultipartUpload> create(ObjectKey key, int partBytes) {
            return faulty(() -> delegate.uploads().create(key, partBytes));
        }

        @Override
        public CompletableFuture<StoredPart> uploadPart(
                MultipartUpload upload, int number, ObjectBody body) {
            return faulty(() -> delegate.uploads().uploadPart(upload, number, body));
        }

        @Override
        public CompletableFuture<Void> complete(MultipartUpload upload, List<StoredPart> parts) {
            return faulty(() -> delegate.uploads().complete(upload, parts));
        }

        @Override
        public CompletableFuture<Void> abort(UploadId upload) {
            return faulty(() -> delegate.uploads().abort(upload));
        }

        @Override
        public CompletableFuture<UploadListing> listUnfinished(
                String prefix, Optional<UploadId> after, int limit) {
            return faulty(() ->
                    ofUploadLists.in(
                            () -> delegate.uploads().listUnfinished(prefix, after, limit)));
        }
    }
}
