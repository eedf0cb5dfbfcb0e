package io.millrace.compaction.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.metadata.Extent;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadRangesTest {

    private static final int MIB = 1 << 20;
    private static final ObjectRef OBJECT =
            new ObjectRef(new ObjectId(ObjectId.Kind.SEGMENT, 1, 1), 2_000 * MIB - 1, 2_000L * MIB);

    private static Extent extent(long position, int length) {
        return new Extent(0, 10, OBJECT, position, length, 1_000);
    }

    @Test
    void whatIsCloseTogetherIsOneRangeAndWhatIsFarApartIsNot() {
        assertThat(
                        ReadRanges.of(
                                List.of(
                                        extent(100, MIB),
                                        extent(100 + MIB, 50),
                                        extent(100 + 2 * MIB, 70),
                                        extent(10 * MIB, 30))))
                .containsExactly(new ByteRange(100, 2 * MIB + 70), new ByteRange(10 * MIB, 30));
    }

    @Test
    void aRangeOfAHugeObjectIsCutWhereAnExtentBegins() {
        List<Extent> extents =
                List.of(
                        extent(0, 800 * MIB),
                        extent(800 * MIB, 200 * MIB),
                        extent(1_000 * MIB, 100 * MIB));
        assertThat(ReadRanges.of(extents))
                .containsExactly(
                        new ByteRange(0, 1_000 * MIB), new ByteRange(1_000 * MIB, 100 * MIB));
    }

    @Test
    void whatIsReadInPagesBeginsAndEndsWithThemAndNotBehindTheLastOne() {
        int page = 1 << 16;
        assertThat(
                        ReadRanges.inPages(
                                List.of(
                                        extent(16, 50),
                                        extent(20 * page, page),
                                        extent(60 * page + 1, page),
                                        extent(100 * page - 10, 20)),
                                100 * page + 10))
                .containsExactly(
                        new ByteRange(0, page),
                        new ByteRange(20 * page, page),
                        new ByteRange(60 * page, 2 * page),
                        new ByteRange(99 * page, page + 10));
    }

    @Test
    void noPageIsReadTwiceWhereARangeIsCut() {
        assertThat(
                        ReadRanges.inPages(
                                List.of(
                                        extent(100, 1_000 * MIB),
                                        extent(1_000 * MIB + 100, 100 * MIB)),
                                1_900L * MIB))
                .extracting(ByteRange::start, ByteRange::end)
                .containsExactly(
                        tuple(0L, 1_000L * MIB + (1 << 16)),
                        tuple(1_000L * MIB + (1 << 16), 1_100L * MIB + (1 << 16)));
    }
}
