package io.millrace.storage.stream;

import java.util.List;

/**
 * A segment that was written, and what lies where in it.
 *
 * @param stretches by position: they tile the runs, and none reaches over two
 */
public record SegmentLayout(ObjectRef object, List<SegmentStretch> stretches) {

    public SegmentLayout {
        stretches = List.copyOf(stretches);
    }
}
