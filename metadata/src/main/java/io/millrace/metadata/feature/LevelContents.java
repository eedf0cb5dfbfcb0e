package io.millrace.metadata.feature;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.TopicSetting;
import io.millrace.protocol.error.Reason;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * The contents of the feature levels: commands, settings, reasons and limits, which decide the
 * outcome of an entry and so must not differ between nodes.
 *
 * @param commands the lowest level at which the log may contain a command
 * @param settings the lowest level at which a topic may have a setting
 * @param reasons the reason of an outcome at a level
 * @param limits the limits at a level
 */
public record LevelContents(
        ToIntFunction<Command> commands,
        ToIntFunction<TopicSetting> settings,
        Reasons reasons,
        IntFunction<StateLimits> limits) {

    /** The levels of this code. What comes with a later level gets its level here. */
    public static final LevelContents OF_CODE =
            new LevelContents(
                    command -> FeatureLevels.OLDEST,
                    setting -> FeatureLevels.OLDEST,
                    (level, reason) -> reason,
                    level -> StateLimits.LEVEL_ONE);

    /** The reasons that outcomes may have, because older versions cannot read a later reason. */
    @FunctionalInterface
    public interface Reasons {

        /** Returns the reason, or what stood for it if it came with a level above {@code level}. */
        Reason at(int level, Reason reason);
    }

    /** Returns the lowest level at which the log may contain a command with its settings. */
    int levelOf(Command command) {
        Stream<String> keys =
                switch (command) {
                    case Command.TopicCreated created -> created.config().keySet().stream();
                    case Command.TopicConfigured configured ->
                            Stream.concat(
                                    configured.set().keySet().stream(),
                                    configured.reset().stream());
                    default -> Stream.empty();
                };
        return keys.flatMap(key -> TopicSetting.withKey(key).stream())
                .mapToInt(settings)
                .reduce(commands.applyAsInt(command), Math::max);
    }
}
