package io.millrace.cli.records;

import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.client.record.StartPosition;
import io.millrace.client.subscription.SubscriptionSettings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands that can join a consumer group. */
final class MemberOptions {

    @Option(
            names = "--group",
            paramLabel = "GROUP",
            description = "The group whose work it shares (default: none).")
    @Nullable String group;

    @Option(
            names = "--pattern",
            paramLabel = "PATTERN",
            description =
                    "With --group: also topics whose whole names match, those too that are created"
                            + " later (syntax of RE2).")
    @Nullable String pattern;

    @Option(
            names = "--instance",
            paramLabel = "ID",
            description =
                    "With --group: what it is called after each restart, so that it keeps its"
                            + " partitions if it is back within the session timeout. Until then"
                            + " nobody else gets them.")
    @Nullable String instance;

    @Option(
            names = "--session-timeout",
            paramLabel = "SECONDS",
            description =
                    "With --group: how long the group waits for it when it is silent, before others"
                            + " get its partitions, 1 to 1800 (default: 45).")
    @Nullable Integer sessionTimeout;

    boolean isOfGroup() {
        return group != null;
    }

    /** Rejects options that have no meaning without a group. */
    void mustBeUnused(ConnectionOptions common) {
        if (pattern != null || instance != null || sessionTimeout != null) {
            throw common.usage(
                    "--pattern, --instance and --session-timeout need --group to go with.");
        }
    }

    SubscriptionSettings settings(ConnectionOptions common, List<String> topics, StartPosition start) {
        if (group == null || group.isEmpty()) {
            throw common.usage("--group is not empty.");
        }
        if (topics.isEmpty() && (pattern == null || pattern.isEmpty())) {
            throw common.usage("consume takes a topic, several, or --pattern.");
        }
        if (start instanceof StartPosition.Offset) {
            throw common.usage(
                    "--from is no offset with --group: it is for all partitions. To go elsewhere,"
                            + " use millrace group reset.");
        }
        try {
            var builder = SubscriptionSettings.of(group, topics).start(start).clientId("millrace");
            if (pattern != null) {
                builder.pattern(pattern);
            }
            if (instance != null) {
                builder.instanceId(instance);
            }
            if (sessionTimeout != null) {
                builder.sessionTimeout(Duration.ofSeconds(sessionTimeout));
            }
            return builder.build();
        } catch (IllegalArgumentException wrong) {
            throw common.usage(wrong.getMessage() + ".");
        }
    }
}
