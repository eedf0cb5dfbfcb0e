package io.millrace.it.differential;

import static io.millrace.it.differential.KnownDifferences.known;

import io.millrace.it.differential.KnownDifferences.Known;
import java.util.List;
import java.util.stream.Stream;

/** The known differences of groups and of fetch sessions. */
final class GroupDifferences {

    private static final String IDS = "Ids of groups, members and instances";
    private static final String UNKNOWN_GROUP = "A member of KIP-848 of an unknown group";
    private static final String GENERATIONS = "The generation of a group";
    private static final String KINDS = "A group changes between classic members";
    private static final String STEPS = "Changes of assignments reach a member of KIP-848";
    private static final String DESCRIBED = "ConsumerGroupDescribe shows";

    private static final List<Known> CLASSIC =
            List.of(
                    known("^key of (0|300) .* FindCoordinator", "/errorCode$", "0", "24", IDS),
                    known(
                            "FindCoordinator",
                            "/coordinators/\\(empty\\)/errorCode$",
                            "0",
                            "24",
                            IDS),
                    known(
                            "^type 1 FindCoordinator",
                            "/errorCode$",
                            "0|14|15",
                            "42",
                            "Coordinators of transactions"),
                    known(
                            "^group empty Offset(Commit|Fetch)",
                            "/",
                            "0|1|-1||.*fetched",
                            "24|0|\\(absent\\)",
                            IDS),
                    known(
                            "^several groups OffsetFetch",
                            "/groups/\\(empty\\)/",
                            "0|1|-1||.*fetched",
                            "24|0|\\(absent\\)",
                            IDS),
                    known("^instance long JoinGroup", "/errorCode$", "25", "42", IDS),
                    known("^instance  ", "/", ".*", ".*", "An empty instance id"),
                    known(
                            "^b commits those of a OffsetCommit",
                            "/errorCode$",
                            "0",
                            "42",
                            "A commit for a partition that the member does not own"),
                    known(
                            "^(next|changed|other|leader|follower|again|head|second) .*JoinGroup",
                            "/generationId$",
                            "[1-4]",
                            "[2-8]",
                            GENERATIONS),
                    known("^drawn JoinGroup", "^/generationId$", "[1-9]", "[1-9]", GENERATIONS),
                    known(
                            "^offset -\\d+ Offset",
                            "/(errorCode|committedOffset)$",
                            "0|-\\d+",
                            "42|0",
                            "A negative offset is not committed"),
                    known(
                            "^(operations|drawn) DescribeGroups v[3456]",
                            "^/groups/(no-such|\\(empty\\)|seed-.*-\\d+\u20ac?)/authorizedOperations$",
                            "\\d+",
                            "-2147483648",
                            "DescribeGroups shows no operations"));

    private static final List<Known> CONSUMERS =
            List.of(
                    known("^text long as (group|member|instance) ", "/", ".*", ".*", IDS),
                    known(
                            "^(unknown group( left)?|drawn) ConsumerGroupHeartbeat",
                            "/errorCode$",
                            "69",
                            "25",
                            UNKNOWN_GROUP),
                    known(
                            "(^intruder joins| classic ConsumerGroup)",
                            "/errorCode$",
                            "69",
                            "23|25",
                            KINDS),
                    known("ConsumerGroupHeartbeat v[01]$", "/assignment(/|$)", ".*", ".*", STEPS),
                    known(
                            "^fetch of 'm', epoch off by -1 OffsetFetch",
                            "/",
                            "113|0|\\(absent\\)",
                            ".*",
                            "OffsetFetch accepts earlier epochs"),
                    known(
                            " ConsumerGroupDescribe",
                            "/(assignment|targetAssignment)/topicPartitions/",
                            ".*",
                            ".*",
                            DESCRIBED),
                    known(
                            " ConsumerGroupDescribe",
                            "/groupState$",
                            "Reconciling",
                            "Stable",
                            DESCRIBED),
                    known(
                            "^left for a while ConsumerGroupDescribe",
                            "/memberEpoch$",
                            "-2",
                            "an epoch",
                            DESCRIBED));

    private static final List<Known> SESSIONS =
            List.of(
                    known(
                            "^session-errors-.* (topic|still) deleted Fetch",
                            "/errorCode$",
                            "3",
                            "100",
                            "A deleted topic of a fetch session"),
                    known(
                            "^session-limits-.* turn \\d Fetch",
                            "/",
                            ".*",
                            ".*",
                            "The partitions of a fetch session take turns"));

    static final List<Known> ALL =
            Stream.of(CLASSIC, CONSUMERS, SESSIONS).flatMap(List::stream).toList();

    private GroupDifferences() {}
}
