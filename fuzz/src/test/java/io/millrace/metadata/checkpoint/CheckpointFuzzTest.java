package io.millrace.metadata.checkpoint;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.github.luben.zstd.Zstd;
import io.millrace.metadata.codec.CorruptMetadataException;
import io.millrace.metadata.codec.OutcomeCodec;
import io.millrace.metadata.codec.UnsupportedEntryException;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.archive.EpochFrames;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Checkpoints, archives and manifests, as they come from the bucket. */
class CheckpointFuzzTest {

    /** The first bytes of a checkpoint. */
    private static final long MAGIC = 0x4D52_4348_4B50_5431L;

    @FuzzTest(maxDuration = "20m")
    void bytesAreACheckpointOrCorrupt(byte[] bytes) {
        decode(bytes);
    }

    /** One chunk with a valid checksum. */
    @FuzzTest(maxDuration = "20m")
    void aChunkWithAValidChecksumIsAStateOrCorrupt(byte[] plain) {
        if (plain.length > 0) {
            byte[] compressed = Zstd.compress(plain, 1);
            ByteBuffer checkpoint = ByteBuffer.allocate(8 + 12 + compressed.length + 12);
            checkpoint.putLong(MAGIC);
            putChunk(checkpoint, 0, plain.length, compressed);
            putChunk(checkpoint, 1, 0, new byte[0]);
            decode(checkpoint.array());
        }
    }

    private static void putChunk(ByteBuffer to, int number, int plainLength, byte[] compressed) {
        CRC32C crc = new CRC32C();
        crc.update(
                ByteBuffer.allocate(12)
                        .putInt(number)
                        .putInt(plainLength)
                        .putInt(compressed.length)
                        .flip());
        crc.update(compressed);
        to.putInt(plainLength).putInt(compressed.length).putInt((int) crc.getValue());
        to.put(compressed);
    }

    private static void decode(byte[] bytes) {
        try {
            CheckpointCodec.decode(bytes, "fuzz", FeatureLevels.ALL);
        } catch (CorruptMetadataException | UnsupportedEntryException expected) {
            // Nothing else may be thrown.
        }
    }

    @FuzzTest(maxDuration = "20m")
    void outcomesAreDecodedOrCorrupt(byte[] bytes) {
        try {
            OutcomeCodec.decode(bytes);
        } catch (CorruptMetadataException | UnsupportedEntryException expected) {
            // Nothing else may be thrown.
        }
    }

    @FuzzTest(maxDuration = "20m")
    void anArchiveIsReadUpToItsLastValidFrameOrCorrupt(byte[] bytes) {
        try {
            EpochFrames.read(bytes, "fuzz");
        } catch (LogException.Corrupt expected) {
            // Nothing else may be thrown.
        }
        ByteBuffer header = EpochFrames.header(1, 1);
        ByteBuffer epoch = ByteBuffer.allocate(header.remaining() + bytes.length);
        EpochFrames.read(epoch.put(header).put(bytes).array(), "fuzz");
    }

    @FuzzTest(maxDuration = "20m")
    void aManifestIsParsedOrCorrupt(byte[] bytes) {
        try {
            LogManifest manifest = LogManifest.parse(bytes, "fuzz");
            manifest.uncovered();
            manifest.checkpoint();
        } catch (LogException.Corrupt expected) {
            // Nothing else may be thrown.
        }
    }
}
