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
 * One question to a peer, and how long its answer is waited for. One that is late to begin is still
 * taken if it comes. Owned by the loop.
 */
public final class PeerRead {

    /** Until the first byte: a peer that is well answers much sooner, whatever it has to load. */
    public static final Duration FIRST_BYTE = Duration.ofMillis(30);

    /** From there to the last byte: a GET and its hedge fit into it. */
    static final Duration ANSWER = Duration.ofSeconds(1);

    /** The chunk is there if it was taken. */
    record End(PeerReadResult result, Optional<Chunk> chunk) {}

    private final EventLoop loop;
    private final int length;
    private final Runnable silent;
    private final Runnable late;
    private final CompletableFuture<End> end = new CompletableFuture<>();
    private boolean hasBegun;
    private boolean wasSilent;
    private boolean isUnwanted;
    private EventLoop.@Nullable Timer timer;

    /**
     * @param silent is run on the loop if the first byte does not come in time
     * @param late is run on the loop if it comes then after all
     */
    PeerRead(EventLoop loop, int length, Runnable silent, Runnable late) {
        this.loop = loop;
        this.length = length;
        this.silent = silent;
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
            answer = question.apply(() -> loop.runNowOrLater(this::begun));
        } catch (RuntimeException rejected) {
            answer = CompletableFuture.failedFuture(rejected);
        }
        CompletableFuture<Chunk> call = answer;
        var unused = end.thenRun(() -> call.cancel(false));
        call.whenComplete((chunk, failure) -> loop.runNowOrLater(() -> arrived(chunk)));
        return end;
    }

    /** Whether the first byte did not come in time. */
    boolean wasSilent() {
        return wasSilent;
    }

    /** The chunk is there from elsewhere; only whether the peer is there is still of interest. */
    void stop() {
        isUnwanted = true;
        if (hasBegun) {
            over(PeerReadResult.SILENT, Optional.empty());
        }
    }

    private void silent() {
        timer = loop.schedule(ANSWER, () -> over(PeerReadResult.SILENT, Optional.empty()));
        wasSilent = true;
        silent.run();
    }

    private void begun() {
        if (end.isDone() || timer == null) {
            return;
        }
        hasBegun = true;
        timer.cancel();
        timer = loop.schedule(ANSWER, () -> over(PeerReadResult.FAILED, Optional.empty()));
        if (wasSilent) {
            late.run();
        }
        if (isUnwanted) {
            stop();
        }
    }

    private void arrived(@Nullable Chunk chunk) {
        if (chunk == null) {
            over(PeerReadResult.FAILED, Optional.empty());
        } else if (!chunk.isSound(length)) {
            over(PeerReadResult.DAMAGED, Optional.empty());
        } else {
            over(PeerReadResult.TAKEN, Optional.of(chunk));
        }
    }

    private void over(PeerReadResult result, Optional<Chunk> chunk) {
        if (timer != null) {
            timer.cancel();
        }
        end.complete(new End(result, chunk));
    }
}
