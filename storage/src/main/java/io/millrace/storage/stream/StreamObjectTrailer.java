package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.HEADER_BYTES;
import static io.millrace.storage.stream.StreamObjectFormat.INT;
import static io.millrace.storage.stream.StreamObjectFormat.LONG;
import static io.millrace.storage.stream.StreamObjectFormat.MAGIC;
import static io.millrace.storage.stream.StreamObjectFormat.PAGE_BYTES;
import static io.millrace.storage.stream.StreamObjectFormat.RUN_BYTES;
import static io.millrace.storage.stream.StreamObjectFormat.SHORT;
import static io.millrace.storage.stream.StreamObjectFormat.TRAILER_BYTES;
import static io.millrace.storage.stream.StreamObjectFormat.VERSION;
import static io.millrace.storage.stream.StreamObjectFormat.corrupt;

import java.util.zip.CRC32C;

/** The trailer of a stream object, sufficient to read an otherwise unknown object. */
public record StreamObjectTrailer(
        ObjectRef ref,
        long offsetCount,
        int indexLength,
        int indexCrc,
        int pageCount,
        int runCount,
        int batchCount) {

    private static final int VERSION_AT = 66;
    private static final int MAGIC_AT = 68;
    private static final int CRC_AT = 76;

    /**
     * Parses and verifies a trailer.
     *
     * @param end the last bytes of the object, at least {@link StreamObjectFormat#TRAILER_BYTES}
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt if damaged or of another
     *     object
     */
    public static StreamObjectTrailer parse(ObjectId id, byte[] end) {
        int at = end.length - TRAILER_BYTES;
        if (at < 0) {
            throw corrupt(
                    id,
                    "its trailer has %d bytes, but only %d are there"
                            .formatted(TRAILER_BYTES, end.length));
        }
        if ((long) LONG.get(end, at + MAGIC_AT) != MAGIC) {
            throw corrupt(id, "it does not end with a trailer");
        }
        int version = (short) SHORT.get(end, at + VERSION_AT) & 0xffff;
        if ((int) INT.get(end, at + CRC_AT) != crc(end, at, CRC_AT)) {
            throw corrupt(id, "its trailer fails its checksum");
        }
        if (version != VERSION) {
            throw corrupt(
                    id,
                    "it has format version %d, this software reads version %d"
                            .formatted(version, VERSION));
        }
        return read(id, end, at);
    }

    private static StreamObjectTrailer read(ObjectId id, byte[] end, int at) {
        long indexPosition = (long) LONG.get(end, at);
        long sizeBytes = (long) LONG.get(end, at + 8);
        int indexLength = (int) INT.get(end, at + 40);
        int pages = (int) INT.get(end, at + 52);
        int runs = (int) INT.get(end, at + 56);
        ObjectId written =
                id(
                        (short) SHORT.get(end, at + 64),
                        (long) LONG.get(end, at + 16),
                        (long) LONG.get(end, at + 24));
        if (!written.equals(id)) {
            throw corrupt(id, "its trailer belongs to object " + written);
        }
        boolean consistent =
                indexPosition >= HEADER_BYTES
                        && sizeBytes == indexPosition + indexLength + TRAILER_BYTES
                        && (int) INT.get(end, at + 48) == PAGE_BYTES
                        && pages == StreamObjectFormat.pageCount(indexPosition)
                        && runs >= 0
                        && indexLength == 4L * pages + (long) RUN_BYTES * runs;
        if (!consistent) {
            throw corrupt(id, "the numbers of its trailer contradict each other");
        }
        return new StreamObjectTrailer(
                new ObjectRef(id, indexPosition, sizeBytes),
                (long) LONG.get(end, at + 32),
                indexLength,
                (int) INT.get(end, at + 44),
                pages,
                runs,
                (int) INT.get(end, at + 60));
    }

    void write(byte[] array, int at) {
        LONG.set(array, at, ref.indexPosition());
        LONG.set(array, at + 8, ref.sizeBytes());
        LONG.set(array, at + 16, ref.id().incarnation());
        LONG.set(array, at + 24, ref.id().sequence());
        LONG.set(array, at + 32, offsetCount);
        INT.set(array, at + 40, indexLength);
        INT.set(array, at + 44, indexCrc);
        INT.set(array, at + 48, PAGE_BYTES);
        INT.set(array, at + 52, pageCount);
        INT.set(array, at + 56, runCount);
        INT.set(array, at + 60, batchCount);
        SHORT.set(array, at + 64, number(ref.id().kind()));
        SHORT.set(array, at + VERSION_AT, (short) VERSION);
        LONG.set(array, at + MAGIC_AT, MAGIC);
        INT.set(array, at + CRC_AT, crc(array, at, CRC_AT));
    }

    static int crc(byte[] array, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(array, from, length);
        return (int) crc.getValue();
    }

    private static short number(ObjectId.Kind kind) {
        return switch (kind) {
            case WAL -> 1;
            case SEGMENT -> 2;
            case MANIFEST -> 3;
        };
    }

    private static ObjectId id(short kind, long incarnation, long sequence) {
        return new ObjectId(
                switch (kind) {
                    case 1 -> ObjectId.Kind.WAL;
                    case 3 -> ObjectId.Kind.MANIFEST;
                    default -> ObjectId.Kind.SEGMENT;
                },
                incarnation,
                Math.max(0, sequence));
    }
}
