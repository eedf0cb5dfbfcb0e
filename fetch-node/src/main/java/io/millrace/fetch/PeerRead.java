package io.millrace.fetch;

import io.millrace.storage.loop.Loop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One question to a peer, and how long its answer is waited for. Owned by the loop. */
final class PeerRead {

    /** Until the first byte: a peer that is well answers much sooner, whatever it has to load. */
    static final Duration FIRST_BYTE = Duration.ofMillis(30);

    /** From there to the last byte: a GET and its hedge fit into it. */
    static final Duration ANSWER = Duration.ofSeconds(1);

    /** How it ended. */
    enum Result {
        /** With a sound chunk. */
        TAKEN,
        /** No first byte in time. */
        SILENT,
        /** With an error, or not in time after the first byte. */
        FAILED,
        /** With bytes that fail their checksums. */
        DAMAGED
    }

    /** The chunk is there if it was taken. */
    record End(Result result, Optional<Chunk> chunk) {}

    private final Loop loop;
    private final int length;
    private final CompletableFuture<End> end = new CompletableFuture<>();
    private final CompletableFuture<?> unwanted = new CompletableFuture<>();
    private final Runnable late;
    private Loop.@Nullable Timer timer;

    /**
     * @param late is run on the loop if the first byte comes after all, though not in time
     */
    PeerRead(Loop loop, int length, Runnable late) {
        this.loop = loop;
        this.length = length;
        this.late = late;
    }

    /**
     * Asks.
     *
     * @param question see {@link PeerReads#read}
     * @return completes on the loop, never with a failure
     */
    CompletableFuture<End> start(Function<Runnable, CompletableFuture<Chunk>> question) {
        timer = loop.schedule(FIRST_BYTE, this::silent);
        CompletableFuture<Chunk> answer;
        try {
            answer = question.apply(() -> loop.run(this::begun));
        } catch (RuntimeException refused) {
            answer = CompletableFuture.failedFuture(refused);
        }
        CompletableFuture<Chunk> call = answer;
        var unused = unwanted.thenRun(() -> call.cancel(false));
        call.whenComplete((chunk, failure) -> loop.run(() -> arrived(chunk)));
        return end;
    }

    /** Nobody waits for it any more; only whether the peer is there is still of interest. */
    private void silent() {
        end.complete(new End(Result.SILENT, Optional.empty()));
        timer = loop.schedule(ANSWER, this::stop);
    }

    private void begun() {
        if (unwanted.isDone()) {
            return;
        }
        if (end.isDone()) {
            stop();
            late.run();
        } else if (timer != null) {
            timer.cancel();
            timer = loop.schedule(ANSWER, () -> over(Result.FAILED));
        }
    }

    private void arrived(@Nullable Chunk chunk) {
        if (end.isDone()) {
            stop();
            return;
        }
        if (chunk == null) {
            over(Result.FAILED);
        } else if (!chunk.isSound(length)) {
            over(Result.DAMAGED);
        } else {
            stop();
            end.complete(new End(Result.TAKEN, Optional.of(chunk)));
        }
    }

    private void over(Result result) {
        stop();
        end.complete(new End(result, Optional.empty()));
    }

    private void stop() {
        if (timer != null) {
            timer.cancel();
        }
        unwanted.complete(null);
    }
}
