package io.millrace.fetch.zone;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.metrics.PeerReadResult;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A read of a chunk from a peer with timeouts. An answer after the first-byte timeout is still
 * accepted. Owned by the event loop.
 */
public final class PeerRead {

    /** Timeout until the first byte, which a healthy peer sends before loading the chunk. */
    public static final Duration FIRST_BYTE_TIMEOUT = Duration.ofMillis(30);

    /** Timeout from the first to the last byte, enough for a GET and its hedge. */
    static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(1);

    record PeerReadEnd(PeerReadResult result, Optional<Chunk> chunk) {}

    private final EventLoop loop;
    private final int length;
    private final Runnable silent;
    private final Runnable late;
    private final CompletableFuture<PeerReadEnd> end = new CompletableFuture<>();
    private boolean hasBegun;
    private boolean wasSilent;
    private boolean isSuperseded;
    private EventLoop.@Nullable Timer timer;

    /**
     * Creates a read. Callbacks run on the event loop.
     *
     * @param late a callback for a first byte after the timeout
     */
    PeerRead(EventLoop loop, int length, Runnable silent, Runnable late) {
        this.loop = loop;
        this.length = length;
        this.silent = silent;
        this.late = late;
    }

    /** Sends the request. The future completes on the event loop and never fails. */
    CompletableFuture<PeerReadEnd> start(Function<Runnable, CompletableFuture<Chunk>> question) {
        timer = loop.schedule(FIRST_BYTE_TIMEOUT, this::silent);
        CompletableFuture<Chunk> answer;
        try {
            answer = question.apply(() -> loop.runNowOrLater(this::begun));
        } catch (RuntimeException rejected) {
            answer = CompletableFuture.failedFuture(rejected);
        }
        CompletableFuture<Chunk> call = answer;
        var unused = end.thenRun(() -> call.cancel(false));
        call.whenComplete((chunk, failure) -> loop.runNowOrLater(() -> arrived(chunk)));
        return end;
    }

    boolean wasSilent() {
        return wasSilent;
    }

    /**
     * Called when another source has supplied the chunk. The read then only detects a live peer.
     */
    void supersede() {
        isSuperseded = true;
        if (hasBegun) {
            complete(PeerReadResult.SILENT, Optional.empty());
        }
    }

    private void silent() {
        timer =
                loop.schedule(
                        ANSWER_TIMEOUT, () -> complete(PeerReadResult.SILENT, Optional.empty()));
        wasSilent = true;
        silent.run();
    }

    private void begun() {
        if (end.isDone() || timer == null) {
            return;
        }
        hasBegun = true;
        timer.cancel();
        timer =
                loop.schedule(
                        ANSWER_TIMEOUT, () -> complete(PeerReadResult.FAILED, Optional.empty()));
        if (wasSilent) {
            late.run();
        }
        if (isSuperseded) {
            supersede();
        }
    }

    private void arrived(@Nullable Chunk chunk) {
        if (chunk == null) {
            complete(PeerReadResult.FAILED, Optional.empty());
        } else if (!chunk.isValid(length)) {
            complete(PeerReadResult.DAMAGED, Optional.empty());
        } else {
            complete(PeerReadResult.TAKEN, Optional.of(chunk));
        }
    }

    private void complete(PeerReadResult result, Optional<Chunk> chunk) {
        if (timer != null) {
            timer.cancel();
        }
        end.complete(new PeerReadEnd(result, chunk));
    }
}
