package io.millrace.cli.records;

import io.millrace.cli.terminal.ConnectionOptions;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.subscription.SubscriptionSettings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that can join a consumer group. */
final class MemberOptions {

    @Option(
            names = "--group",
            paramLabel = "GROUP",
            description = "Consumer group to join (default: none).")
    @Nullable String group;

    @Option(
            names = "--pattern",
            paramLabel = "PATTERN",
            description =
                    "With --group: subscribe to all topics whose full names match, including topics"
                            + " created later (RE2 syntax).")
    @Nullable String pattern;

    @Option(
            names = "--instance",
            paramLabel = "ID",
            description =
                    "With --group: instance id of a static member. A member that restarts within"
                            + " the session timeout keeps its partitions; until then they are not reassigned.")
    @Nullable String instance;

    @Option(
            names = "--session-timeout",
            paramLabel = "SECONDS",
            description =
                    "With --group: time without heartbeats after which the member's partitions are"
                            + " reassigned, 1 to 1800 (default: 45).")
    @Nullable Integer sessionTimeout;

    boolean hasGroup() {
        return group != null;
    }

    void requireUnused(ConnectionOptions common) {
        if (pattern != null || instance != null || sessionTimeout != null) {
            throw common.usage("--pattern, --instance and --session-timeout need --group.");
        }
    }

    SubscriptionSettings settings(
            ConnectionOptions common, List<String> topics, StartPosition start) {
        if (group == null || group.isEmpty()) {
            throw common.usage("--group must not be empty.");
        }
        if (topics.isEmpty() && (pattern == null || pattern.isEmpty())) {
            throw common.usage("consume needs topics or --pattern.");
        }
        if (start instanceof StartPosition.Offset) {
            throw common.usage(
                    "With --group, --from must not be an offset, as it applies to all partitions."
                            + " To move a group, use millrace group reset.");
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
