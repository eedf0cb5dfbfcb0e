package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.admin.GroupDescription;
import io.millrace.it.GroupEvent.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The members of a group, each a process, and all their events. Single-threaded. */
final class RecordedGroup implements AutoCloseable {

    /**
     * The properties of a group.
     *
     * @param sessionSeconds the session timeout of its members
     */
    record Spec(String id, String topic, int partitions, int sessionSeconds) {}

    private final Spec spec;
    private final FolderCluster cluster;
    private final Path folder;
    private final List<MemberProcess> members = new ArrayList<>();
    private final List<MemberProcess> alive = new ArrayList<>();
    private final Set<String> killed = new HashSet<>();

    /**
     * @param folder the folder for the members' records
     */
    RecordedGroup(FolderCluster cluster, Path folder, Spec spec) throws IOException {
        this.cluster = cluster;
        this.folder = Files.createDirectories(folder.resolve(spec.id()));
        this.spec = spec;
    }

    MemberProcess startMember() throws IOException {
        return startMember("");
    }

    /** Starts a member with an instance id that no other process has. */
    MemberProcess startMember(String instanceId) throws IOException {
        MemberProcess member =
                MemberProcess.start(
                        "m" + members.size(),
                        folder,
                        cluster.addresses(),
                        spec.topic(),
                        spec.id(),
                        spec.sessionSeconds(),
                        instanceId);
        members.add(member);
        alive.add(member);
        return member;
    }

    /** Starts the given number of members. */
    void startMembers(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            startMember();
        }
    }

    /** Requests a proper end of a member. */
    void endMember(MemberProcess member) throws IOException {
        alive.remove(member);
        member.requestEnd();
    }

    void killMember(MemberProcess member) throws InterruptedException {
        alive.remove(member);
        killed.add(member.name());
        member.kill();
    }

    /** Ends all members properly, one after another. */
    void endAll() throws IOException, InterruptedException {
        for (MemberProcess member : List.copyOf(alive)) {
            endMember(member);
            member.awaitProperEnd();
        }
    }

    /** Returns the members that were neither killed nor ended. */
    List<MemberProcess> alive() {
        return alive;
    }

    /** Returns the number of members that were ever started. */
    int size() {
        return members.size();
    }

    GroupHistory history() {
        GroupHistory whole = new GroupHistory();
        killed.forEach(whole::killed);
        members.forEach(member -> whole.add(member.name(), member.events()));
        return whole;
    }

    /** Returns the partitions that each live member processes. */
    Map<String, Set<Integer>> partitionsByMember() {
        GroupHistory now = history();
        return alive.stream()
                .collect(
                        Collectors.toMap(
                                MemberProcess::name, process -> now.partitionsOf(process.name())));
    }

    /** Waits until all members process the same number of partitions. */
    void awaitBalance() {
        int each = spec.partitions() / alive.size();
        Eventually.await(
                () -> "each has its share: " + partitionsByMember() + errors(),
                () ->
                        partitionsByMember().values().stream()
                                .allMatch(share -> share.size() == each));
    }

    /** Waits until everything below the given offsets is handled. */
    void awaitHandled(int[] ends) {
        Eventually.await(
                () -> "all is handled: " + partitionsByMember() + errors(),
                () -> {
                    GroupHistory now = history();
                    return IntStream.range(0, spec.partitions())
                            .allMatch(partition -> now.handledTo(partition) >= ends[partition]);
                });
    }

    /** Returns the assignments and revocations of each member, in order. */
    Map<String, List<GroupEvent>> assignmentEvents() {
        return members.stream()
                .collect(
                        Collectors.toMap(
                                MemberProcess::name,
                                member ->
                                        member.events().stream()
                                                .filter(event ->
                                                        event.kind() != Kind.BATCH_RECEIVED
                                                                && event.kind() != Kind.HANDLED)
                                                .toList()));
    }

    /** Returns the committed offset of each partition; -1 if there is none. */
    int[] committed(MillraceClient client) {
        int[] committed = new int[spec.partitions()];
        client.groups()
                .describe(spec.id())
                .partitions()
                .forEach(each ->
                        committed[each.id().partition()] =
                                Math.toIntExact(each.committed().orElse(-1)));
        return committed;
    }

    Set<String> ids(MillraceClient client) {
        return client.groups().describe(spec.id()).members().stream()
                .map(GroupDescription.Member::id)
                .collect(Collectors.toSet());
    }

    /**
     * Ends the group properly and checks that its history has no violation.
     *
     * @param run a description of the run for failures
     */
    void endAndCheck(String run, MillraceClient client, int[] ends)
            throws IOException, InterruptedException {
        awaitHandled(ends);
        endAll();
        assertThat(history().violation()).as(run).isEmpty();
        assertThat(committed(client)).containsExactly(ends);
    }

    String errors() {
        return members.stream().map(MemberProcess::errors).collect(Collectors.joining("\n"))
                + cluster.errors();
    }

    @Override
    public void close() {
        members.forEach(MemberProcess::close);
    }
}
