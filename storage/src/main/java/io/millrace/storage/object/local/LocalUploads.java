package io.millrace.storage.object.local;

import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.disk.Disk.DiskFile;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException.Missing;
import io.millrace.storage.object.StoredPart;
import io.millrace.storage.object.UploadId;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Multipart uploads to temporary files. Parts are written at their positions and synced; completion
 * renames the file. Methods block and are thread safe.
 */
final class LocalUploads {

    /** Far more than completions that may be repeated. */
    private static final int MAX_PUBLISHED = 1000;

    private final Disk disk;
    private final Staging staging;

    /** The last completed uploads, of which the disk has no record. */
    private final Queue<UploadId> published = new ConcurrentLinkedQueue<>();

    LocalUploads(Disk disk, Staging staging) {
        this.disk = disk;
        this.staging = staging;
    }

    MultipartUpload create(ObjectKey key, int partBytes) throws IOException {
        Path file = staging.nextFile();
        String token = String.valueOf(file.getFileName());
        disk.create(file).close();
        return new MultipartUpload(new UploadId(key, token), partBytes, token);
    }

    StoredPart uploadPart(MultipartUpload upload, int number, ObjectBody body) throws IOException {
        long position = upload.position(number, body.sizeBytes());
        try {
            disk.write(file(upload.id()), position, body.pieces());
        } catch (NoSuchFileException e) {
            throw missing(upload.id(), e);
        }
        return new StoredPart(number, (int) body.sizeBytes(), "");
    }

    void complete(UploadId upload, long sizeBytes) throws IOException {
        if (!published.contains(upload)) {
            Path file = file(upload);
            try {
                truncate(upload, file, sizeBytes);
                staging.publish(file, upload.key());
            } catch (NoSuchFileException e) {
                throw missing(upload, e);
            }
            addPublished(upload);
        }
        staging.syncName(upload.key());
    }

    private void addPublished(UploadId upload) {
        published.add(upload);
        if (published.size() > MAX_PUBLISHED) {
            published.poll();
        }
    }

    /** Truncates parts after the last part of the completion. */
    private void truncate(UploadId upload, Path file, long sizeBytes) throws IOException {
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

    void abort(UploadId upload) throws IOException {
        disk.delete(file(upload));
    }

    private Path file(UploadId upload) {
        return staging.file(upload.token());
    }

    private static Missing missing(UploadId upload, NoSuchFileException cause) {
        return new Missing(
                upload + " does not exist: the upload was completed, aborted, or idle for too long",
                cause);
    }
}
