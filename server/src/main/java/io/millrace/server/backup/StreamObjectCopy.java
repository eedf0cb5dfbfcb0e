package io.millrace.server.backup;

import static io.millrace.server.node.ClusterAccess.await;

import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.StoredPart;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.StreamObjectCheck;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy of blocks, segments and extent manifests to another bucket under the same keys. Verifies
 * every checksum before an object becomes visible. Holds two pieces of 16 MiB and the index of an
 * object in memory. Blocks; one thread at a time.
 */
record StreamObjectCopy(ObjectStore from, ObjectStore to, String cluster) {

    private static final int PART_BYTES = 16 << 20;

    /**
     * Copies an object.
     *
     * @throws RuntimeException if the object is missing or damaged
     */
    void copy(ObjectRef ref) {
        ObjectKey key = ref.id().key(cluster);
        byte[] tail = await(from.getRange(key, range(ref.indexPosition(), ref.sizeBytes())));
        StreamObjectCheck check = new StreamObjectCheck(ref, tail);
        if (ref.sizeBytes() <= PART_BYTES) {
            byte[] whole = new byte[(int) ref.sizeBytes()];
            int runs = (int) ref.indexPosition();
            if (runs > 0) {
                byte[] read = await(from.getRange(key, range(0, runs)));
                System.arraycopy(read, 0, whole, 0, runs);
            }
            check.add(whole, 0, runs);
            System.arraycopy(tail, 0, whole, runs, tail.length);
            await(to.put(key, ObjectBody.of(whole)));
            return;
        }
        MultipartUpload upload = await(to.uploads().create(key, PART_BYTES));
        try {
            await(to.uploads().complete(upload, parts(ref, tail, check, upload)));
        } catch (RuntimeException failure) {
            await(to.uploads().abort(upload.id()).exceptionally(ignored -> null));
            throw failure;
        }
    }

    private List<StoredPart> parts(
            ObjectRef ref, byte[] tail, StreamObjectCheck check, MultipartUpload upload) {
        List<StoredPart> parts = new ArrayList<>();
        for (long start = 0; start < ref.sizeBytes(); start += PART_BYTES) {
            long end = Math.min(ref.sizeBytes(), start + PART_BYTES);
            byte[] part = new byte[(int) (end - start)];
            int runs = (int) (Math.clamp(ref.indexPosition(), start, end) - start);
            if (runs > 0) {
                byte[] read =
                        await(from.getRange(ref.id().key(cluster), range(start, start + runs)));
                System.arraycopy(read, 0, part, 0, runs);
                check.add(part, 0, runs);
            }
            int tailFrom = (int) Math.max(0, start - ref.indexPosition());
            System.arraycopy(tail, tailFrom, part, runs, part.length - runs);
            parts.add(
                    await(to.uploads().uploadPart(upload, parts.size() + 1, ObjectBody.of(part))));
        }
        return parts;
    }

    private static ByteRange range(long start, long end) {
        return new ByteRange(start, Math.toIntExact(end - start));
    }
}
