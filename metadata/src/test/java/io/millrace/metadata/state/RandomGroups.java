package io.millrace.metadata.state;

import com.google.protobuf.ByteString;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Random commands of consumer groups, valid or not. Guesses, because it has no access to the state.
 */
final class RandomGroups {

    private static final int GROUPS = 3;

    private final RandomGenerator random;
    private final long[] claims = new long[GROUPS];
    private long claimed;
    private final int[] generations = new int[GROUPS];

    RandomGroups(RandomGenerator random) {
        this.random = random;
    }

    /**
     * @param writer the proposing incarnation
     * @param entry the approximate position of the entry in the log
     */
    Command command(long writer, long entry) {
        int which = random.nextInt(GROUPS);
        String group = "group-" + which;
        return switch (random.nextInt(14)) {
            case 0 -> {
                long before = random.nextBoolean() ? claims[which] : 0;
                // If the claim is applied, this is about its epoch.
                claims[which] = ++claimed;
                yield new Command.GroupClaimed(group, writer, before);
            }
            case 1 -> new Command.GroupReleased(group, claims[which]);
            case 2, 3, 4, 5 ->
                    new Command.GroupChanged(group, claims[which], ++generations[which], change());
            case 6 ->
                    random.nextInt(4) == 0
                            ? new Command.GroupDeleted(group)
                            : new Command.GroupDeleted("group-" + GROUPS);
            case 7 -> new Command.GroupsExpired(random.nextLong(entry / 4 + 1));
            case 8 ->
                    new Command.OffsetsDeleted(
                            group,
                            List.of(
                                    new PartitionId(random.nextInt(1, 8), random.nextInt(5)),
                                    new PartitionId(random.nextInt(1, 8), random.nextInt(5))));
            case 9 -> new Command.MembersRemoved(group, List.of(member()));
            default -> commit(group, generations[which]);
        };
    }

    private Command commit(String group, int generation) {
        List<OffsetCommit> commits = new ArrayList<>();
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            commits.add(
                    new OffsetCommit(
                            random.nextInt(1, 8),
                            random.nextInt(5),
                            new CommittedOffset(
                                    random.nextInt(100),
                                    random.nextInt(-1, 2),
                                    random.nextBoolean() ? "" : "at " + random.nextInt(9))));
        }
        return random.nextBoolean()
                ? new Command.OffsetsCommitted(group, "", -1, commits)
                : new Command.OffsetsCommitted(
                        group,
                        member(),
                        generation - random.nextInt(2),
                        random.nextInt(-1, 6),
                        commits);
    }

    private GroupChange change() {
        List<String> left = random.nextInt(3) == 0 ? List.of(member(), member()) : List.of();
        List<GroupMember> joined = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            String id = member();
            joined.add(
                    new GroupMember(
                            id,
                            random.nextBoolean() ? "" : "instance of " + id,
                            ByteString.copyFromUtf8("details " + random.nextInt(9)),
                            random.nextBoolean()
                                    ? ByteString.EMPTY
                                    : ByteString.copyFromUtf8("assignment")));
        }
        List<LeaseChange> leases = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            leases.add(
                    new LeaseChange(
                            random.nextInt(1, 8),
                            random.nextInt(5),
                            random.nextInt(4) == 0 || joined.isEmpty()
                                    ? ""
                                    : joined.get(random.nextInt(joined.size())).id()));
        }
        return new GroupChange("sticky", ByteString.copyFromUtf8("g"), left, joined, leases);
    }

    private String member() {
        return "member-" + random.nextInt(3);
    }
}
