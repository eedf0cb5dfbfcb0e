package io.millrace.metadata.log.local;

import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.archive.EpochFrames;
import io.millrace.runtime.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The epochs that are still files; only the last grows. Blocks. One thread at a time. */
final class EpochFiles {

    private static final Logger LOG = Logger.getLogger(EpochFiles.class);
    private static final String SUFFIX = ".epoch";
    private static final Pattern NAME = Pattern.compile("[0-9]{16}\\.epoch");

    record SealedEpoch(long epoch, long firstPosition, long entries) {}

    private final Disk disk;
    private final Path folder;
    private Disk.@Nullable DiskFile file;
    private long epoch;
    private long firstPosition;
    private long nextPosition;
    private long sizeBytes;
    private long syncedBytes;
    private boolean tailNeedsTruncation;

    EpochFiles(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    Path path(long ofEpoch) {
        return folder.resolve(String.format(Locale.ROOT, "%016d%s", ofEpoch, SUFFIX));
    }

    long nextPosition() {
        return nextPosition;
    }

    long entries() {
        return nextPosition - firstPosition;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /**
     * Reads the epochs from {@code firstEpoch} on, opens the last for writing and truncates its
     * torn tail. Deletes files of earlier epochs, because a crash may have undone their deletion.
     *
     * @return all epochs; the last is not sealed
     */
    List<EpochFrames.EpochContent> open(long firstEpoch, long position) throws IOException {
        List<EpochFrames.EpochContent> contents = new ArrayList<>();
        long next = position;
        long at = firstEpoch;
        for (; disk.exists(path(at)); at++) {
            byte[] bytes = disk.read(path(at), 0, (int) disk.size(path(at)));
            boolean last = !disk.exists(path(at + 1));
            if (last && bytes.length <= EpochFrames.HEADER_BYTES && !EpochFrames.hasHeader(bytes)) {
                // Its creation was interrupted, so it has no entries.
                disk.delete(path(at));
                break;
            }
            EpochFrames.EpochContent content = EpochFrames.read(bytes, path(at).toString());
            check(contents, content, next, at);
            if (content.firstPosition() < next) {
                // It must be empty, because later entries were appended to the preceding epoch.
                disk.delete(path(at));
                break;
            }
            contents.add(content);
            next = content.nextPosition();
        }
        sweep(firstEpoch, at);
        resume(contents, firstEpoch, position);
        return contents;
    }

    /** Returns whether no entry was ever written, in a folder without a manifest. */
    boolean areEmpty() throws IOException {
        for (Path found : disk.list(folder)) {
            boolean first = found.equals(path(1));
            if (!first && NAME.matcher(String.valueOf(found.getFileName())).matches()) {
                return false;
            }
            if (first && disk.size(found) > EpochFrames.HEADER_BYTES) {
                byte[] bytes = disk.read(found, 0, (int) disk.size(found));
                EpochFrames.EpochContent content = EpochFrames.read(bytes, found.toString());
                return content.entries().isEmpty() && !content.corrupt();
            }
        }
        return true;
    }

    private void sweep(long firstEpoch, long missing) throws IOException {
        for (Path found : disk.list(folder)) {
            String name = String.valueOf(found.getFileName());
            if (!NAME.matcher(name).matches()) {
                continue;
            }
            long number = Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
            if (number < firstEpoch) {
                disk.delete(found);
            } else if (number > missing) {
                throw new LogException.Corrupt(
                        "%s is missing, but the following file %s exists. Restore the file or the whole folder from a copy."
                                .formatted(path(missing), found),
                        null);
            }
        }
    }

    private void check(
            List<EpochFrames.EpochContent> before,
            EpochFrames.EpochContent content,
            long next,
            long at) {
        boolean hole = content.firstPosition() > next;
        boolean overlap = content.firstPosition() < next && !content.entries().isEmpty();
        if (content.epoch() != at || content.corrupt() || hole || overlap) {
            boolean earlier = hole && !before.isEmpty();
            Path bad = earlier ? path(at - 1) : path(at);
            int offset = earlier ? before.getLast().soundBytes() : content.soundBytes();
            throw new LogException.Corrupt(
                    "%s is corrupt at byte %d, before acknowledged entries. Restore the file or the whole folder from a copy."
                            .formatted(bad, offset),
                    null);
        }
    }

    private void resume(List<EpochFrames.EpochContent> contents, long firstEpoch, long position)
            throws IOException {
        if (contents.isEmpty()) {
            if (firstEpoch > 1) {
                // An epoch is archived only after the next epoch's file is durable.
                throw new LogException.Corrupt(
                        "%s is missing or has no content, but the log manifest names it as the file of the newest entries. Restore the file or the whole folder from a copy."
                                .formatted(path(firstEpoch)),
                        null);
            }
            create(firstEpoch, position);
            return;
        }
        EpochFrames.EpochContent last = contents.getLast();
        Disk.DiskFile reopened = disk.append(path(last.epoch()));
        if (reopened.size() > last.soundBytes()) {
            LOG.warnf(
                    "%s ends in a write that was torn by a crash, at byte %d of %d; the write was not acknowledged and is truncated",
                    path(last.epoch()), last.soundBytes(), reopened.size());
            reopened.truncate(last.soundBytes());
        }
        // The crash may have preceded the sync of the bytes and of the name.
        reopened.sync();
        disk.syncDirectory(folder);
        file = reopened;
        epoch = last.epoch();
        firstPosition = last.firstPosition();
        nextPosition = last.nextPosition();
        sizeBytes = last.soundBytes();
        syncedBytes = sizeBytes;
        writeReceipt();
    }

    private void create(long newEpoch, long position) throws IOException {
        Disk.DiskFile created = disk.create(path(newEpoch));
        try {
            created.write(List.of(EpochFrames.header(newEpoch, position)));
            created.sync();
            disk.syncDirectory(folder);
        } catch (IOException e) {
            created.close();
            throw e;
        }
        close();
        file = created;
        epoch = newEpoch;
        firstPosition = position;
        nextPosition = position;
        sizeBytes = EpochFrames.HEADER_BYTES;
        syncedBytes = sizeBytes;
    }

    void append(List<byte[]> entries) throws IOException {
        Disk.DiskFile out = open();
        if (tailNeedsTruncation) {
            out.truncate(sizeBytes);
            tailNeedsTruncation = false;
        }
        ByteBuffer frame = EpochFrames.frame(nextPosition, syncedBytes, entries);
        int bytes = frame.remaining();
        out.write(List.of(frame));
        out.sync();
        nextPosition += entries.size();
        sizeBytes += bytes;
        syncedBytes = sizeBytes;
        writeReceipt();
    }

    private void writeReceipt() throws IOException {
        try {
            open().write(List.of(EpochFrames.receipt(nextPosition, syncedBytes)));
            sizeBytes += EpochFrames.RECEIPT_BYTES;
        } catch (Disk.DiskFullException full) {
            // The entries are durable without the receipt; the next append truncates the partial
            // receipt.
            tailNeedsTruncation = true;
        }
    }

    /** Durably removes the partial write of a failed append. */
    void truncateFailedAppend() throws IOException {
        open().truncate(sizeBytes);
        // If the disk reported only at the sync that it is full, the frame to remove is complete.
        open().sync();
    }

    private Disk.DiskFile open() throws IOException {
        if (file == null) {
            throw new IOException("the epoch is not open");
        }
        return file;
    }

    /** Starts the next epoch if the current epoch has entries. */
    Optional<SealedEpoch> seal() throws IOException {
        if (entries() == 0) {
            return Optional.empty();
        }
        SealedEpoch sealed = new SealedEpoch(epoch, firstPosition, entries());
        create(epoch + 1, nextPosition);
        return Optional.of(sealed);
    }

    void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
