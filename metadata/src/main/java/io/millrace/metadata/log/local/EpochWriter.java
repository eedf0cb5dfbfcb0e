package io.millrace.metadata.log.local;

import io.millrace.metadata.log.AppendOutcome;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Writes to the growing epoch and converts failures to append outcomes. Blocks. One thread at a
 * time.
 */
final class EpochWriter {

    private static final Logger LOG = Logger.getLogger(EpochWriter.class);

    private final EpochFiles files;
    private final Path folder;
    private final LocalLogSettings settings;

    EpochWriter(EpochFiles files, Path folder, LocalLogSettings settings) {
        this.files = files;
        this.folder = folder;
        this.settings = settings;
    }

    AppendOutcome write(List<byte[]> entries) {
        try {
            files.append(entries);
            return new AppendOutcome.Appended();
        } catch (Disk.DiskFullException noRoom) {
            return undoFailedAppend(noRoom);
        } catch (IOException e) {
            return outcomeUnknown(e);
        }
    }

    private AppendOutcome undoFailedAppend(Disk.DiskFullException noRoom) {
        try {
            files.truncateFailedAppend();
            return new AppendOutcome.NotAppended(
                    new Problem(
                            Reason.STORAGE_FULL,
                            "The disk of the metadata log in %s is full; nothing was stored. Free space and retry."
                                    .formatted(folder)));
        } catch (IOException e) {
            e.addSuppressed(noRoom);
            return outcomeUnknown(e);
        }
    }

    private AppendOutcome outcomeUnknown(IOException e) {
        LOG.errorf("the metadata log in %s cannot be written: %s", folder, e.getMessage());
        LOG.debug("the failed write", e);
        return new AppendOutcome.Indeterminate(
                new Problem(
                        Reason.METADATA_UNAVAILABLE,
                        "The metadata log in %s cannot be written (%s). Repair the disk and restart this process."
                                .formatted(folder, e.getMessage())));
    }

    Optional<EpochFiles.SealedEpoch> sealIfFull() {
        boolean full =
                files.entries() >= settings.sealEntries()
                        || files.sizeBytes() >= settings.sealBytes();
        return full ? seal() : Optional.empty();
    }

    /** Starts the next epoch. After a failure, the next call retries. */
    Optional<EpochFiles.SealedEpoch> seal() {
        try {
            return files.seal();
        } catch (IOException e) {
            LOG.warnf(
                    "an epoch in %s cannot be sealed and continues to grow: %s",
                    folder, e.getMessage());
            return Optional.empty();
        }
    }
}
