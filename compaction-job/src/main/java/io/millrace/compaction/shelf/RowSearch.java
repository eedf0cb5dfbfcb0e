package io.millrace.compaction.shelf;

import com.google.protobuf.ByteString;
import io.millrace.metadata.Extent;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.ShelvedExtents;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Finds the rows of a partition in which extents lie that name an object, from the last one on back
 * to the first of them: what is in one object are neighbours. It goes back no further than what one
 * partition may bring into memory. Used once. Owned by the metadata's loop.
 */
final class RowSearch {

    private final Metadata metadata;
    private final Recalls recalls;
    private final long topicId;
    private final int partition;
    private final ObjectId object;
    private final long mostExtents;
    private final List<Recalls.Read> seen = new ArrayList<>();

    /** How many of those seen are to come back. */
    private int wanted;

    private long extents;

    /**
     * @param mostExtents rows of more are not brought back
     */
    RowSearch(
            Metadata metadata,
            Recalls recalls,
            long topicId,
            int partition,
            ObjectId object,
            long mostExtents) {
        this.metadata = metadata;
        this.recalls = recalls;
        this.topicId = topicId;
        this.partition = partition;
        this.object = object;
        this.mostExtents = mostExtents;
    }

    /**
     * Searches. Only on the loop.
     *
     * @return completes on the loop with those rows and all behind them, the last one first; with
     *     none if a row cannot be read, was changed meanwhile, or if they are too many
     */
    CompletableFuture<List<Recalls.Read>> run() {
        return look(log().flatMap(PartitionLog::lastShelved));
    }

    private Optional<PartitionLog> log() {
        return metadata.view().partition(topicId, partition);
    }

    private CompletableFuture<List<Recalls.Read>> look(Optional<ShelvedExtents> row) {
        if (row.isEmpty()) {
            return CompletableFuture.completedFuture(found());
        }
        extents += row.get().extents();
        return extents > mostExtents
                ? CompletableFuture.completedFuture(List.of())
                : recalls.read(row.get()).thenComposeAsync(this::judge, metadata.loop());
    }

    private List<Recalls.Read> found() {
        return List.copyOf(seen.subList(0, wanted));
    }

    private CompletableFuture<List<Recalls.Read>> judge(Recalls.Read read) {
        Optional<List<Extent>> extents = extents(read);
        if (extents.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        seen.add(read);
        if (extents.get().stream().anyMatch(extent -> extent.object().id().equals(object))) {
            wanted = seen.size();
        } else if (wanted > 0) {
            return CompletableFuture.completedFuture(found());
        }
        return look(before(read.row()));
    }

    private Optional<List<Extent>> extents(Recalls.Read read) {
        try {
            return read.content()
                    .map(ByteString::toByteArray)
                    .flatMap(content -> log().flatMap(log -> log.extents(read.row(), content)));
        } catch (ObjectStoreException.Corrupt damaged) {
            recalls.isDamaged(read.row());
            return Optional.empty();
        }
    }

    private Optional<ShelvedExtents> before(ShelvedExtents row) {
        return log().flatMap(log -> log.shelved(row.baseOffset() - 1))
                .filter(before -> before.endOffset() <= row.baseOffset());
    }
}
