package io.millrace.storage.object.local;

import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.disk.Disk.DiskFile;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException.Missing;
import io.millrace.storage.object.PartedUpload;
import io.millrace.storage.object.StoredPart;
import io.millrace.storage.object.UploadId;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Uploads in parts: a temporary file for each, in which every part is written at its place and
 * synced, and which gets the object's name at the end. Methods block, and may be called by any
 * number of threads.
 */
final class LocalUploads {

    /** Far more than are completed while one completion may be repeated. */
    private static final int REMEMBERED = 1000;

    private final Disk disk;
    private final Staging staging;

    /** The last uploads whose files got their objects' names: nothing else tells of them. */
    private final Queue<UploadId> published = new ConcurrentLinkedQueue<>();

    LocalUploads(Disk disk, Staging staging) {
        this.disk = disk;
        this.staging = staging;
    }

    PartedUpload begin(ObjectKey key, int partBytes) throws IOException {
        Path file = staging.nextFile();
        String token = String.valueOf(file.getFileName());
        disk.create(file).close();
        return new PartedUpload(new UploadId(key, token), partBytes, token);
    }

    StoredPart putPart(PartedUpload upload, int number, ObjectBody body) throws IOException {
        long position = upload.position(number, body.sizeBytes());
        try {
            disk.write(file(upload.id()), position, body.pieces());
        } catch (NoSuchFileException e) {
            throw gone(upload.id(), e);
        }
        return new StoredPart(number, (int) body.sizeBytes(), "");
    }

    void complete(UploadId upload, long sizeBytes) throws IOException {
        if (!published.contains(upload)) {
            Path file = file(upload);
            try {
                cut(upload, file, sizeBytes);
                staging.publish(file, upload.key());
            } catch (NoSuchFileException e) {
                throw gone(upload, e);
            }
            remember(upload);
        }
        staging.syncName(upload.key());
    }

    private void remember(UploadId upload) {
        published.add(upload);
        if (published.size() > REMEMBERED) {
            published.poll();
        }
    }

    /** Parts behind those that make the object are not in it. */
    private void cut(UploadId upload, Path file, long sizeBytes) throws IOException {
        long writtenBytes = disk.size(file);
        if (writtenBytes < sizeBytes) {
            throw new Missing(
                    "%s has parts up to byte %d, not %d".formatted(upload, writtenBytes, sizeBytes),
                    null);
        }
        if (writtenBytes > sizeBytes) {
            try (DiskFile open = disk.append(file)) {
                open.truncate(sizeBytes);
                open.sync();
            }
        }
    }

    void abandon(UploadId upload) throws IOException {
        disk.delete(file(upload));
    }

    private Path file(UploadId upload) {
        return staging.file(upload.token());
    }

    private static Missing gone(UploadId upload, NoSuchFileException cause) {
        return new Missing(
                upload + " is gone: it was completed, abandoned, or not written to for too long",
                cause);
    }
}
