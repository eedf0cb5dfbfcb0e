package io.millrace.compaction.rewrite;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeRange;
import io.millrace.metadata.Extent;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests of the division of ranges into segments. */
class MergePlanTest {

    private static final long SEGMENT_BYTES = 1L << 30;

    private static MergeRange range(int partition, int extents, int bytes) {
        return range(1, partition, extents, bytes);
    }

    private static MergeRange range(long topicId, int partition, int extents, int bytes) {
        return new MergeRange(
                topicId,
                partition,
                IntStream.range(0, extents)
                        .mapToObj(i ->
                                new Extent(
                                        10L * i,
                                        10,
                                        new ObjectRef(
                                                new ObjectId(ObjectId.Kind.WAL, 7, i),
                                                1L << 30,
                                                (1L << 30) + 1_000),
                                        (long) partition * bytes,
                                        bytes,
                                        1_000))
                        .toList());
    }

    /** Returns ranges of a topic, in partitions of 16 MiB. */
    private static Stream<MergeRange> topic(long topicId, int mib) {
        return IntStream.range(0, mib / 16).mapToObj(i -> range(topicId, i, 4, 4 << 20));
    }

    private static Set<Long> topics(PlannedSegment segment) {
        return segment.ranges().stream().map(MergeRange::topicId).collect(toSet());
    }

    private static List<PlannedSegment> segments(List<MergeRange> ranges) {
        return new MergePlan(SEGMENT_BYTES).segments(ranges);
    }

    @Test
    void neighboursThatBecomeFewExtentsStayInOneSegment() {
        List<PlannedSegment> segments =
                segments(
                        IntStream.range(0, 100)
                                .mapToObj(partition -> range(partition, 200, 32 << 10))
                                .toList());
        assertThat(segments).hasSize(1);
        assertThat(segments.getFirst().ranges()).hasSize(100);
    }

    @Test
    void aSegmentHasAtMostTheExtentsOfOneEntry() {
        List<PlannedSegment> segments =
                segments(
                        IntStream.range(0, 20_000)
                                .mapToObj(partition -> range(partition, 1, 1_000))
                                .toList());
        assertThat(segments)
                .hasSize(3)
                .allSatisfy(segment ->
                        assertThat(segment.ranges())
                                .hasSizeLessThanOrEqualTo(MergePlan.MAX_EXTENTS));
    }

    @Test
    void theSegmentsOfOneMergeAreOfAboutOneSize() {
        List<PlannedSegment> segments =
                segments(
                        IntStream.range(0, 100)
                                .mapToObj(partition -> range(partition, 25, 1 << 20))
                                .toList());
        assertThat(segments)
                .hasSize(3)
                .allSatisfy(
                        segment -> assertThat(segment.bytes()).isBetween(800L << 20, 840L << 20));
    }

    @Test
    void aTopicThatFillsALargeSegmentSharesNone() {
        List<PlannedSegment> segments =
                segments(Stream.concat(topic(1, 1_600), topic(2, 2_800)).toList());
        assertThat(segments)
                .extracting(MergePlanTest::topics)
                .containsExactly(Set.of(1L), Set.of(1L), Set.of(2L), Set.of(2L), Set.of(2L));
        assertThat(segments)
                .allSatisfy(segment ->
                        assertThat(segment.bytes()).isBetween(SEGMENT_BYTES / 2, SEGMENT_BYTES));
    }

    @Test
    void aSmallTopicSharesASegment() {
        assertThat(segments(Stream.concat(topic(1, 496), topic(2, 2_000)).toList()))
                .as("before a large topic")
                .extracting(MergePlanTest::topics)
                .startsWith(Set.of(1L, 2L));
        assertThat(segments(Stream.concat(topic(1, 2_000), topic(2, 496)).toList()))
                .as("after a large topic")
                .extracting(MergePlanTest::topics)
                .endsWith(Set.of(1L, 2L));
        assertThat(segments(IntStream.range(0, 12).boxed().flatMap(i -> topic(i, 160)).toList()))
                .as("many small ones")
                .hasSize(2);
    }
}
