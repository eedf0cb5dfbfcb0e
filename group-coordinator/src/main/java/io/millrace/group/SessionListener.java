package io.millrace.group;

import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import java.util.List;

/**
 * Hears what a group wants of a member. Called on the loop, also from within calls of the {@link
 * GroupSession}. A partition goes through assigned, then maybe revoke, then released by the member
 * or lost; then it may be assigned again.
 */
public interface SessionListener {

    /**
     * Another process is the member's instance. This one takes its place when it says by {@link
     * GroupSession#accept} that it has heard this: it is to be asked each time, as what it said
     * before may be from before that other one began. Only before {@link #joined}; the last one
     * counts.
     *
     * @param memberId that it will have
     */
    void invited(String memberId);

    /** The group knows the member; the first to be heard, unless it is invited before or ended. */
    void joined(String memberId);

    /**
     * Partitions are the member's from now on.
     *
     * @param generation of the group: to be named in commits from now on
     */
    void assigned(int generation, List<AssignedPartition> partitions);

    /**
     * The member is to finish its work on these, to commit, and to release them. They are its own
     * until then. May be repeated after a change of the session.
     */
    void revoke(List<PartitionId> partitions);

    /** These are the member's no more, and it must stop at once. */
    void lost(List<PartitionId> partitions);

    /** The group heard of the member, at least up to this mark. */
    void alive(long mark);

    /**
     * The session is over, and nothing more is heard of it. With NOT_COORDINATOR, and other
     * retriable problems, the member keeps its partitions and should go on with another session;
     * otherwise it has lost them all.
     */
    void ended(Problem problem);
}
