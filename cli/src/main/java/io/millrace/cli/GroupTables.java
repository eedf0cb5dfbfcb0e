package io.millrace.cli;

import io.millrace.client.GroupDescription;
import io.millrace.client.Groups;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How consumer groups look to people and to programs. */
final class GroupTables {

    private static final String NONE = "-";

    private GroupTables() {}

    static String state(GroupDescription.Summary group) {
        return group.state().name().toLowerCase(Locale.ROOT);
    }

    static String row(GroupDescription.Summary group) {
        return "%s\t%s\t%s\t%d\t%s"
                .formatted(
                        group.group(),
                        state(group),
                        orNone(group.protocol()),
                        group.memberCount(),
                        orNone(group.coordinator()));
    }

    static String row(GroupDescription.Member member, long partitions) {
        return "%s\t%s\t%s\t%s\t%d"
                .formatted(
                        member.id(),
                        orNone(member.instanceId()),
                        orNone(member.clientId()),
                        orNone(member.zone()),
                        partitions);
    }

    /** Whether any partition has something beside its committed offset. */
    static boolean hasMetadata(GroupDescription group) {
        return group.partitions().stream().anyMatch(each -> !each.metadata().isEmpty());
    }

    static String header(boolean withMetadata) {
        return "topic\tpartition\tcommitted\tend\tlag\tlag time\tmember"
                + (withMetadata ? "\tmetadata" : "");
    }

    static String row(GroupDescription.Partition partition, boolean withMetadata) {
        return "%s\t%d\t%s\t%d\t%s\t%s\t%s%s"
                .formatted(
                        partition.id().topic(),
                        partition.id().partition(),
                        orNone(partition.committed()),
                        partition.highWatermark(),
                        lag(partition),
                        partition.lag().map(GroupTables::seconds).orElse(NONE),
                        orNone(partition.member()),
                        withMetadata ? "\t" + orNone(oneLine(partition.metadata())) : "");
    }

    private static String lag(GroupDescription.Partition partition) {
        boolean all = partition.committed().isEmpty() && partition.lagRecords().isPresent();
        return orNone(partition.lagRecords()) + (all ? " (all)" : "");
    }

    /** Text of a stranger, which must not break the table or the terminal. */
    private static String oneLine(String text) {
        return text.codePoints()
                .map(each -> Character.isISOControl(each) ? ' ' : each)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    static String row(Groups.Moved moved) {
        return "%d\t%s\t%d%s"
                .formatted(
                        moved.partition(),
                        orNone(moved.before()),
                        moved.after(),
                        moved.problem()
                                .map(why -> "\tfailed: " + why.message())
                                .orElse(moved.clamped() ? "\tthe nearest that can be read" : ""));
    }

    private static String seconds(Duration lag) {
        return String.format(Locale.ROOT, "%.1f s", lag.toMillis() / 1000.0);
    }

    private static String orNone(String text) {
        return text.isEmpty() ? NONE : text;
    }

    private static String orNone(OptionalLong number) {
        return number.isPresent() ? Long.toString(number.getAsLong()) : NONE;
    }

    static Map<String, Object> json(GroupDescription.Summary group) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("group", group.group());
        json.put("state", state(group));
        json.put("protocol", group.protocol());
        json.put("coordinator", group.coordinator());
        json.put("memberCount", group.memberCount());
        return json;
    }

    static Map<String, Object> json(GroupDescription found) {
        Map<String, Object> json = json(found.summary());
        json.put("generation", found.generation());
        json.put("members", each(found.members(), GroupTables::json));
        json.put("partitions", each(found.partitions(), GroupTables::json));
        return json;
    }

    private static Map<String, Object> json(GroupDescription.Member member) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("member", member.id());
        json.put("instance", member.instanceId());
        json.put("client", member.clientId());
        json.put("zone", member.zone());
        return json;
    }

    private static Map<String, @Nullable Object> json(GroupDescription.Partition partition) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("topic", partition.id().topic());
        json.put("partition", partition.id().partition());
        json.put("member", partition.member());
        json.put("committed", orNull(partition.committed()));
        json.put("metadata", partition.metadata());
        json.put("logStartOffset", partition.logStartOffset());
        json.put("highWatermark", partition.highWatermark());
        json.put("lagRecords", orNull(partition.lagRecords()));
        json.put("lagMs", partition.lag().map(Duration::toMillis).orElse(null));
        return json;
    }

    static Map<String, @Nullable Object> json(Groups.Moved moved) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("partition", moved.partition());
        json.put("before", orNull(moved.before()));
        json.put("after", moved.after());
        json.put("clamped", moved.clamped());
        json.put("error", moved.problem().map(why -> why.message()).orElse(null));
        return json;
    }

    private static @Nullable Long orNull(OptionalLong number) {
        return number.isPresent() ? Long.valueOf(number.getAsLong()) : null;
    }

    static <T, R> List<R> each(List<T> rows, Function<T, R> json) {
        return rows.stream().map(json).toList();
    }
}
