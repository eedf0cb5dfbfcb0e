package io.millrace.metadata;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.feature.LevelContents;

/**
 * The feature levels of a later version of Millrace that exists only in tests. From its second
 * level on, the log may contain commands that delete groups.
 */
public final class TestLevels {

    private static final LevelContents CONTENTS =
            new LevelContents(
                    TestLevels::levelOf,
                    LevelContents.OF_CODE.settings(),
                    LevelContents.OF_CODE.reasons(),
                    LevelContents.OF_CODE.limits());

    /** The levels of a node of the later version. */
    public static final FeatureLevels TWO = new FeatureLevels(2, CONTENTS);

    /** The levels of a node of the older version. */
    public static final FeatureLevels ONE = new FeatureLevels(1, CONTENTS);

    private TestLevels() {}

    private static int levelOf(Command command) {
        return command instanceof Command.GroupDeleted || command instanceof Command.GroupsExpired
                ? 2
                : FeatureLevels.OLDEST;
    }
}
