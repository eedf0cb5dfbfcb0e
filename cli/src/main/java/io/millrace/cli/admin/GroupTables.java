package io.millrace.cli.admin;

import io.millrace.cli.terminal.CommandResult;
import io.millrace.cli.terminal.ExitCode;
import io.millrace.client.admin.GroupDescription;
import io.millrace.client.admin.GroupOperations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The results of the consumer group commands. */
final class GroupTables {

    private static final String NONE = "-";

    private GroupTables() {}

    record Listed(List<GroupRow> groups) implements CommandResult {

        @Override
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add("group\tstate\tprotocol\tmembers\tcoordinator");
            groups.forEach(group -> lines.add(group.line()));
            return lines;
        }
    }

    record GroupRow(
            String group, String state, String protocol, String coordinator, int memberCount) {

        static GroupRow of(GroupDescription.Summary group) {
            return new GroupRow(
                    group.group(),
                    group.state().name().toLowerCase(Locale.ROOT),
                    group.protocol(),
                    group.coordinator(),
                    group.memberCount());
        }

        String line() {
            return "%s\t%s\t%s\t%d\t%s"
                    .formatted(group, state, orNone(protocol), memberCount, orNone(coordinator));
        }
    }

    record Described(
            String group,
            String state,
            String protocol,
            String coordinator,
            int memberCount,
            int generation,
            List<MemberRow> members,
            List<PartitionRow> partitions)
            implements CommandResult {

        static Described of(GroupDescription found) {
            GroupRow group = GroupRow.of(found.summary());
            return new Described(
                    group.group(),
                    group.state(),
                    group.protocol(),
                    group.coordinator(),
                    group.memberCount(),
                    found.generation(),
                    found.members().stream().map(MemberRow::of).toList(),
                    found.partitions().stream().map(PartitionRow::of).toList());
        }

        @Override
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add(
                    "%s: %s, generation %d, %d member(s)%s"
                            .formatted(
                                    group,
                                    state,
                                    generation,
                                    memberCount,
                                    coordinator.isEmpty()
                                            ? ""
                                            : ", coordinated by " + coordinator));
            if (!members.isEmpty()) {
                lines.add("member\tinstance\tclient\tzone\tpartitions");
            }
            for (MemberRow row : members) {
                lines.add(row.line(partitions));
            }
            boolean withMetadata = partitions.stream().anyMatch(row -> !row.metadata().isEmpty());
            lines.add(
                    "topic\tpartition\tcommitted\tend\tlag\tlag time\tmember"
                            + (withMetadata ? "\tmetadata" : ""));
            partitions.forEach(row -> lines.add(row.line(withMetadata)));
            return lines;
        }
    }

    private record MemberRow(String member, String instance, String client, String zone) {

        static MemberRow of(GroupDescription.Member member) {
            return new MemberRow(
                    member.id(), member.instanceId(), member.clientId(), member.zone());
        }

        String line(List<PartitionRow> partitions) {
            return "%s\t%s\t%s\t%s\t%d"
                    .formatted(
                            member,
                            orNone(instance),
                            orNone(client),
                            orNone(zone),
                            partitions.stream().filter(row -> row.member().equals(member)).count());
        }
    }

    private record PartitionRow(
            String topic,
            int partition,
            String member,
            @Nullable Long committed,
            String metadata,
            long logStartOffset,
            long highWatermark,
            @Nullable Long lagRecords,
            @Nullable Long lagMs) {

        static PartitionRow of(GroupDescription.Partition partition) {
            return new PartitionRow(
                    partition.id().topic(),
                    partition.id().partition(),
                    partition.member(),
                    orNull(partition.committed()),
                    partition.metadata(),
                    partition.logStartOffset(),
                    partition.highWatermark(),
                    orNull(partition.lagRecords()),
                    partition.lag().map(Duration::toMillis).orElse(null));
        }

        String line(boolean withMetadata) {
            return "%s\t%d\t%s\t%d\t%s\t%s\t%s%s"
                    .formatted(
                            topic,
                            partition,
                            orNone(committed),
                            highWatermark,
                            orNone(lagRecords)
                                    + (committed == null && lagRecords != null ? " (all)" : ""),
                            lagMs == null
                                    ? NONE
                                    : String.format(Locale.ROOT, "%.1f s", lagMs / 1000.0),
                            orNone(member),
                            withMetadata ? "\t" + orNone(oneLine(metadata)) : "");
        }
    }

    record Reset(String group, String topic, boolean dryRun, List<MovedRow> partitions)
            implements CommandResult {

        @Override
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add("partition\tbefore\tafter");
            partitions.forEach(row -> lines.add(row.line()));
            if (dryRun) {
                lines.add("Nothing was changed.");
            }
            return lines;
        }

        @Override
        public int exitCode() {
            return partitions.stream().allMatch(row -> row.error() == null)
                    ? ExitCode.DONE
                    : ExitCode.FAILED;
        }
    }

    record MovedRow(
            int partition,
            @Nullable Long before,
            long after,
            boolean clamped,
            @Nullable String error) {

        static MovedRow of(GroupOperations.PartitionReset moved) {
            return new MovedRow(
                    moved.partition(),
                    orNull(moved.before()),
                    moved.after(),
                    moved.clamped(),
                    moved.problem().map(why -> why.message()).orElse(null));
        }

        String line() {
            String remark = clamped ? "\tmoved to the nearest readable offset" : "";
            return "%d\t%s\t%d%s"
                    .formatted(
                            partition,
                            orNone(before),
                            after,
                            error == null ? remark : "\tfailed: " + error);
        }
    }

    /**
     * Replaces control characters in untrusted text, which could break the table or the terminal.
     */
    private static String oneLine(String text) {
        return text.codePoints()
                .map(each -> Character.isISOControl(each) ? ' ' : each)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static String orNone(String text) {
        return text.isEmpty() ? NONE : text;
    }

    private static String orNone(@Nullable Long number) {
        return number == null ? NONE : number.toString();
    }

    private static @Nullable Long orNull(OptionalLong number) {
        return number.isPresent() ? Long.valueOf(number.getAsLong()) : null;
    }
}
